"""What is shipped: the wheel and the source archive hold everything that Lamina needs, and the wheel nothing else."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from architecture.source import ROOT, SRC


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
    return {path.suffix: path for path in folder.iterdir()}


def package_files() -> set[str]:
    """Every file of the package, code and data, as a path below src; not what was compiled on this machine."""
    made_here = {"__pycache__", "compiled"}
    files = (path for path in SRC.rglob("*") if path.is_file() and made_here.isdisjoint(path.parts))
    return {path.relative_to(SRC.parent).as_posix() for path in files}


def test_the_wheel_is_the_package_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built[".whl"]) as wheel:
        names = set(wheel.namelist())
        entry_points = next(wheel.read(name).decode() for name in names if name.endswith("/entry_points.txt"))
    assert {name for name in names if ".dist-info/" not in name} == package_files()
    assert "lamina/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert "lamina = lamina.cli:main" in entry_points


def test_the_source_archive_holds_the_package_and_its_tests(built: dict[str, Path]) -> None:
    with tarfile.open(built[".gz"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {f"src/{name}" for name in package_files()} | {
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "tests/conftest.py",
    }
    assert needed <= names
