"""The weather of every test, also of the examples in docstrings: strict, and the same each time."""

import os
from collections.abc import Iterator

import jax
import pytest

from lamina.core import set_seed

os.environ["MPLBACKEND"] = "Agg"  # no test opens a window
jax.config.update("jax_platforms", os.environ.get("JAX_PLATFORMS") or "cpu")
jax.config.update("jax_num_cpu_devices", 4)  # several devices on any machine, so that sharding is tested
jax.config.update("jax_numpy_dtype_promotion", "strict")  # a silent change of dtype inside Lamina is an error


@pytest.fixture(autouse=True)
def fixed_seed() -> Iterator[None]:
    """Every test starts from seed 0, whatever ran before it."""
    set_seed(0)
    yield
