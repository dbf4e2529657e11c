"""Mutated files: read or refused, never anything else. `make fuzz` does a hundred thousand."""

import signal
from pathlib import Path

import pytest

from models.fuzz import fuzz


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="a hang cannot be stopped here")
def test_mutations_of_valid_files(tmp_path: Path) -> None:
    ends, wrong = fuzz(tmp_path, count=2200, seed=1)
    assert not wrong
    assert sum(number for (_, end), number in ends.items() if end == "refused") > 1500
    assert {name for name, _ in ends} == {name for name, end in ends if end == "refused"}
