"""One line that shows how far some steps have come: live on a terminal, nothing until the end elsewhere."""

import time
import weakref
from typing import Any

from ..core import require
from .messages import console, number

TICK = 0.1  # seconds between two drawings


class ProgressLine:
    """Counts steps and, on a terminal, draws a bar with the newest numbers at most 10 times a second.

    No thread draws it: the loop does, when it reports. What other code prints meanwhile appears above it.

    Args:
        label: what is going on.
        total: how many steps there will be; None if unknown.
        live: whether to draw at all, if there is a terminal.

    Attributes:
        steps_done: how many steps have been reported.
        started: when it began, on the clock of time.perf_counter.
        phase: a word about what happens now, shown instead of the pace.
    """

    def __init__(self, label: str, total: int | None, live: bool = True) -> None:
        self.label, self.total, self.phase = label, total, ""
        self.started = time.perf_counter()
        self.steps_done = 0
        self._first: tuple[int, float] | None = None  # the first report: before it, programs were compiled
        self._drawn = 0.0
        self._logs: dict[str, Any] = {}
        self._live: Any = self._open() if live and console().is_interactive else None

    def _open(self) -> Any:
        live = require("rich.live").Live(console=console(), auto_refresh=False, transient=True)
        try:
            live.start()
        except require("rich.errors").LiveError:  # the user's own live display is already there
            return None
        self._stop = weakref.finalize(self, live.stop)  # gives the cursor back, also if nobody closes this line
        return live

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """Take in a report, and draw it if the last drawing is not too fresh."""
        self.steps_done, self._logs = steps_done, logs
        if self._live is None:
            return
        now = time.perf_counter()
        if self._first is None:
            self._first = steps_done, now
        if now - self._drawn >= TICK:
            self.show("")

    def show(self, phase: str) -> None:
        """Draw now."""
        self.phase, self._drawn = phase, time.perf_counter()
        if self._live is not None:
            self._live.update(self._render(), refresh=True)

    def close(self) -> None:
        """Wipe the bar off the terminal; may be called twice."""
        if self._live is not None:
            self._stop()
        self._live = None

    def rate(self) -> float | None:
        """Steps per second, without the time before the first report; None while unknown."""
        if self._first is None or self.steps_done <= self._first[0]:
            return None
        return (self.steps_done - self._first[0]) / max(time.perf_counter() - self._first[1], 1e-9)

    def _pace(self) -> str:
        rate = self.rate()
        if self.phase or rate is None:
            return self.phase or "starting"
        if self.total is None:
            return f"{rate:.3g} steps/s"
        return f"{rate:.3g} steps/s, {clock((self.total - self.steps_done) / rate)} left"

    def _render(self) -> Any:
        table = require("rich.table").Table.grid(padding=(0, 2, 0, 0))
        bar = require("rich.progress_bar").ProgressBar(total=self.total, completed=self.steps_done, width=20)
        numbers = "  ".join(f"{name} {number(value)}" for name, value in self._logs.items())
        for _ in range(5):
            table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_row(self.label, bar, f"{self.steps_done}/{self.total or '?'}", self._pace(), numbers)
        return table


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where needed.

    Example:
        >>> clock(7.4), clock(3725)
        ('0:07', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def describe(label: str, steps: int, seconds: float, logs: dict[str, Any]) -> str:
    """The line that stays: what was done, how long it took, and its numbers.

    Example:
        >>> describe("Epoch 1/5", 469, 12.34, {"loss": 0.25})
        'Epoch 1/5  469 steps in 12.3 s  loss 0.2500'
    """
    numbers = [f"{name} {number(value)}" for name, value in logs.items()]
    return "  ".join([label, f"{steps} step{'s' * (steps != 1)} in {seconds:.1f} s", *numbers])
