"""Files made to do harm are refused, with an error of Lamina's, and nothing happens: no file, no import, no process."""

import os
import subprocess
from pathlib import Path

import pytest

import lamina
from lamina.core import LaminaError
from models.malicious import FORGERIES, Forger, write_valid
from models.sandbox import at_most, sandbox


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid file, loaded once, so that everything that belongs to loading has been imported and compiled."""
    path = tmp_path_factory.mktemp("valid") / "model.lamina"
    write_valid(path)
    lamina.load_model(path)
    return path


@pytest.fixture
def path(valid: Path, tmp_path: Path) -> Path:
    (tmp_path / "model.lamina").write_bytes(valid.read_bytes())
    return tmp_path / "model.lamina"


def test_loading_a_valid_file_opens_this_file_and_nothing_else(path: Path) -> None:
    with sandbox(path) as seen:
        lamina.load_model(path)
    assert not seen


@pytest.mark.parametrize(
    "act",
    [
        lambda path: open("/etc/hostname"),
        lambda path: open(path, "ab"),
        lambda path: os.listdir("/"),
        lambda path: subprocess.run(["true"], check=False),
        lambda path: exec("1"),  # noqa: S102
        lambda path: __import__("antigravity"),
        lambda path: path.unlink(),
    ],
)
def test_the_sandbox_notices(path: Path, act: object) -> None:
    with sandbox(path) as seen, pytest.raises(PermissionError):
        act(path)  # type: ignore[operator]
    assert seen and path.exists()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_file_is_refused(path: Path, name: str) -> None:
    FORGERIES[name](Forger(path))
    before = path.read_bytes()
    with sandbox(path) as seen, at_most(1.0, 200), pytest.raises(LaminaError):
        lamina.load_model(path)
    assert not seen and path.read_bytes() == before and os.listdir(path.parent) == ["model.lamina"]
