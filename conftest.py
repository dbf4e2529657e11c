"""The weather of every test, also of the examples in docstrings: strict, and the same each time."""

import os
from collections.abc import Iterator

import jax
import pytest

from lamina.core import set_dtype_policy, set_seed

os.environ["MPLBACKEND"] = "Agg"  # no test opens a window
# Tests compile thousands of programs and run each a few times. XLA's older emitters, which newer ones than JAX 0.10's
# no longer have, compile faster; the code that users run, made by the default ones, is what `make peers` and
# `make mnist` test.
if jax.__version_info__ < (0, 11):
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")
jax.config.update("jax_platforms", os.environ.get("JAX_PLATFORMS") or "cpu")
jax.config.update("jax_num_cpu_devices", 4)  # several devices on any machine, so that sharding is tested
jax.config.update("jax_numpy_dtype_promotion", "strict")  # a silent change of dtype inside Lamina is an error


@pytest.fixture(autouse=True)
def same_start() -> Iterator[None]:
    """Every test starts from seed 0 and float32, whatever ran before it."""
    set_seed(0)
    yield
    set_dtype_policy("float32")
    jax.config.update("jax_enable_x64", False)  # which the float64 policy switches on
