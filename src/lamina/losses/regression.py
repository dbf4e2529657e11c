"""Losses for quantities: what a regression minimises."""

from typing import Any

from ..core import Tensor
from ..ops.errors import (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from .loss import functions, registry
from .pair import PairLoss

for _function in (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
):
    functions.add(_function, _function.__name__)


@registry.register("MeanSquaredError", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(PairLoss):
    """mean (y - p)²: the likelihood of normal noise; large errors count most.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(5., float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return mean_squared_error(y, p)


@registry.register("MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(PairLoss):
    """mean |y - p|: predicts the median; outliers count no more than their distance.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(2., float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return mean_absolute_error(y, p)


@registry.register("MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(PairLoss):
    """100 · mean |y - p| / |y|: errors in percent of the label.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]])
        Tensor(37.5, float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return mean_absolute_percentage_error(y, p)


@registry.register("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(PairLoss):
    """mean (log(1 + y) - log(1 + p))²: ratios count, not differences; for quantities that are not negative.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.0], [1.0]], [[0.0], [3.0]])
        Tensor(0.24022, float32)
    """

    lowest = 0.0

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return mean_squared_logarithmic_error(y, p)


@registry.register("Huber", "huber", "huber_loss")
class Huber(PairLoss):
    """mean of ½e² where |e| = |y - p| ≤ δ, else δ|e| - ½δ²: squared near 0, absolute for outliers.

    Args:
        delta: δ > 0.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> Huber()([[0.0], [0.0]], [[0.5], [3.0]])
        Tensor(1.3125, float32)

    Reference: Huber 1964, Robust estimation of a location parameter.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.delta = delta

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return huber(y, p, self.delta)


@registry.register("LogCosh", "log_cosh", "logcosh")
class LogCosh(PairLoss):
    """mean log cosh(p - y): a smooth Huber.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> LogCosh()([[0.0]], [[1.0]])
        Tensor(0.4337808, float32)
    """

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return log_cosh(y, p)


@registry.register("Poisson", "poisson")
class Poisson(PairLoss):
    """mean p - y log p: the likelihood of counts y with mean p, up to log y!.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> Poisson()([[1.0], [2.0]], [[1.0], [1.0]])
        Tensor(0.9999998, float32)
    """

    lowest = 0.0

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return poisson(y, p)
