"""Hinge losses as metrics."""

from ..core import Tensor
from ..ops.errors import categorical_hinge, hinge, squared_hinge
from ..ops.targets import with_last_axis
from .mean import MeanOf
from .metric import functions, registry

for _function in (categorical_hinge, hinge, squared_hinge):
    functions.add(_function, _function.__name__)


@registry.register("Hinge", "hinge")
class Hinge(MeanOf):
    """mean max(1 - y p, 0), labels y of -1 and 1 (or 0 and 1 throughout).

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> Hinge()([[-1.0], [1.0]], [[0.5], [0.5]])
        Tensor(1., float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return hinge(*with_last_axis("Hinge", y_true, y_pred))


@registry.register("SquaredHinge", "squared_hinge")
class SquaredHinge(MeanOf):
    """mean max(1 - y p, 0)², labels y of -1 and 1 (or 0 and 1 throughout).

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> SquaredHinge()([[-1.0], [1.0]], [[0.5], [0.5]])
        Tensor(1.25, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return squared_hinge(*with_last_axis("SquaredHinge", y_true, y_pred))


@registry.register("CategoricalHinge", "categorical_hinge")
class CategoricalHinge(MeanOf):
    """mean max(1 + largest wrong score - right score, 0), labels one-hot.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.8]])
        Tensor(0.7, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_hinge(*with_last_axis("CategoricalHinge", y_true, y_pred))
