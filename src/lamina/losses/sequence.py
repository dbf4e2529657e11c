"""The loss of label sequences whose places in time are not known: speech, handwriting."""

from typing import Any

import numpy as np

from .. import ops
from ..core import DataError, ShapeError, Tensor
from ..ops.casting import as_type, tensor
from . import checks
from .loss import Loss, Shape, functions, registry


@functions.register()
def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """`lamina.ops.ctc_loss` over all T frames: -log Σ_π Π_t p_t[π_t] over the alignments π that spell the labels.

    Args:
        y_true: class numbers from 1 on, (N, U), shorter rows filled up with 0, which is also the blank.
        y_pred: logits of the blank and the classes, (N, T, C).

    Returns:
        One loss per sample, (N,), in nats.

    Raises:
        ShapeError: the shapes do not fit together.

    Example:
        >>> ctc([[1]], [[[0.0, 0.0], [0.0, 0.0]]])
        Tensor([0.287682], float32)

    Reference: Graves et al. 2006, Connectionist temporal classification.
    """
    labels, logits = as_type(tensor(y_true), "int32"), tensor(y_pred)
    frames = np.full(logits.shape[0], logits.shape[-2] if logits.ndim > 1 else 0, "int32")
    count = ops.sum(ops.cast(labels != 0, "int32"), axis=-1)
    return ops.ctc_loss(labels, logits, count, frames)


@registry.register("CTC", "ctc")
class CTC(Loss):
    """-log of the probability that the frames spell the labels, summed over all ways to place these in time.

    Labels are class numbers from 1 on, (N, U), shorter rows filled up with 0; predictions are logits (N, T, C), of
    which the first is that of the blank.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]])
        Tensor(0.287682, float32)

    Reference: Graves et al. 2006, Connectionist temporal classification.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "ctc", dtype: Any = None
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ctc(y_true, y_pred)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        _check_ranks(y_true, output_shape)
        _, frames, classes = output_shape
        checks.check_numbers("CTC", y_true, -np.inf, np.inf, "Remove or fill rows without a label")
        checks.check_whole("CTC", y_true)
        checks.check_numbers("CTC", y_true, 0, np.inf if classes is None else classes - 1, _RANGE)
        _check_zeros(y_true)
        _check_frames(y_true, frames)


_RANGE = "Fill up with 0, number the classes from 1, and give the last layer one unit per class and one for the blank"


def _check_ranks(y: np.ndarray, output_shape: Shape) -> None:
    if y.ndim != 2 or len(output_shape) != 3:
        raise ShapeError(
            "CTC",
            "a sample has a row of labels, and logits for each frame",
            expected="labels (N, U) and predictions (N, T, C)",
            received=f"labels {y.shape} and predictions {tuple(output_shape)}",
            remedy="Let the last recurrent or convolutional layer return whole sequences",
        )


def _check_zeros(y: np.ndarray) -> None:
    wrong = ((y[:, :-1] == 0) & (y[:, 1:] != 0)).any(axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            "CTC",
            "0 is the blank and fills up rows, so labels come first",
            expected="no label behind a 0",
            received=f"{y[row].tolist()} in row {row}",
            remedy="Number the classes from 1 and pad behind them",
        )


def _check_frames(y: np.ndarray, frames: int | None) -> None:
    needed = (y != 0).sum(axis=1) + ((y[:, 1:] == y[:, :-1]) & (y[:, 1:] != 0)).sum(axis=1)
    if frames is not None and needed.size and needed.max() > frames:
        row = int(np.argmax(needed))
        raise DataError(
            "CTC",
            "each label needs a frame, and equal neighbours one more between them",
            expected=f"labels that fit into {frames} frames",
            received=f"labels that need {needed[row]} in row {row}",
            remedy="Give the model longer inputs or fewer strides",
        )
