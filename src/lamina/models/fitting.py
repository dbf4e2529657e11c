"""One call of `fit`: epochs, validation, hooks, and the state that is kept meanwhile."""

import functools
import sys
from typing import Any

import jax
import numpy as np

from ..callbacks import CallbackList
from ..callbacks.messages import say
from ..core import get_seed
from ..training import Program
from ..training.checkpoint.keeper import Keeper
from ..training.checkpoint.place import Place
from ..training.epoch import Feed, run_epoch
from ..training.feed import ArrayFeed, Portion
from ..training.interrupt import safe_interrupt
from ..training.recorder import Guard
from ..training.recorder.record import investigate
from ..training.recorder.rerun import guard_of


class Fitting:
    """Everything that `fit` has prepared, and the loop over it.

    Args:
        model: compiled, with its weights.
        program, feed: the steps, and what they run on.
        listeners: the callbacks.
        judge: program and feed of the validation, if there is one.
        validation_freq: validate after every so many epochs.
        keeper: keeps the state, or None.
    """

    def __init__(
        self,
        model: Any,
        program: Program,
        feed: Feed,
        listeners: CallbackList,
        judge: tuple[Program, Feed] | None,
        validation_freq: int,
        keeper: Keeper | None,
    ) -> None:
        self.model, self.program, self.feed, self.listeners = model, program, feed, listeners
        self.judge, self.validation_freq, self.keeper = judge, validation_freq, keeper

    def run(self, initial_epoch: int, epochs: int) -> None:
        """Train until epoch `epochs`, from where the kept state is or from `initial_epoch`."""
        model, listeners = self.model, self.listeners
        model.stop_training = False
        logs: dict[str, Any] = {}
        with safe_interrupt() as self.interrupt:
            listeners.on_train_begin()
            try:
                place = self._first_place(initial_epoch)
                for epoch in range(place.epoch, epochs):
                    if place.stopped:
                        break
                    with self.program.guarded(self._guard()):
                        logs = self._epoch(place, initial_epoch)
                    place = Place(epoch + 1, stopped=model.stop_training)
                    if self.keeper is not None:
                        self.keeper.epoch_ended(place, logs)
                self._keep(place, urgent=True)
            finally:
                model.optimizer.finalize_variable_values(model.trainable_variables)
                listeners.on_train_end(logs)

    def _first_place(self, initial_epoch: int) -> Place:
        if self.keeper is None or not self.keeper.found:
            return Place(initial_epoch)
        place = self.keeper.place
        if not place.within_epoch:
            self.keeper.restore()
        return place

    def _epoch(self, place: Place, initial_epoch: int) -> dict[str, Any]:
        """One epoch, or what is left of it, with its validation."""
        model, listeners, epoch = self.model, self.listeners, place.epoch
        listeners.on_epoch_begin(epoch)
        if place.within_epoch and self.keeper is not None:
            self.keeper.restore()  # now: what callbacks do when an epoch begins has been done to this state before
        logs = dict(place.logs) if place.logs is not None else self._train(place)
        if self.judge is not None and (epoch + 1 - initial_epoch) % self.validation_freq == 0:
            logs |= self._validate(Place(epoch, self.feed.steps or 0, logs=logs))
        model.epochs_done = max(epoch, model.epochs_done) + 1
        listeners.on_epoch_end(epoch, logs)
        return logs

    def _validate(self, place: Place) -> dict[str, Any]:
        """Results of the validation, with the optimizer's averages as weights if it keeps some."""
        try:
            with self.model.averaged_weights():
                found = self.model._judge(*self.judge, self.listeners, self.interrupt)  # type: ignore[misc]
        except (KeyboardInterrupt, SystemExit):
            self._leave(place)  # outside of the block, with the weights that training goes on with
            raise
        return {f"val_{name}": value for name, value in found.items()}

    def _train(self, place: Place) -> dict[str, Any]:
        """The steps of an epoch that are not done yet."""
        model, listeners, keeper = self.model, self.listeners, self.keeper
        here = place._replace(begun=True)

        def after(step: int, last: dict[str, float]) -> bool:
            nonlocal here
            here = Place(place.epoch, step, last, begun=True)
            self._keep(here)
            return model.stop_training

        try:
            last = run_epoch(
                self.program,
                self.feed,
                get_seed(),
                max(place.epoch, model.epochs_done),
                replay=self._replay,
                before=listeners.on_train_batch_begin if listeners.needs_every_step else None,
                after=after,
                fresh=not place.step,
                done=place.step,
                last=place.last,
                ahead=lambda step: sys.maxsize if keeper is None else keeper.ahead(Place(place.epoch, step)),
                refused=functools.partial(self._refused, place.epoch),
                interrupt=self.interrupt,
            )
        except (KeyboardInterrupt, SystemExit):
            self._leave(here)
            raise
        return model._results(self.program, last)

    def _guard(self) -> Guard | None:
        """What must stay finite, unless the user or a callback looks after it."""
        watched = not any(callback.handles_non_finite for callback in self.listeners.callbacks)
        return guard_of(self.model) if watched and self.model.check_finite else None

    def _refused(self, epoch: int, step: int, portion: Portion, here: int) -> None:
        """A step would have spoiled the weights: find out why, write it down, and end with an error."""
        rows = portion.rows[here]
        batch = jax.tree.map(lambda a: np.asarray(a[rows]), portion.data)
        numbers = np.asarray(rows).tolist() if isinstance(self.feed, ArrayFeed) else ()
        folder = None if self.keeper is None else self.keeper.files.folder
        raise investigate(self.model, self.program, batch, epoch, step, numbers, folder)

    def _replay(self, first: int, names: list[str], lines: np.ndarray) -> None:
        """Tell the callbacks of steps, and the doctor of the very first."""
        tell, self.model.at_first_loss = self.model.at_first_loss, None
        if tell is not None and len(lines):
            tell(dict(zip(names, lines[0].tolist(), strict=True)))
        self.listeners.replay_train_batches(first, names, lines)

    def _keep(self, place: Place, urgent: bool = False) -> None:
        if self.keeper is not None:
            self.keeper.at(place, urgent)

    def _leave(self, place: Place) -> None:
        """The process is asked to end: keep the state, and say how to go on."""
        if self.keeper is not None and not self.interrupt.abrupt:
            self.keeper.at(place, urgent=True)
            say(f"Stopped; the run can go on from here (resume): its state is in {self.keeper.files.folder}")
