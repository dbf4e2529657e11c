"""Keeps the state of one `fit` in a folder while it trains, and brings it back."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any, Self

import numpy as np
from safetensors.numpy import save as save_tensors

from ...core import ArgumentError, DataError, FileFormatError, Variable, get_random_state, set_random_state
from ...core.tensor_file import load_tensors
from ..run_folder import versions
from .checkpoints import ARRAYS, STATE, Checkpoints
from .codec import pack, unpack
from .lock import FolderLock
from .place import Place

FORMAT = 1
_VARIABLES, _CALLBACKS, _LOGS = "variables/", "callbacks/", "logs/"


class Keeper:
    """The state of a run: what it consists of, when it is written, and how it is put back.

    It holds all Variables of the model, of the optimizer and of the step (metrics among them), the seed and what has
    been drawn, the place in the data, and what the callbacks must remember.

    Args:
        checkpoints: where and how often; a path for the defaults.
        resume: go on from the newest state, if there is one; a dict also sets what is to be different from there on.

    Raises:
        ArgumentError: there is a state already, and it shall not be resumed; or another process is at work there.
    """

    def __init__(self, checkpoints: Any, resume: bool | Mapping[str, Any]) -> None:
        self.files = checkpoints if isinstance(checkpoints, Checkpoints) else Checkpoints(checkpoints)
        self.overrides = dict(resume) if isinstance(resume, Mapping) else {}
        self.files.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FolderLock(self.files.folder)
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        self._saved, self._last = time.monotonic(), Place(-1)
        self.place = Place()
        self._state: dict[str, Any] = {}
        self._arrays: dict[str, np.ndarray] = {}
        try:
            self.files.remove_leftovers()
            self._open(resume is not False)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, resume: bool) -> None:
        if not resume and self.files.paths():
            raise ArgumentError(
                "fit",
                "a run never overwrites another",
                expected="a folder without a state in it",
                received=self.files.paths()[-1],
                remedy="Pass resume=True to go on from there, or choose another folder",
            )
        found = self._newest()
        if found is None:
            return
        self.path, parts = found
        arrays = load_tensors(str(self.path), parts[ARRAYS])
        self._arrays = {name: arrays[name] for name in arrays if name.startswith(_VARIABLES)}
        self._state = unpack(json.loads(parts[STATE]), arrays)
        if self._state.get("format") != FORMAT:
            raise _refuse(self.path, "the format is not known", f"format {FORMAT}", self._state.get("format"))
        self.place = Place(**self._state["place"])
        best = self._state["best"]
        self.files.best = None if best is None else (best[0], best[1])
        set_random_state(self._state["random"])

    def _newest(self) -> tuple[Path, dict[str, bytes]] | None:
        return self.files.latest()

    @property
    def found(self) -> bool:
        """Whether there is a state that has not been put back yet."""
        return bool(self._state)

    # -- putting back -----------------------------------------------------------------------------
    def attach(self, model: Any, written: list[Variable], listeners: Any, facts: Mapping[str, Any]) -> None:
        """Say what the run consists of, once all of it exists.

        Args:
            model: the model, compiled.
            written: the Variables that a step changes.
            listeners: the callbacks.
            facts: what must be as it was: numbers and hashes of the data.

        Raises:
            DataError: the data are not those that the run began with.
        """
        self.model, self.listeners, self.facts = model, listeners, dict(facts)
        self.variables = _named(model, written)
        self._changes: list[Any] = self._state.get("changes", [])
        known = self._state.get("facts", self.facts)
        other = [name for name in self.facts.keys() | known.keys() if self.facts.get(name) != known.get(name)]
        if other:
            raise DataError(
                "fit",
                "a run goes on with the data that it began with",
                expected=", ".join(f"{name} {known.get(name)}" for name in sorted(other)),
                received=", ".join(f"{name} {self.facts.get(name)}" for name in sorted(other)),
                remedy="Pass the same data and batch_size, or begin a new run in another folder",
            )

    def restore(self) -> None:
        """Put everything back as it was at `place`; only if a state was `found`."""
        self._check()
        for name, variable in self.variables.items():
            variable.assign(self._arrays[_VARIABLES + name])
        self.model.epochs_done = self._state["epochs_done"]
        self.listeners.load_state_dict(self._state["callbacks"])
        for name, value in self.overrides.items():
            if name != "learning_rate":
                raise ArgumentError(
                    "fit",
                    "what can be different after resuming is the learning rate",
                    expected="resume={'learning_rate': ...}",
                    received=name,
                    remedy="For other changes begin a new run with model.load_weights",
                )
            self.model.optimizer.learning_rate = value
        if self.overrides:
            self._changes = [*self._changes, [self.place.epoch, self.place.step, self.overrides]]
        self._state, self._arrays = {}, {}

    def _check(self) -> None:
        """Every Variable has its value in the file, in its shape, and the other way round."""
        saved = {name.removeprefix(_VARIABLES): value for name, value in self._arrays.items()}
        missing, surplus = self.variables.keys() - saved.keys(), saved.keys() - self.variables.keys()
        other = [n for n in self.variables.keys() & saved.keys() if self.variables[n].shape != saved[n].shape]
        if not missing and not surplus and not other:
            return
        lines = [
            *(f"missing in the file: {name} {self.variables[name].shape}" for name in sorted(missing)),
            *(f"unexpected in the file: {name} {saved[name].shape}" for name in sorted(surplus)),
            *(f"of another shape: {n} {saved[n].shape}, here {self.variables[n].shape}" for n in sorted(other)),
        ]
        matched = len(self.variables) - len(missing) - len(other)
        table = "\n  ".join([f"{matched} of {len(self.variables)} variables match", *lines])
        raise _refuse(self.path, "the state belongs to another model or optimizer", "the same variables", table)

    # -- keeping ----------------------------------------------------------------------------------
    def ahead(self, place: Place) -> int:
        """How many steps may run before somebody has to look."""
        return self.files.steps - place.step % self.files.steps if self.files.steps else sys.maxsize

    def at(self, place: Place, urgent: bool = False) -> None:
        """Told after each dispatch where the run stands; writes the state when it is time to, in a thread.

        Args:
            place: where it stands.
            urgent: write now, and wait until it is written.

        Raises:
            OSError: the last state could not be written; the run in memory is as it was.
        """
        self._raise()
        by_time = self.files.seconds is not None and time.monotonic() - self._saved >= self.files.seconds
        by_step = self.files.steps is not None and place.step > 0 and place.step % self.files.steps == 0
        if urgent or ((by_time or by_step) and place != self._last):
            self.save(place)
        if urgent:
            self.wait()

    def epoch_ended(self, place: Place, logs: Mapping[str, Any]) -> None:
        """Told after each epoch with its validation; `place` is the beginning of the next."""
        if self.files.note(place, logs):
            self.save(place)
        else:
            self.at(place)

    def save(self, place: Place) -> None:
        """Take a copy of everything, and write it in a thread while training goes on."""
        self.wait()
        arrays = {_VARIABLES + name: variable.numpy() for name, variable in self.variables.items()}
        state = {
            "format": FORMAT,
            "place": {**place._asdict(), "logs": pack(place.logs, arrays, _LOGS), "last": pack(place.last, arrays, "")},
            "epochs_done": self.model.epochs_done,
            "random": list(get_random_state()),
            "callbacks": pack(self.listeners.state_dict(), arrays, _CALLBACKS),
            "facts": self.facts,
            "changes": pack(self._changes, arrays, ""),
            "best": self.files.best,
            "versions": versions(),
        }
        self._saved, self._last = time.monotonic(), place
        self._thread = Thread(target=self._write, args=(place, state, arrays), name="lamina-checkpoint")
        self._thread.start()

    def _write(self, place: Place, state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        try:
            text = json.dumps(state, allow_nan=False).encode()
            self.files.write(place, {STATE: text, ARRAYS: save_tensors(arrays)})
        except BaseException as error:  # the thread that trains raises it
            error.add_note(f"The state at {place} is not in {self.files.folder}.")
            error.add_note("The run in memory is as it was, and so are older states in the folder.")
            self._error = error

    def wait(self) -> None:
        """Wait until the state under way is written."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._raise()

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: Any) -> bool | None:
        try:
            self.wait()
        finally:
            self._lock.release()
        return None


def _named(model: Any, written: list[Variable]) -> dict[str, Variable]:
    """All state by number: the model's, the optimizer's, and what else a step changes.

    Names of layers count on through a process ("dense_7"), so that a model made again would have others.
    """
    weights = model.named_variables()
    named = {f"model/{i}/{name.rpartition('/')[2]}": weights[name] for i, name in enumerate(weights)}
    if model.optimizer is not None:
        named |= {f"optimizer/{i}": variable for i, variable in enumerate(model.optimizer.variables)}
    known = {id(variable) for variable in named.values()}
    others = [variable for variable in written if id(variable) not in known]
    return named | {f"step/{i}": variable for i, variable in enumerate(others)}


def _refuse(path: Path, rule: str, expected: Any, received: Any) -> FileFormatError:
    remedy = "Build and compile the model as when the run began, or begin a new run in another folder"
    return FileFormatError(str(path), rule, expected=expected, received=received, remedy=remedy)
