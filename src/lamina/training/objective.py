"""What a model is trained for: losses and metrics, for one output or several."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from .. import losses as losses_
from .. import metrics as metrics_
from ..core import ArgumentError, DataError, Tensor, Variable
from ..ops.targets import aligned_weight

ACCURACY = ("accuracy", "acc")


def _is_config(given: Any) -> bool:
    """Whether it is one object as data, and not a dict by output name."""
    return isinstance(given, Mapping) and "class_name" in given


def _sizes(x: Any) -> list[tuple[int, ...]]:
    """The sizes of the inputs, without the batch axis."""
    return [tuple(leaf.shape[1:]) for leaf in jax.tree.leaves(x)]


def _lasting(shape: tuple[int | None, ...], loss: Any) -> tuple[int | None, ...]:
    """What is known of an output for inputs of other sizes: its classes, but neither time nor space."""
    classes = {getattr(loss, "axis", -1) % max(len(shape), 1), len(shape) - 1}
    return tuple(n if i in classes else None for i, n in enumerate(shape))


def _masked(weight: Any, mask: Tensor | None) -> Any:
    """Sample weights that are 0 where the mask leaves a place out."""
    if mask is None or weight is None:
        return weight if mask is None else mask
    counts = mask.astype("float32")
    return aligned_weight("fit", weight, counts) * counts


class Objective:
    """The losses and metrics given to `compile`, matched to a model's outputs.

    Outputs may be one tensor, a list or a dict; losses and metrics then have the same form. What a
    name like "accuracy" means depends on loss and shapes, so it is settled when these are first seen.

    Args:
        loss: a loss, its name, or a list or dict of them (None: that output adds nothing).
        loss_weights: factors of the losses, in the same form.
        metrics: metrics or names; for several outputs a list or dict of such lists.
        weighted_metrics: the same, computed with the sample weights.
        output_names: names of the outputs of a model that returns a list.

    Example:
        >>> objective = Objective("mse", metrics=["mae"])
        >>> y, outputs = Tensor([[1.0], [2.0]]), Tensor([[1.0], [4.0]])
        >>> objective.settle(y, outputs)
        >>> objective.loss(y, outputs, None)
        [Tensor(2., float32)]
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        output_names: Any = (),
    ) -> None:
        self.given = {
            "loss": loss, "loss_weights": loss_weights, "metrics": metrics, "weighted_metrics": weighted_metrics,
        }  # fmt: skip
        self._output_names = list(output_names)
        self.settled = False
        self.names: list[str] = []
        self.output_shapes: list[tuple[int | None, ...]] = []
        self.settled_on: Any = None
        self.losses: list[Any] = []
        self.weights: list[float] = []
        self.metrics: list[tuple[str, int, bool, Any]] = []
        self.trackers: dict[str, Any] = {}
        self.notes: list[str] = []

    def check_names(self) -> None:
        """Refuse misspelt names at once, though what they mean is settled later."""
        for what, table in (("loss", losses_), ("metrics", metrics_), ("weighted_metrics", metrics_)):
            for name in jax.tree.leaves(self.given[what], is_leaf=_is_config):
                if isinstance(name, str) and (what == "loss" or name not in ACCURACY):
                    table.get(name)

    # -- settling -------------------------------------------------------------------------------
    def settle(self, y: Any, outputs: Any, x: Any = None) -> None:
        """Match losses and metrics to the outputs, for `x`; the second and later calls do nothing."""
        if self.settled:
            return
        self.names, self.metrics, self.notes = self._names_of(outputs), [], []
        loss, weights, metrics, weighted = self.given.values()
        predictions, targets = self._list(outputs), self._targets(y)
        self.output_shapes, self.settled_on = [p.shape for p in predictions], _sizes(x)
        self.losses = [losses_.get(item) for item in self._per_output(loss, "loss")]
        self._require_targets(targets)
        self.weights = [1.0 if w is None else float(w) for w in self._per_output(weights, "loss_weights")]
        self.trackers = {"loss": metrics_.Mean(name="loss")}
        if len(self.names) > 1:
            self.trackers |= {f"{n}_loss": metrics_.Mean(name=f"{n}_loss") for n in self.names}
        for items, use_weights in ((metrics, False), (weighted, True)):
            for place, chosen in enumerate(self._per_output(items, "metrics", nested=True)):
                for item in self._as_list(chosen):
                    self._add_metric(item, place, use_weights, targets[place], predictions[place])
        self.settled = True

    def _add_metric(self, item: Any, place: int, weighted: bool, target: Any, prediction: Tensor) -> None:
        if isinstance(item, str) and item in ACCURACY:
            loss = self.losses[place]
            logits = getattr(loss, "from_logits", False)
            metric = metrics_.resolve_accuracy(getattr(loss, "name", ""), target.shape, prediction.shape, logits, item)
            self.notes.append(f"{item!r} is {type(metric).__name__}")
            name = item
        else:
            metric = metrics_.get(item)
            name = item if isinstance(item, str) else metric.name
        name = f"{self.names[place]}_{name}" if len(self.names) > 1 else name
        taken = {known for known, *_ in self.metrics} | self.trackers.keys()
        unique = name = f"weighted_{name}" if weighted and name in taken else name
        while unique in taken:
            unique = f"{name}_{sum(known.startswith(name) for known in taken)}"
        self.metrics.append((unique, place, weighted, metric))

    def _require_targets(self, targets: list[Any]) -> None:
        for name, loss, target in zip(self.names, self.losses, targets, strict=True):
            if loss is not None and target is None:
                raise DataError(
                    "fit",
                    f"the loss {getattr(loss, 'name', loss)!r} compares the output {name!r} with targets",
                    expected="y",
                    received="None",
                    remedy="Pass y, or batches (x, y)",
                )

    def _names_of(self, outputs: Any) -> list[str]:
        if isinstance(outputs, Mapping):
            return [str(key) for key in outputs]
        count = len(outputs) if isinstance(outputs, (list, tuple)) else 1
        return self._output_names if len(self._output_names) == count else [f"output_{i}" for i in range(count)]

    def _list(self, tree: Any) -> list[Any]:
        if isinstance(tree, Mapping):
            missing = [name for name in self.names if name not in tree]
            if missing:
                raise ArgumentError(
                    "fit",
                    "there must be something for every output",
                    expected=", ".join(self.names),
                    received=", ".join(map(str, tree)),
                    remedy=f"Add {', '.join(missing)}",
                )
            return [tree[name] for name in self.names]
        return list(tree) if isinstance(tree, (list, tuple)) else [tree]

    def _targets(self, y: Any) -> list[Any]:
        targets = [None] * len(self.names) if y is None else self._list(y)
        if len(targets) != len(self.names):
            raise DataError(
                "fit",
                "there must be one target per output of the model",
                expected=f"{len(self.names)} ({', '.join(self.names)})",
                received=len(targets),
                remedy="Pass y as a list or dict with one array per output",
            )
        return targets

    def _per_output(self, given: Any, what: str, nested: bool = False) -> list[Any]:
        """`given` as one entry per output; a lone loss or list of metrics serves a lone output."""
        if isinstance(given, Mapping) and not _is_config(given):
            unknown = [key for key in given if key not in self.names]
            if unknown:
                raise ArgumentError(
                    "compile",
                    f"{what} must be named after the outputs",
                    expected=", ".join(self.names),
                    received=", ".join(map(str, unknown)),
                    remedy="Name the output layers accordingly",
                )
            return [given.get(name) for name in self.names]
        if len(self.names) == 1:
            lone = isinstance(given, (list, tuple)) and not nested and len(given) == 1
            return [given[0] if lone else given]
        if isinstance(given, (list, tuple)) and len(given) == len(self.names):
            return list(given)
        if given is None or what == "loss" and not isinstance(given, (list, tuple)):
            return [given] * len(self.names)
        raise ArgumentError(
            "compile",
            f"{what} must have one entry per output",
            expected=f"{len(self.names)} entries ({', '.join(self.names)})",
            received=given,
            remedy="Pass a list in the order of the outputs, or a dict by output name",
        )

    @staticmethod
    def _as_list(given: Any) -> list[Any]:
        return [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]

    # -- computing ------------------------------------------------------------------------------
    def loss(self, y: Any, outputs: Any, sample_weight: Any) -> list[Tensor | None]:
        """The weighted loss of each output."""
        weights = sample_weight if isinstance(sample_weight, (list, tuple, Mapping)) else None
        per_output = self._list(weights) if weights is not None else [sample_weight] * len(self.losses)
        values: list[Tensor | None] = []
        rows = zip(self.losses, self.weights, self._targets(y), self._list(outputs), per_output, strict=True)
        for loss, factor, target, prediction, weight in rows:
            value = None if loss is None else loss(target, prediction, sample_weight=weight)
            values.append(value if value is None or factor == 1.0 else value * factor)
        return values

    def update(self, y: Any, outputs: Any, sample_weight: Any, total: Tensor, parts: list[Tensor | None]) -> None:
        """Add a batch to the running loss and the metrics."""
        targets, predictions = self._targets(y), self._list(outputs)
        count = float(predictions[0].shape[0])
        self.trackers["loss"].update_state(total, sample_weight=count)
        if len(self.names) > 1:
            for name, part in zip(self.names, parts, strict=True):
                if part is not None:
                    self.trackers[f"{name}_loss"].update_state(part, sample_weight=count)
        for _, place, weighted, metric in self.metrics:
            weight = sample_weight if weighted and not isinstance(sample_weight, (list, tuple, Mapping)) else None
            weight = _masked(weight, predictions[place].mask)
            metric.update_state(targets[place], predictions[place], sample_weight=weight)

    def track(self, name: str, value: Tensor, count: float) -> None:
        """Add to the running mean of a further quantity."""
        if name not in self.trackers:
            self.trackers[name] = metrics_.Mean(name=name)
        self.trackers[name].update_state(value, sample_weight=count)

    def results(self) -> dict[str, Any]:
        """Running loss and metrics by name; a metric that returns a dict spreads its names."""
        found = {name: tracker.result() for name, tracker in self.trackers.items()}
        for name, _, _, metric in self.metrics:
            value = metric.result()
            found |= {f"{name}_{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {name: value}
        return found

    def reset(self) -> None:
        """Forget what has been seen: at the start of every epoch and evaluation."""
        for metric in (*self.trackers.values(), *(m for *_, m in self.metrics)):
            metric.reset_state()

    @property
    def variables(self) -> list[Variable]:
        """The state of the metrics."""
        return [v for metric in (*self.trackers.values(), *(m for *_, m in self.metrics)) for v in metric.variables]

    def check_targets(self, y: Any, x: Any = None) -> None:
        """Refuse targets that cannot be right for the loss, such as labels out of range, before training on `x`."""
        if not self.settled:  # a model with a training step of its own may not use it
            return
        known = _sizes(x) == self.settled_on
        for loss, target, shape in zip(self.losses, self._targets(y), self.output_shapes, strict=True):
            if target is not None and hasattr(loss, "check_targets"):
                loss.check_targets(np.asarray(target), shape if known else _lasting(shape, loss))
