"""Models of these tests are looked at and hardly trained: their programs are not optimised."""

from collections.abc import Iterator

import jax
import pytest


@pytest.fixture(autouse=True)
def compiled_in_a_hurry(compiled_in_a_hurry: None) -> Iterator[None]:
    jax.config.update("jax_disable_most_optimizations", True)
    yield
