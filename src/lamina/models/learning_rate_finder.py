"""Which learning rate? Let it rise from step to step, look where the loss falls, and undo the training."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..callbacks import Callback
from ..core import ArgumentError, Variable, require
from ..optimizers.schedules import ExponentialDecay


@dataclass(frozen=True)
class LearningRateSweep:
    """What `lr_find` saw.

    Attributes:
        rates: the learning rate of each step, rising, (steps,).
        losses: the loss of each step's batch before its update, (steps,).

    Example:
        >>> rates = np.geomspace(1e-4, 1.0, 41)
        >>> sweep = LearningRateSweep(rates, 1.0 / (1.0 + (rates / 0.01) ** 2))
        >>> round(sweep.suggestion, 3)
        0.01
    """

    rates: np.ndarray
    losses: np.ndarray

    @property
    def smoothed(self) -> np.ndarray:
        """The losses, each averaged with its neighbours on both sides (a tenth of all), so that nothing is shifted."""
        side = len(self.losses) // 20
        window = np.ones(2 * side + 1)
        sums, counts = (np.convolve(v, window) for v in (self.losses, np.ones_like(self.losses)))
        return (sums / counts)[side : side + len(self.losses)]

    @property
    def suggestion(self) -> float | None:
        """The rate at which the smoothed loss falls fastest per factor of the rate; None if it falls nowhere."""
        if len(self.losses) < 2:
            return None
        lowest = int(np.argmin(self.smoothed)) + 1
        slopes = np.gradient(self.smoothed, np.log(self.rates))[:lowest]
        steepest = int(np.argmin(slopes))
        return float(self.rates[steepest]) if slopes[steepest] < 0 else None

    def plot(self, path: str | Path | None = None) -> Any:
        """The loss over the rate, with the suggestion marked.

        Args:
            path: where to write the picture; None to only return it.

        Returns:
            A matplotlib Figure.
        """
        figure = require("matplotlib.figure").Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.add_subplot(xscale="log", xlabel="learning rate", ylabel="loss of the batch")
        axes.plot(self.rates, self.losses, color="0.75", linewidth=1)
        axes.plot(self.rates, self.smoothed, color="tab:blue", linewidth=2)
        usual = self.losses[: max(1, len(self.losses) // 2)]  # the divergence at the end would flatten all the rest
        axes.set_ylim(self.losses.min() - 0.1 * np.ptp(usual) - 1e-12, usual.max() + 0.6 * np.ptp(usual) + 1e-12)
        if self.suggestion is not None:
            axes.axvline(self.suggestion, color="tab:orange", linestyle="--")
            axes.set_title(f"falls fastest at {self.suggestion:.2g}", fontsize=10)
        if path is not None:
            figure.savefig(path, dpi=120)
        return figure


class _Recorder(Callback):
    """Keeps what a step may change before the first, notes the loss of every step, and stops when enough is seen."""

    replay_safe = handles_non_finite = True

    def __init__(self, steps: int, stop_factor: float) -> None:
        self.steps, self.stop_factor = steps, stop_factor
        self.losses: list[float] = []
        self.saved: list[tuple[Variable, Any]] = []
        self._lowest, self._enough = np.inf, False

    def on_train_begin(self, logs: Any = None) -> None:
        program = self.model._programs["train"][1]
        self.saved = [(v, jnp.copy(v.array)) for v in program.written]  # a copy: the program reuses their memory

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._enough:  # a later step of the same dispatch
            return
        loss = (logs or {}).get("batch_loss", (logs or {}).get("loss", np.nan))
        if np.isfinite(loss):
            self.losses.append(float(loss))
            recent = float(np.mean(self.losses[-5:]))
            self._lowest = min(self._lowest, recent)
        self._enough = (
            not np.isfinite(loss) or recent > self.stop_factor * self._lowest or len(self.losses) == self.steps
        )
        self.model.stop_training = self._enough

    def restore(self) -> None:
        """Let every Variable hold what it held before the first step."""
        for variable, value in self.saved:
            variable.assign(value)


_CHANGED = ("optimizer", "_programs", "epochs_done", "stop_training", "history")  # by a fit, beside the Variables


@contextmanager
def _undone(model: Any, recorder: _Recorder) -> Iterator[None]:
    """Whatever training happens inside the block has not happened after it."""
    before = {name: vars(model)[name] for name in _CHANGED if name in vars(model)}
    try:
        yield
    finally:
        recorder.restore()
        for name in _CHANGED:
            vars(model).pop(name, None)
        vars(model).update(before)


def _with_rate(optimizer: Any, schedule: Any) -> Any:
    """A new optimizer with the same settings, but with `schedule` as its learning rate."""
    config = optimizer.get_config()
    if "learning_rate" not in config:
        raise ArgumentError(
            "lr_find",
            "the sweep sets the optimizer's learning rate",
            expected="an optimizer with the argument learning_rate",
            received=type(optimizer).__name__,
            remedy="Compile the model with one, for the sweep at least",
        )
    return type(optimizer).from_config({**config, "learning_rate": schedule})


def lr_find(
    model: Any,
    x: Any = None,
    y: Any = None,
    min_learning_rate: float = 1e-6,
    max_learning_rate: float = 10.0,
    steps: int = 100,
    batch_size: int | None = None,
    sample_weight: Any = None,
    stop_factor: float = 4.0,
) -> LearningRateSweep:
    """The learning rate range test: train with η(t) = a · (b / a)^(t / (n - 1)) and record each step's loss.

    A new optimizer with the settings of the model's own takes the steps. Afterwards weights, metrics, counters and
    the model's own optimizer are exactly what they were; a model that had no weights has got its first ones.

    Args:
        model: a compiled model; also callable as `model.lr_find(x, y, ...)`.
        x, y, batch_size, sample_weight: as for `fit`; batches of a stream that cannot start anew are used up.
        min_learning_rate: a, of the first step.
        max_learning_rate: b, of the last step.
        steps: n, at least 2. Small data are gone through again and again.
        stop_factor: end when the mean of 5 losses is so many times the lowest such mean, or a loss is not finite.

    Returns:
        `LearningRateSweep` with rates, losses, a suggestion and a plot.

    Raises:
        NotBuiltError: `compile` has not been called.
        ArgumentError: rates that do not rise, fewer than 2 steps, or an optimizer without a learning rate.

    Example:
        >>> import lamina
        >>> x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
        >>> model = lamina.Sequential([lamina.layers.Dense(1)])
        >>> model.compile(lamina.optimizers.SGD(), "mse")
        >>> sweep = model.lr_find(x, x.sum(axis=1), max_learning_rate=100.0)
        >>> 0.01 < sweep.suggestion < 1.0
        True

    Reference: Smith 2015, arXiv 1506.01186, section 3.3.
    """
    model._require_compiled("lr_find")
    if not (0 < min_learning_rate < max_learning_rate and steps >= 2):
        raise ArgumentError(
            "lr_find",
            "the learning rate rises from step to step",
            expected="0 < min_learning_rate < max_learning_rate, and at least 2 steps",
            received=f"{min_learning_rate}, {max_learning_rate} and {steps} steps",
            remedy="The defaults suit most models",
        )
    rise = ExponentialDecay(min_learning_rate, steps - 1, max_learning_rate / min_learning_rate)
    recorder = _Recorder(steps, stop_factor)
    with _undone(model, recorder):
        model.optimizer, model._programs = _with_rate(model.optimizer, rise), {}
        first = model.epochs_done
        model.fit(
            x,
            y,
            batch_size=batch_size,
            sample_weight=sample_weight,
            initial_epoch=first,
            epochs=first + steps,
            steps_per_epoch=steps,
            callbacks=[recorder],
            verbose=0,
        )
    rates = np.geomspace(min_learning_rate, max_learning_rate, steps)[: len(recorder.losses)]
    return LearningRateSweep(rates, np.array(recorder.losses))
