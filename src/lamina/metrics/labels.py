"""Labels and predictions of classes in the forms in which people hold them, brought into one."""

from typing import Any

from .. import ops
from ..core import Tensor
from ..ops.casting import tensor
from ..ops.class_errors import class_numbers
from ..ops.targets import aligned_target


def class_scores(scores: Tensor) -> Tensor:
    """Scores with a class axis: the probability p of one yes-or-no output, (N,) or (N, 1), becomes (1 - p, p).

    Example:
        >>> class_scores(Tensor([[0.25], [1.0]]))
        Tensor([[0.75, 0.25], [0. , 1. ]], float32)
    """
    if scores.ndim > 1 and scores.shape[-1] != 1:
        return scores
    p = ops.reshape(scores, (-1,)) if scores.ndim == 1 else scores[..., 0]
    return ops.stack([1.0 - p, p], axis=-1)


def class_labels(who: str, y_true: Any, scores: Tensor) -> Tensor:
    """Class numbers (N, ...) from labels that are such, (N, ...) or (N, ..., 1), or one-hot, (N, ..., C).

    Example:
        >>> class_labels("ConfusionMatrix", [[0, 1], [1, 0]], Tensor([[0.2, 0.8], [0.3, 0.7]]))
        Tensor([1, 0], int32)
    """
    labels = tensor(y_true)
    if labels.shape == scores.shape:
        return ops.argmax(labels, axis=-1)
    return aligned_target(who, class_numbers(labels, scores), ops.argmax(scores, axis=-1))
