"""How a test asks Keras: one process for the whole run, answers kept on disk, one rule for "the same number"."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
ENVIRONMENT = ROOT / "benchmarks" / ".envs" / "keras-jax"
INTERPRETER = ENVIRONMENT / "bin" / "python"
ORACLE = HERE / "keras_oracle.py"
TOLERANCE = 1e-5


class KerasError(Exception):
    """Keras refused the request; the text is its traceback."""


class Keras:
    """A running oracle. `ask` sends one request and waits for its arrays.

    An answer depends on the request, the oracle's code and Keras' version alone, so it is kept in the environment's
    folder under a hash of the three: only what is new is computed, and Keras is not even started when nothing is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = ENVIRONMENT / "answers"
        self.answers.mkdir(exist_ok=True)
        self.basis = ORACLE.read_bytes() + (ROOT / "benchmarks" / "envs" / "keras-jax.txt").read_bytes()

    def ask(self, kind: str, arrays: dict[str, np.ndarray], **wanted: Any) -> dict[str, np.ndarray]:
        request = {"kind": kind, **wanted}
        known = self.answers / f"{self.key(request, arrays)}.npz"
        if not known.exists():
            source, target = self.folder / "request.npz", self.folder / "answer.npz"
            np.savez(source, **arrays)
            self.send({**request, "arrays": str(source), "answer": str(target)})
            shutil.move(target, known)
        with np.load(known) as file:
            return dict(file)

    def key(self, request: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
        digest = hashlib.sha256(self.basis + json.dumps(request).encode())
        for name, value in arrays.items():
            digest.update(f"{name} {value.dtype} {value.shape}".encode() + value.tobytes())
        return digest.hexdigest()[:32]

    def send(self, request: dict[str, Any]) -> None:
        print(json.dumps(request), file=self.process.stdin)
        reply = self.process.stdout.readline()
        if not reply:
            raise KerasError("the Keras process ended: " + (self.folder / "stderr.txt").read_text()[-2000:])
        if error := json.loads(reply).get("error"):
            raise KerasError(error)

    @cached_property
    def process(self) -> subprocess.Popen[str]:
        with (self.folder / "stderr.txt").open("w") as chatter:
            command, env = [INTERPRETER, ORACLE], {**os.environ, "XLA_FLAGS": ""}  # conftest.py's flags are not Keras'
            pipe = subprocess.PIPE
            return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=chatter, text=True, bufsize=1, env=env)

    def close(self) -> None:
        if "process" in vars(self):
            self.process.stdin.close()
            self.process.wait(timeout=30)
            self.process.stdout.close()


def numbered(arrays: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """The arrays called name_0, name_1, ... in order."""
    count = sum(key.startswith(f"{name}_") and key.removeprefix(f"{name}_").isdigit() for key in arrays)
    return [arrays[f"{name}_{i}"] for i in range(count)]


def seed_of(*parts: Any) -> int:
    """A seed that depends on the case alone, not on its place in the table."""
    return zlib.crc32(repr(parts).encode())


def title(name: str, config: dict[str, Any], *more: Any) -> str:
    """A readable test id: `Conv2D(filters=4,strides=2)-training`."""
    inside = ",".join(f"{key}={value}" for key, value in config.items())
    return "-".join([f"{name}({inside})", *(str(part) for part in more if part)]).replace(" ", "")


def assert_same(actual: Any, expected: np.ndarray, what: str, tolerance: float = TOLERANCE) -> None:
    """Equal shapes, and no element further away than 1e-5 of the largest expected one (at least of 1)."""
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, Keras has {expected.shape}"
    if not expected.size:
        return
    assert np.array_equal(np.isnan(actual), np.isnan(expected)), f"{what}: NaN in other places than in Keras"
    error = np.nanmax(np.abs(actual.astype("float64") - expected), initial=0.0)
    allowed = tolerance * max(1.0, np.nanmax(np.abs(expected), initial=0.0))
    assert error <= allowed, f"{what}: off by {error:.3g}, allowed {allowed:.3g}\nLamina\n{actual}\nKeras\n{expected}"
