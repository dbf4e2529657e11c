"""The folder of one run: its files, written whole or not at all, and what is needed to do it again."""

import hashlib
import json
import math
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ..core import ArgumentError
from ..core.files import write_whole
from ..native import has_kernels

PACKAGES = ("lamina", "jax", "jaxlib", "numpy")


class RunFolder:
    """Where a run keeps its files.

    Args:
        path: a folder that does not exist yet, or is empty.
        existing: the folder of a run that goes on.

    Raises:
        ArgumentError: something is there already; a run never overwrites another.

    Attributes:
        path: the folder.
        metrics, config, model, report: paths of metrics.jsonl, config.json, model.lamina and report.html in it.
        state: the folder in it that keeps the state of the training.

    Example:
        >>> import tempfile
        >>> run = RunFolder(Path(tempfile.mkdtemp(), "runs", "first"))
        >>> run.write_config({"seed": 0})
        >>> run.config.read_text().splitlines()[1].strip()
        '"seed": 0,'
    """

    def __init__(self, path: str | os.PathLike[str], existing: bool = False) -> None:
        self.path = Path(path)
        if not existing and self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise ArgumentError(
                "RunFolder",
                "a run never overwrites another",
                expected="a folder that is new or empty",
                received=self.path,
                remedy="Choose another folder, or delete this one",
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self.metrics, self.config = self.path / "metrics.jsonl", self.path / "config.json"
        self.model, self.report = self.path / "model.lamina", self.path / "report.html"
        self.state = self.path / "state"

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write config.json, adding the versions and the machine; an older one is replaced as a whole."""
        text = json.dumps({**config, "versions": versions(), "machine": machine()}, indent=2, allow_nan=False)
        write_whole(self.config, f"{text}\n".encode())

    def steps(self, name: str) -> list[float]:
        """What metrics.jsonl says about every step: the values of `name`, NaN where there was none."""
        with self.metrics.open(encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        values = [record.get(name) for record in records if record["kind"] == "step"]
        return [math.nan if value is None else float(value) for value in values]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose numbers matter.

    Example:
        >>> sorted(versions())
        ['jax', 'jaxlib', 'lamina', 'numpy', 'python']
    """
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # used from its source folder, without being installed
            found[package] = "unknown"
    return found


def machine() -> dict[str, Any]:
    """What computes: system, processor, cores, bytes of memory (None where the system does not tell), devices.

    Example:
        >>> machine()["cores"] >= 1
        True
    """
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory": _memory(),
        "devices": [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()],
        "kernels": has_kernels(),
        "x64": bool(jax.config.values["jax_enable_x64"]),
    }


def _memory() -> int | None:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def fingerprint(*arrays: np.ndarray) -> str:
    """SHA-256 of arrays: their types, shapes and values.

    Example:
        >>> fingerprint(np.arange(3)) == fingerprint(np.arange(3)), fingerprint(np.arange(3)) == fingerprint(np.ones(3))
        (True, False)
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
