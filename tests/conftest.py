"""Fixtures that any test may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

TABLES = {"layers", "losses", "metrics", "ops", "optimizers"}  # folders of small programs that run a few times
# These run in other environments.
collect_ignore = ["peers/keras_oracle.py", "peers/torch_attention.py", "peers/torch_recurrent.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All checks of one case of a table come one after another: they share programs, which a worker compiles once."""
    first: dict[Any, int] = {}
    places = {}
    for index, item in enumerate(items):
        case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
        places[item] = first.setdefault((item.path, id(case)), index) if case is not None else index
    items.sort(key=places.__getitem__)


@pytest.fixture(autouse=True)
def compiled_in_a_hurry(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small programs are not optimised: that takes longer than they run. Where models are trained, they are."""
    folder = request.path.relative_to(Path(__file__).parent).parts[0]
    jax.config.update("jax_disable_most_optimizations", folder in TABLES)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture
def x64() -> Iterator[None]:
    """JAX computes in float64 during this test, as central differences need."""
    with jax.enable_x64(True):
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    """NumPy's generator with a fixed seed."""
    return np.random.default_rng(0)
