"""Hinge losses: what a maximum-margin classifier minimises."""

from ..core import Tensor
from ..ops.errors import categorical_hinge, hinge, squared_hinge
from .loss import functions, registry
from .pair import PairLoss

for _function in (categorical_hinge, hinge, squared_hinge):
    functions.add(_function, _function.__name__)


@registry.register("Hinge", "hinge")
class Hinge(PairLoss):
    """mean max(1 - y p, 0), labels y of -1 and 1 (or 0 and 1 throughout), scores p.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> Hinge()([[-1.0], [1.0]], [[0.5], [0.5]])
        Tensor(1., float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return hinge(y, p)


@registry.register("SquaredHinge", "squared_hinge")
class SquaredHinge(PairLoss):
    """mean max(1 - y p, 0)², labels y of -1 and 1 (or 0 and 1 throughout), scores p.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> SquaredHinge()([[-1.0], [1.0]], [[0.5], [0.5]])
        Tensor(1.25, float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return squared_hinge(y, p)


@registry.register("CategoricalHinge", "categorical_hinge")
class CategoricalHinge(PairLoss):
    """max(1 + largest score of a wrong class - score of the right one, 0), labels one-hot.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.8]])
        Tensor(0.7, float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return categorical_hinge(y, p)
