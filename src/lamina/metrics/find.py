"""From a name, a config or a function to a metric."""

from typing import Any

from ..core import ArgumentError, Configurable, lookup
from .mean import MeanMetricWrapper
from .metric import Metric, registry


def get(identifier: Any) -> Any:
    """The metric that `identifier` means: a name, config, class, Metric or function; None stays None.

    A function of (y_true, y_pred) becomes a `MeanMetricWrapper`. What "accuracy" means for a model depends on its
    loss and shapes, see `resolve_accuracy`; here it is the metric `Accuracy`.

    Raises:
        UnknownNameError: no metric has this name.

    Example:
        >>> get("mse")([[0.0]], [[3.0]])
        Tensor(9., float32)
    """
    found = lookup(registry, identifier)
    if found is None or isinstance(found, Metric):
        return found
    if isinstance(found, Configurable):
        raise ArgumentError(
            "metric",
            "it must be given by name, config, class or object",
            expected="a Metric, or a function of (y_true, y_pred)",
            received=repr(found),
            remedy="Did you swap two arguments?",
        )
    return MeanMetricWrapper(found)
