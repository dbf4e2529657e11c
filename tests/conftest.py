"""Fixtures that any test may ask for."""

from collections.abc import Iterator

import jax
import numpy as np
import pytest

collect_ignore = ["peers/keras_oracle.py"]  # runs in Keras's environment, not in this one


@pytest.fixture
def x64() -> Iterator[None]:
    """JAX computes in float64 during this test, as central differences need."""
    with jax.enable_x64(True):
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    """NumPy's generator with a fixed seed."""
    return np.random.default_rng(0)
