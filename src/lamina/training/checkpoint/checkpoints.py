"""The files of a run's state: written beside the older ones, proved, and only then are the oldest removed."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core import ArgumentError, FileFormatError
from ...core.archive import Archive, read_archive, write_archive
from .place import Place

STATE, ARRAYS = "state.json", "arrays.safetensors"
_PATTERN = "checkpoint-*.state"


class Checkpoints:
    """Where, how often and how many: the state of a run, for `fit(run=...)`.

    Args:
        folder: the run's folder; made if it is missing. Files are called checkpoint-EPOCH-STEP.state.
        seconds: save when so much time has gone by since the last; None leaves that out.
        steps: also save after every so many steps of an epoch.
        keep: how many of the latest stay.
        monitor: a logged name, for example "val_loss"; the state after the epoch in which it was best stays, too.
        mode: "min" or "max", what is better.

    Raises:
        ArgumentError: a number below 1, or another mode.

    Example:
        >>> import lamina, numpy as np, tempfile
        >>> model = lamina.Sequential([lamina.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> folder, x = tempfile.mkdtemp(), np.ones((8, 2))
        >>> history = model.fit(x, x[:, :1], epochs=3, verbose=0, run=Checkpoints(folder, keep=1))
        >>> [path.name for path in Checkpoints(folder).paths()]
        ['checkpoint-00003-000000000.state']
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        seconds: float | None = 60.0,
        steps: int | None = None,
        keep: int = 2,
        monitor: str | None = None,
        mode: str = "min",
    ) -> None:
        sizes = {"seconds": seconds, "steps": steps, "keep": keep}
        for name, value in sizes.items():
            if value is not None and value < (0 if name == "seconds" else 1):
                raise ArgumentError(
                    "Checkpoints",
                    f"{name} says how often, or how many",
                    expected="a positive number" + ("" if name == "keep" else ", or None"),
                    received=value,
                    remedy="Leave it out for the default",
                )
        if mode not in ("min", "max"):
            raise ArgumentError(
                "Checkpoints", "mode says what is better", expected="'min' or 'max'", received=mode, remedy="Choose one"
            )
        self.folder, self.seconds, self.steps, self.keep = Path(folder), seconds, steps, keep
        self.monitor, self.mode = monitor, mode
        self.best: tuple[float, str] | None = None  # value, and name of the file

    def paths(self) -> list[Path]:
        """The files, the oldest state first."""
        return sorted(self.folder.glob(_PATTERN))

    def path(self, place: Place) -> Path:
        """Where the state at a place is kept."""
        return self.folder / f"checkpoint-{place.epoch:05d}-{place.step:09d}.state"

    def remove_leftovers(self) -> None:
        """Remove what a killed process had begun to write; only for who holds the folder."""
        for path in self.folder.glob(f".{_PATTERN}.*.tmp"):
            path.unlink(missing_ok=True)

    def write(self, place: Place, parts: Mapping[str, bytes]) -> Path:
        """Keep the state of `place`; older files go when the new one has been read back.

        Raises:
            OSError: it could not be written; all that was there still is.
        """
        path = self.path(place)
        write_archive(path, parts)
        _prove(path)
        newest = self.paths()
        for old in newest[: newest.index(path)][: -(self.keep - 1) or None]:
            if self.best is None or old.name != self.best[1]:
                old.unlink(missing_ok=True)
        return path

    def note(self, place: Place, logs: Mapping[str, Any]) -> bool:
        """Take in an epoch's results; whether the state at `place` after it is the best so far."""
        value = logs.get(self.monitor) if self.monitor else None
        sign = 1 if self.mode == "min" else -1
        if value is None or (self.best is not None and not sign * value < sign * self.best[0]):
            return False
        self.best = float(value), self.path(place).name
        return True

    def latest(self) -> tuple[Path, dict[str, bytes]] | None:
        """The newest state that can be read, or None without any. A damaged one is passed over with a warning.

        Raises:
            FileFormatError: there are files, and none can be read.
        """
        damaged: FileFormatError | None = None
        for path in reversed(self.paths()):
            try:
                return path, read(path)
            except FileFormatError as error:
                warnings.warn(f"{path} is damaged, the run goes on from an older state: {error}", stacklevel=2)
                damaged = error
        if damaged is not None:
            raise damaged
        return None


def _prove(path: Path) -> None:
    """Read a file back, piece by piece."""
    with path.open("rb") as file:
        archive = Archive(path, file)
        for name in archive.members:
            archive.check(name)


def read(path: Path) -> dict[str, Any]:
    """The parts of one file, checked against their sums."""
    return read_archive(path, (STATE, ARRAYS))[0]
