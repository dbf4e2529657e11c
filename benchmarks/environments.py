"""The peers' environments: one virtual environment for each file of `envs/`, made on demand and kept in `.envs/`.

`python benchmarks/environments.py keras-jax torch` makes those two; without names, all. Nothing of this touches
Lamina's own environment.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE / ".envs"
REQUIREMENTS = {path.stem: path for path in sorted((HERE / "envs").glob("*.txt"))}


def interpreter(name: str) -> Path:
    """The Python of an environment, whether or not it has been made."""
    return KEPT / name / "bin" / "python"


def make(name: str) -> Path:
    """Make the environment unless it is there with the same requirements; return its Python."""
    wanted = REQUIREMENTS[name].read_text()
    stamp = KEPT / name / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the environment {name} in {KEPT / name} ...", flush=True)
        venv.create(KEPT / name, with_pip=True, clear=True)
        subprocess.run([interpreter(name), "-m", "pip", "install", "-q", "-r", REQUIREMENTS[name]], check=True)
        stamp.write_text(wanted)
    return interpreter(name)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or REQUIREMENTS:
        print(make(chosen))
