"""Looking at a model at work on a few rows: what its layers return, whether rows meet, how the loss starts."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ... import activations, layers
from ...core import Tensor, compile, no_grad
from ...layers.context import observe_layers, training_phase
from .case import BINARY, CATEGORICAL, SPARSE, Case, Head
from .finding import Finding
from .plan import tensors

_SAME = 1e-5  # relative: what rounding may change
_DEAD, _SATURATED = 0.6, 0.6  # shares of units, of values
_FAR = 4.0  # times the loss of guessing, plus 2 nats: a loss at the start that is far off


class Looking:
    """The model in inference mode on a few rows, in one compiled program.

    Args:
        model: built.

    Attributes:
        layers: those that are looked at, in the order of their results.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(2, "relu", kernel_initializer="zeros")])
        >>> outputs, shares = Looking(model)(np.ones((3, 1), np.float32))
        >>> outputs[0].shape, [float(s) for s in shares]
        ((3, 2), [1.0])
    """

    def __init__(self, model: Any) -> None:
        self.layers: list[tuple[Any, str]] = []

        def look(x: Any) -> Any:
            seen: list[tuple[Any, str, jax.Array]] = []

            def note(layer: Any, inputs: Any, outputs: Any) -> None:
                kind = _kind(layer)
                made = tensors(outputs)
                if kind and made:
                    seen.append((layer, kind, made[0].array))

            with no_grad(), training_phase(False), observe_layers(note):
                outputs = tensors(model(x))
            trace = getattr(outputs[0].array, "_trace", None)
            seen = [item for item in seen if getattr(item[2], "_trace", None) is trace]  # not inside a loop's body
            self.layers = [(layer, kind) for layer, kind, _ in seen]
            return outputs, [Tensor(_share(kind, array)) for _, kind, array in seen]

        self._run = compile(look)

    def __call__(self, x: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The outputs, and for each layer its share of dead units or of saturated values."""
        outputs, shares = self._run(x)
        return [np.asarray(t.array) for t in outputs], [np.asarray(t.array) for t in shares]


def _kind(layer: Any) -> str:
    function = getattr(layer, "activation", None)
    if layer.children() or isinstance(layer, (layers.LSTM, layers.GRU, layers.SimpleRNN)):
        return ""
    if function is activations.relu or isinstance(layer, layers.ReLU):
        return "relu"
    return {activations.tanh: "tanh", activations.sigmoid: "sigmoid"}.get(function, "")  # type: ignore[arg-type]


def _share(kind: str, y: jax.Array) -> jax.Array:
    y = y.astype(jnp.float32)
    if kind == "relu":
        return jnp.mean((y.reshape(-1, y.shape[-1]) <= 0).all(axis=0).astype(jnp.float32))
    far = jnp.abs(y) > 0.99 if kind == "tanh" else jnp.abs(y - 0.5) > 0.49
    return jnp.mean(far.astype(jnp.float32))


def sleeping_layers(case: Case, looking: Looking, shares: list[np.ndarray], rows: int) -> Iterator[Finding]:
    """Layers most of which is dead or saturated before training begins."""
    if any(isinstance(step.layer, layers.BatchNormalization) for step in case.plan.steps):
        return  # whose running statistics say nothing yet, and they are what inference mode uses
    for (layer, kind), share in zip(looking.layers, shares, strict=True):
        name = f"{type(layer).__name__} {layer.name!r}"
        if kind == "relu" and share > _DEAD and rows >= 20:
            yield Finding(
                "dead-units",
                "warning",
                f"most units of {name} are dead: relu returns 0 for every row, and passes no gradient",
                f"{100 * share:.0f} % of its units, {rows} rows",
                "Scale the inputs, start with smaller weights ('he_normal') and a bias of 0, or use 'leaky_relu'",
            )
        elif kind != "relu" and share > _SATURATED and rows >= 20:
            yield Finding(
                "saturated-units",
                "warning",
                f"{name} is saturated: where {kind} is flat, hardly any gradient passes",
                f"{100 * share:.0f} % of its values are within 0.01 of a limit, {rows} rows",
                "Scale the inputs, or start with smaller weights ('glorot_uniform')",
            )


def rows_meet(case: Case, looking: Looking, x: Any, outputs: list[np.ndarray]) -> Iterator[Finding]:
    """A row's output that changes with another row."""
    n = len(jax.tree.leaves(x)[0])
    if n < 4:
        return
    half = n // 2

    def other(a: np.ndarray) -> np.ndarray:
        return np.concatenate([a[:half], np.repeat(a[:1], n - half, axis=0)])

    again, _ = looking(jax.tree.map(other, x))
    for name, one, two in zip(case.model.objective.names, outputs, again, strict=False):
        if one.ndim < 1 or len(one) != n:
            yield Finding(
                "rows-meet",
                "error",
                f"output {name!r} has not one row per row of the inputs",
                f"{n} rows in, shape {one.shape} out",
                "Leave the first axis alone in reshape, transpose and sums",
            )
        elif np.abs(one[:half].astype(np.float64) - two[:half]).max(initial=0.0) > 10 * _SAME * max(
            np.abs(one).max(), 1e-30
        ):
            change = np.abs(one[:half].astype(np.float64) - two[:half]).max()
            yield Finding(
                "rows-meet",
                "error",
                f"the answers of output {name!r} to a row depend on the other rows of the batch",
                f"other rows were exchanged, and the answers to {half} that stayed changed by up to {change:.3g}",
                "Look for sums, softmax, normalisation or reshape over axis 0, the batch; for statistics of a batch "
                "use BatchNormalization, which predicts with running ones",
            )


def expected_loss(head: Head) -> float | None:
    """The loss of guessing all classes alike: ln C, or ln 2 for questions; None for other losses, and for sums."""
    if head.loss.reduction not in ("sum_over_batch_size", "mean", "mean_with_sample_weight"):
        return None
    classes = head.shape[getattr(head.loss, "axis", -1)]
    plain = type(head.loss) in (SPARSE[0], CATEGORICAL[0]) and classes is not None and classes > 1
    if plain:
        return math.log(classes)  # type: ignore[arg-type]
    return math.log(2) if type(head.loss) is BINARY[0] else None


def loss_at_start(head: Head, loss: float) -> Iterator[Finding]:
    """A first loss that is far above that of guessing."""
    expected = expected_loss(head)
    if expected is None or not loss > _FAR * expected + 2.0:
        return
    classes = f"{head.shape[getattr(head.loss, 'axis', -1)]} classes" if expected > math.log(2) + 1e-6 else "2 answers"
    yield Finding(
        "loss-at-start",
        "warning",
        f"the loss of {head.where} starts far above that of guessing: the model is sure, and wrong",
        f"loss {loss:.4g}; guessing among {classes} costs {expected:.3g}",
        "Scale the inputs to about -1..1, or start the last layer with smaller weights; a model that was trained "
        "before may number the classes otherwise",
    )


class Trial(NamedTuple):
    """What a few steps of training on one batch showed, before they were undone.

    Args:
        losses: before each step, penalties included; none if the model has a training step of its own.
        start: the first of them, penalties left out.
        rates: the learning rate of each.
        moved: by path of the trainable variable, the largest change relative to its largest value.
        seconds: one step takes.
    """

    losses: np.ndarray
    start: float
    rates: np.ndarray
    moved: dict[str, float]
    seconds: float


def steps_tried(trial: Trial) -> Iterator[Finding]:
    """A loss that is no number, steps that are too long or too short, weights that get no gradient."""
    if not len(trial.losses):
        return
    first, last, rate = float(trial.losses[0]), float(trial.losses[-1]), float(trial.rates.max())
    steps = len(trial.losses) - 1
    if not np.isfinite(first):
        yield Finding(
            "loss-not-finite",
            "error",
            "the loss is not finite before anything is trained",
            f"loss {first:.4g} of the first batch",
            "Look for log, division, sqrt or exp of what can be 0 or large, in the model or in a loss of your own",
        )
    elif not np.isfinite(trial.losses).all() or last > first + 5 * max(abs(first), 1.0):
        shown = " -> ".join(f"{loss:.4g}" for loss in trial.losses)
        yield Finding(
            "learning-rate-high",
            "warning",
            "a few steps on one batch throw its loss far off: the learning rate is too large",
            f"learning rate {rate:.3g}; loss {shown}",
            "Divide it by 10, or let model.lr_find(x, y) look; Adam mostly takes 0.001",
        )
    elif trial.moved and max(trial.moved.values()) < 1e-6 and np.ptp(trial.rates) == 0:
        yield Finding(
            "learning-rate-low",
            "warning",
            "steps hardly move any weight: the learning rate is too small, or there is no gradient",
            f"learning rate {rate:.3g}; after {steps} steps the largest relative change of a weight is "
            f"{max(trial.moved.values()):.1g}",
            "Raise it, or let model.lr_find(x, y) look; Adam mostly takes 0.001, SGD 0.01",
        )
    elif idle := [path for path, change in trial.moved.items() if change == 0.0]:
        yield Finding(
            "weights-do-not-learn",
            "warning",
            "some weights get no gradient",
            f"{len(idle)} of {len(trial.moved)} variables did not move in {steps} steps: "
            f"{', '.join(idle[:4])}{', ...' * (len(idle) > 4)}",
            "Look for layers that are not used, stop_gradient, argmax or round on the way, or dead units before them",
        )


def time_of_an_epoch(case: Case, trial: Trial) -> Iterator[Finding]:
    """How long an epoch will take."""
    if case.whole:
        steps = -(-case.n // case.batch_size)
        yield Finding(
            "time",
            "note",
            f"an epoch takes about {steps * trial.seconds:,.2g} s",
            f"{steps:,} steps of {1000 * trial.seconds:,.2g} ms",
            "If that is too much: fewer rows, a smaller model, or an accelerator",
        )


def predicts_with(looking: Looking) -> Callable[[Any], np.ndarray]:
    """The first output for inputs, as a function."""
    return lambda x: looking(x)[0][0]
