"""Checkpoints that Hugging Face's `transformers` made in its own environment; without it these tests are skipped."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

collect_ignore = ["transformers_oracle.py"]  # runs in that environment, not in this one

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / "benchmarks" / ".envs" / "transformers"
ORACLE = Path(__file__).parent / "transformers_oracle.py"


@pytest.fixture(scope="session")
def checkpoints() -> Path:
    """A folder with one folder per checkpoint, each with the answers of the model in answers.npz.

    They depend on the oracle and the versions alone, and are kept in the environment's folder under a hash of both.
    """
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        pytest.skip("no environment with transformers: run `python benchmarks/environments.py transformers`")
    basis = ORACLE.read_bytes() + (ROOT / "benchmarks" / "envs" / "transformers.txt").read_bytes()
    kept = ENVIRONMENT / "answers" / hashlib.sha256(basis).hexdigest()[:16]
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        made = subprocess.run([python, ORACLE, kept], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr[-3000:]
    return kept


@pytest.fixture
def checkpoint(checkpoints: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a checkpoint, to be spoilt."""
    return lambda name: Path(shutil.copytree(checkpoints / name, tmp_path / name))
