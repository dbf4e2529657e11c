"""Where the time of a run goes, from the start of the process on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.monitoring

COMPILING = (
    "/jax/core/compile/jaxpr_trace_duration",
    "/jax/core/compile/jaxpr_to_mlir_module_duration",
    "/jax/core/compile/backend_compile_duration",
)


class Stopwatch:
    """Adds up phases by the clock on the wall; what JAX spends on compiling inside them counts apart.

    Attributes:
        seconds: phase -> seconds without compiling; "compiling" -> all of that.

    Example:
        >>> watch = Stopwatch()
        >>> with watch.phase("waiting"): time.sleep(0.01)
        >>> watch.seconds["waiting"] >= 0.01
        True
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Everything in the block belongs to `name`."""
        spans: list[tuple[float, float]] = []

        def listen(event: str, duration_secs: float, **_: Any) -> None:
            if event in COMPILING:
                now = time.perf_counter()
                spans.append((now - duration_secs, now))

        jax.monitoring.register_event_duration_secs_listener(listen)
        start = time.perf_counter()
        try:
            yield
        finally:
            jax.monitoring.unregister_event_duration_listener(listen)
            compiling = covered(spans)
            self.add(name, time.perf_counter() - start - compiling)
            self.add("compiling", compiling)

    def add(self, name: str, seconds: float) -> None:
        """More time for a phase."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


def covered(spans: list[tuple[float, float]]) -> float:
    """The length of the union of spans of time: what is nested counts once.

    Example:
        >>> covered([(0.0, 2.0), (1.0, 3.0), (5.0, 6.0), (5.2, 5.4)])
        4.0
    """
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def since_process_start() -> float:
    """Seconds since the system started this process; where it does not tell, the processor time used since.

    Example:
        >>> since_process_start() > 0
        True
    """
    try:
        started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return float(Path("/proc/uptime").read_text().split()[0]) - started / 100  # 100 ticks a second, on every Linux
    except (OSError, ValueError, IndexError):
        return time.process_time()
