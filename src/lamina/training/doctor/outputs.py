"""Mistakes at the end of a model: its last activation, its loss, its metrics and its targets do not go together."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ... import activations, layers, losses, metrics
from ...core import Tensor, no_grad
from .case import BINARY, CATEGORICAL, REGRESSION, SPARSE, Case, Head
from .finding import Finding

_SOFTMAX, _SIGMOID = ("softmax", "log_softmax"), ("sigmoid", "hard_sigmoid")
_UNBOUNDED = (activations.linear, activations.relu, activations.tanh, activations.elu, activations.gelu)
_RANGES = {"softmax": (0.0, 1.0), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
_OF_PROBABILITIES = (metrics.Precision, metrics.Recall, metrics.AUC)


def activation_before_logits(case: Case) -> Iterator[Finding]:
    """from_logits=True after an activation that has made probabilities already."""
    for head in case.heads:
        if not getattr(head.loss, "from_logits", False) or head.last_op not in ("softmax", "relu", *_SIGMOID):
            continue
        loss = type(head.loss).__name__
        yield Finding(
            f"{head.last_op.removeprefix('hard_')}-before-logits",
            "warning" if head.last_op == "relu" else "error",
            f"{loss}(from_logits=True) takes raw scores, and {head.where} ends with {head.last_op}",
            "the last op is "
            + head.last_op
            + ", and the loss applies "
            + ("sigmoid" if isinstance(head.loss, BINARY) else "softmax")
            + " once more"
            if head.last_op != "relu"
            else "the last op is relu, which cuts off negative scores and their gradient",
            "Take the activation off the last layer (better), or set from_logits=False"
            if head.last_op != "relu"
            else "Take the activation off the last layer",
        )


def logits_as_probabilities(case: Case) -> Iterator[Finding]:
    """from_logits=False after a layer that returns raw scores."""
    for head in case.heads:
        activation = getattr(head.layer, "activation", None)
        if not head.is_classification or getattr(head.loss, "from_logits", True) or activation not in _UNBOUNDED:
            continue
        yield Finding(
            "logits-as-probabilities",
            "error",
            f"{type(head.loss).__name__} takes probabilities, and {head.where} is raw scores",
            f"the last layer is {type(head.layer).__name__} {head.layer.name!r} with activation "
            f"{activations.serialize(activation)!r}, whose values need not lie between 0 and 1",
            "Set from_logits=True in the loss (better), or give the last layer the activation "
            + ("'sigmoid'" if isinstance(head.loss, BINARY) else "'softmax'"),
        )


def double_softmax(case: Case) -> Iterator[Finding]:
    """softmax of softmax."""
    for head in case.heads:
        if len(head.made_by) > 1 and head.made_by[0] in _SOFTMAX and head.made_by[1] in _SOFTMAX:
            yield Finding(
                "double-softmax",
                "error",
                f"{head.where} is a softmax of a softmax: nearly the same probability for every class",
                f"the last two ops are {head.made_by[1]} and {head.made_by[0]}",
                "Take one of them off",
            )


def softmax_over_one(case: Case) -> Iterator[Finding]:
    """softmax over one unit is 1, whatever goes in."""
    for head in case.heads:
        if head.last_op in _SOFTMAX and head.shape[-1] == 1:
            yield Finding(
                "softmax-over-one",
                "error",
                f"{head.where} is a softmax over one unit, which is always 1",
                f"output shape {_shape(head)}",
                "Use the activation 'sigmoid' with BinaryCrossentropy, or one unit per class",
            )


def activation_for_other_loss(case: Case) -> Iterator[Finding]:
    """sigmoid where one class is chosen, softmax where every class is a question of its own."""
    for head in case.heads:
        loss, classes = type(head.loss).__name__, head.shape[-1]
        if isinstance(head.loss, SPARSE + CATEGORICAL) and not head.loss.from_logits and head.last_op in _SIGMOID:
            yield Finding(
                "sigmoid-for-categories",
                "error" if classes == 1 else "warning",
                f"{loss} is for one class out of several, and {head.where} ends with a sigmoid",
                f"{classes} unit{'s' * (classes != 1)} that need not sum to 1",
                "Use BinaryCrossentropy" if classes == 1 else "Use the activation 'softmax', or BinaryCrossentropy",
            )
        if isinstance(head.loss, BINARY) and head.last_op == "softmax" and classes != 1:
            yield Finding(
                "softmax-for-questions",
                "warning",
                f"{loss} asks every unit a question of its own, and {head.where} ends with a softmax",
                f"{classes} units that sum to 1",
                "Use CategoricalCrossentropy for one class out of several, or the activation 'sigmoid'",
            )


def targets_out_of_reach(case: Case) -> Iterator[Finding]:
    """Targets of a regression that the last activation cannot return."""
    for head in case.heads:
        if not isinstance(head.loss, REGRESSION) or head.last_op not in _RANGES:
            continue
        (low, high), y = _RANGES[head.last_op], head.y[case.rows]
        outside = float(((y < low) | (y > high)).mean())
        if outside > 0.01:
            yield Finding(
                "targets-out-of-reach",
                "error",
                f"{head.where} ends with {head.last_op} and cannot return its targets",
                f"{100 * outside:.0f} % of the targets lie outside of [{low:g}, {high:g}]: from {y.min():.4g} to "
                f"{y.max():.4g}",
                "Take the activation off the last layer",
            )


def broadcast_loss(case: Case) -> Iterator[Finding]:
    """A loss of one's own that compares (N,) with (N, 1), every row with every other."""
    for head in case.heads:
        n = min(4, len(head.y))
        shape = (n, *(size or 1 for size in head.shape[1:]))
        y = head.y[:n].astype(np.float32)
        if not isinstance(head.loss, losses.FunctionLoss) or y.shape == shape or y.size != np.prod(shape) or n < 2:
            continue
        guess = np.linspace(0.2, 0.8, y.size, dtype=np.float32).reshape(shape)
        with no_grad():
            given, same = (float(head.loss(Tensor(t), Tensor(guess)).item()) for t in (y, y.reshape(shape)))
        if not np.isclose(given, same, rtol=1e-4):
            yield Finding(
                "broadcast-loss",
                "error",
                f"the loss {head.loss.name!r} compares every row of {head.where} with every other",
                f"targets {y.shape} and outputs {shape} give {given:.4g}; with targets {shape} it is {same:.4g}",
                "Give y the shape of the output: y[:, None], or y[:, 0]",
            )


def metrics_that_do_not_fit(case: Case) -> Iterator[Finding]:
    """Metrics that compare other things than the loss does."""
    for head in case.heads:
        for metric in head.metrics:
            yield from _metric(head, metric)


def _metric(head: Head, metric: Any) -> Iterator[Finding]:
    kind, logits = type(metric).__name__, getattr(head.loss, "from_logits", False)
    accuracies = (
        metrics.BinaryAccuracy,
        metrics.CategoricalAccuracy,
        metrics.SparseCategoricalAccuracy,
        metrics.Accuracy,
    )
    fractions = float((head.y != np.floor(head.y)).mean()) if head.y.dtype.kind == "f" else 0.0
    if isinstance(metric, accuracies) and isinstance(head.loss, REGRESSION) and fractions > 0.1:
        yield _misfit(f"{kind} counts exact answers, and the targets of {head.where} are quantities",
                      f"{100 * fractions:.0f} % of the targets are no whole numbers",
                      "Use 'mae', RootMeanSquaredError or R2Score")  # fmt: skip
    elif isinstance(metric, metrics.BinaryAccuracy) and logits and getattr(metric, "threshold", 0) == 0.5:
        yield _misfit(f"BinaryAccuracy takes outputs above 0.5 as yes, and {head.where} is logits",
                      "a logit of 0 is a probability of 0.5", "Use 'accuracy', or threshold=0.0")  # fmt: skip
    elif isinstance(metric, _OF_PROBABILITIES) and logits and not getattr(metric, "from_logits", False):
        yield _misfit(f"{kind} takes probabilities, and {head.where} is logits",
                      f"loss {type(head.loss).__name__}(from_logits=True)",
                      "Pass from_logits=True to it where it has that, or end the model with a sigmoid")  # fmt: skip
    elif isinstance(metric, metrics.BinaryAccuracy) and isinstance(head.loss, SPARSE) and head.shape[-1] != 1:
        yield _misfit(f"BinaryAccuracy compares every unit with the class number of {head.where}",
                      f"output shape {_shape(head)}", "Use SparseCategoricalAccuracy, or 'accuracy'")  # fmt: skip
    elif isinstance(metric, metrics.CategoricalAccuracy) and isinstance(head.loss, SPARSE):
        yield _misfit(f"CategoricalAccuracy compares one-hot rows, and {head.where} has class numbers",
                      f"targets {head.y.shape}", "Use SparseCategoricalAccuracy, or 'accuracy'")  # fmt: skip
    elif isinstance(metric, metrics.SparseCategoricalAccuracy) and isinstance(head.loss, CATEGORICAL):
        yield _misfit(f"SparseCategoricalAccuracy compares class numbers, and {head.where} has one-hot rows",
                      f"targets {head.y.shape}", "Use CategoricalAccuracy, or 'accuracy'")  # fmt: skip


def _misfit(what: str, evidence: str, remedy: str) -> Finding:
    return Finding("metric-does-not-fit", "warning", what, evidence, remedy)


def _shape(head: Head) -> str:
    return "(" + ", ".join(["N", *("?" if n is None else str(n) for n in head.shape[1:])]) + ")"


def dropout_last(case: Case) -> Iterator[Finding]:
    """Answers are erased at random before they are compared."""
    for head in case.heads:
        if isinstance(head.layer, layers.Dropout):
            yield Finding(
                "dropout-last",
                "warning",
                f"{head.where} comes out of Dropout: in training, answers are erased at random",
                f"the last layer is {head.layer.name!r} with rate {head.layer.rate:g}",
                "Put Dropout before the last layer with weights",
            )
