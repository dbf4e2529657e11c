"""These tests need Keras in its own environment; `make peers` makes it and runs them. Without it they are skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .asking import INTERPRETER, Keras

# These run in the environments of Keras and PyTorch.
collect_ignore = ["keras_oracle.py", "torch_attention.py", "torch_recurrent.py"]


@pytest.fixture(scope="session")
def keras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keras]:
    if not INTERPRETER.exists():
        pytest.skip("no Keras environment: run `make peers`")
    oracle = Keras(tmp_path_factory.mktemp("keras"))
    yield oracle
    oracle.close()
