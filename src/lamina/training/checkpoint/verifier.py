"""A stretch of a run is trained again, and must come out the same to the last bit."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...core import ArgumentError, ReproductionError
from ...core.tensor_file import load_tensors
from .checkpoints import ARRAYS, STATE, Checkpoints, read
from .codec import unpack
from .keeper import Keeper
from .place import Place


class Verified(Exception):
    """The stretch has come to its end, and is the same."""


class Verifier(Keeper):
    """Goes on from a state of a run until the next one that was kept, and compares the two; writes nothing.

    Args:
        checkpoints: as for `Keeper`. One of the stretches between its states is chosen at random; the first begins
            with the run.

    Raises:
        ArgumentError: there is no state.
        ReproductionError: while training: the stretch came out differently.

    Attributes:
        sentence: what was the same, once it is known.
    """

    sentence = ""

    def __init__(self, checkpoints: Any) -> None:
        files = checkpoints if isinstance(checkpoints, Checkpoints) else Checkpoints(checkpoints)
        stretches = _stretches(files.paths())
        if not stretches:
            raise ArgumentError(
                "verify",
                "a run that is trained again has been kept",
                expected="a folder with the state of a run after some of its steps",
                received=files.folder,
                remedy="Train with fit(..., run=FOLDER), or lamina train",
            )
        self._from, self.target_path = random.choice(stretches)  # not a draw of the run's
        parts = read(self.target_path)
        self._target = load_tensors(str(self.target_path), parts[ARRAYS])
        self.target = Place(**unpack(json.loads(parts[STATE]), self._target)["place"])
        super().__init__(files, True)

    def _newest(self) -> tuple[Path, dict[str, bytes]] | None:
        return None if self._from is None else (self._from, read(self._from))

    def ahead(self, place: Place) -> int:
        there = place.epoch == self.target.epoch and place.step < self.target.step
        return self.target.step - place.step if there else super().ahead(place)

    def at(self, place: Place, urgent: bool = False) -> None:
        if (place.epoch, place.step) == (self.target.epoch, self.target.step):
            self._compare()

    def epoch_ended(self, place: Place, logs: Mapping[str, Any]) -> None:
        self.at(place)

    def _compare(self) -> None:
        names = [name for name in self.variables if self.target.logs is None or not name.startswith("step/")]
        other = [name for name in names if not _equal(self.variables[name].numpy(), self._target[f"variables/{name}"])]
        stretch = f"from {self.place} to {self.target}"
        if other:
            raise ReproductionError(
                "verify",
                f"a run that is trained again comes out the same ({stretch})",
                expected=f"the values in {self.target_path}",
                received=f"{len(other)} of {len(names)} variables differ: {', '.join(other[:5])}",
                remedy="Compare versions, machine and number of cores with those in the run's config.json",
            )
        self.sentence = f"Trained again {stretch}: all {len(names)} variables are equal to the last bit."
        raise Verified

    def __exit__(self, *failure: Any) -> bool:
        super().__exit__(*failure)
        if failure[1] is None:
            raise ArgumentError(
                "verify",
                "the run is trained again until a state that was kept",
                expected=f"to get to {self.target}",
                received="an end of training before it",
                remedy="Pass the same epochs and callbacks as to the run",
            )
        return isinstance(failure[1], Verified)


def _stretches(paths: list[Path]) -> list[tuple[Path | None, Path]]:
    """Neighbouring states with steps between them; the first begins with the run."""
    states = [json.loads(read(path)[STATE]) for path in paths]
    pairs = zip([None, *paths], paths, [None, *states], states, strict=False)
    return [(one, other) for one, other, before, after in pairs if _has_steps(before, after)]


def _has_steps(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Whether training gets from one state to the other by steps, and not by a hook or a validation alone."""
    if after["place"]["begun"] and after["place"]["step"] == 0:  # stopped before the first step of an epoch
        return False
    return before is None or (before["place"]["step"], after["place"]["step"]) != (after["facts"]["steps"], 0)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
