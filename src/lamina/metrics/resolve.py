"""What the string "accuracy" means."""

import logging
from collections.abc import Sequence

from .accuracies import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .metric import Metric

log = logging.getLogger("lamina.metrics")

Shape = Sequence[int | None]


def resolve_accuracy(
    loss_name: str, target_shape: Shape, output_shape: Shape, from_logits: bool = False, name: str = "accuracy"
) -> Metric:
    """The accuracy that fits a loss and the shapes of labels and outputs; the choice is logged.

    One output, or the loss binary_crossentropy: `BinaryAccuracy`. Labels with fewer axes than the output, or with
    a last axis of size 1 beside several outputs: `SparseCategoricalAccuracy`. Otherwise `CategoricalAccuracy`.

    Args:
        loss_name: the loss' `name`.
        target_shape: of the labels, (N, ...); None where unknown.
        output_shape: of the predictions, (N, ...).
        from_logits: whether the outputs are logits; a binary one then means 1 above 0, not above 0.5.
        name: of the metric.

    Example:
        >>> type(resolve_accuracy("sparse_categorical_crossentropy", (None,), (None, 10))).__name__
        'SparseCategoricalAccuracy'

    Keras differs: it looks at the shapes alone, so that several yes-or-no outputs are taken as one class out of
    several, and it compares binary logits with 0.5.
    """
    chosen: Metric
    if loss_name == "binary_crossentropy" or output_shape[-1] == 1 or len(output_shape) == 1:
        chosen = BinaryAccuracy(name, threshold=0.0 if from_logits else 0.5)
    elif len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        chosen = SparseCategoricalAccuracy(name)
    else:
        chosen = CategoricalAccuracy(name)
    kind, labels, outputs = type(chosen).__name__, tuple(target_shape), tuple(output_shape)
    log.info("'accuracy' is %s, for loss %s, labels %s and outputs %s", kind, loss_name, labels, outputs)
    return chosen
