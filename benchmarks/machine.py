"""The machine: what it is, whether anything else is busy on it, and how fast it can multiply at best."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

QUIET = 0.05
"""Share of one CPU that others may use before a measurement is not to be trusted."""


def busy_cpus(seconds: float = 1.0) -> float:
    """How many CPUs were busy on average over the last `seconds`; this process sleeps meanwhile."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return os.getloadavg()[0]
    before, start = idle_seconds(stat), time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - start
    return max(0.0, os.cpu_count() - (idle_seconds(stat) - before) / passed)


def idle_seconds(stat: Path) -> float:
    """Idle and waiting-for-disk time of all CPUs together since the start of the machine."""
    fields = stat.read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def matmul_peak(sizes: tuple[int, ...] = (1024, 2048), rounds: int = 9) -> float:
    """Float32 GFLOP/s of the best matrix product at hand, NumPy's or XLA's, in the best of the sizes; a scale for the
    other figures. Each is the median of several: which library knows the processor better differs from one to another.
    """
    libraries = ((np.matmul, np.ones), (jax.jit(jnp.matmul), jnp.ones))
    return max(gflops(multiply, ones((n, n), "float32"), rounds) for n in sizes for multiply, ones in libraries)


def gflops(multiply: Callable[[Any, Any], Any], square: Any, rounds: int) -> float:
    """What a matrix product reaches; its first call, which may compile, is not counted."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        jax.block_until_ready(multiply(square, square))
        seconds.append(time.perf_counter() - start)
    return 2 * len(square) ** 3 / median(seconds[1:]) / 1e9


def import_seconds(module: str, rounds: int = 5) -> float:
    """How long Python takes to import a module, the median of several processes; the first one warms the disk."""
    code = f"import time; begin = time.perf_counter(); import {module}; print(time.perf_counter() - begin)"
    command = [sys.executable, "-c", code]
    times = [float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(rounds + 1)]
    return median(times[1:])


def describe() -> dict[str, Any]:
    """CPU, number of CPUs this process may use, memory, system, the matmul peak, and what imports take."""
    return {
        "cpu": cpu_name(),
        "cpus": cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "matmul_gflops": round(matmul_peak(), 1),
        "import_jax_s": round(import_seconds("jax"), 3),
        "import_lamina_s": round(import_seconds("lamina"), 3),
    }


def cpu_name() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    named = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def cpu_count() -> int:
    """CPUs that this process may use; every worker is told to use as many threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
