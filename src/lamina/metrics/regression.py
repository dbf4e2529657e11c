"""How far predicted quantities are from the labels, as metrics."""

from .. import ops
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
from ..ops.targets import with_last_axis
from .mean import MeanOf
from .metric import functions, registry

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
class MeanSquaredError(MeanOf):
    """mean (y - p)².

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(5., float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_squared_error(*with_last_axis("MeanSquaredError", y_true, y_pred))


@registry.register("MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(MeanOf):
    """mean |y - p|.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(2., float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_absolute_error(*with_last_axis("MeanAbsoluteError", y_true, y_pred))


@registry.register("MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(MeanOf):
    """100 · mean |y - p| / |y|.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]])
        Tensor(37.5, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_absolute_percentage_error(*with_last_axis("MeanAbsolutePercentageError", y_true, y_pred))


@registry.register("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(MeanOf):
    """mean (log(1 + y) - log(1 + p))².

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.0], [1.0]], [[0.0], [3.0]])
        Tensor(0.24022, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_squared_logarithmic_error(*with_last_axis("MeanSquaredLogarithmicError", y_true, y_pred))


@registry.register("LogCoshError", "log_cosh_error", "logcosh", "log_cosh")
class LogCoshError(MeanOf):
    """mean log cosh(p - y).

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> LogCoshError()([[0.0]], [[1.0]])
        Tensor(0.43378, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return log_cosh(*with_last_axis("LogCoshError", y_true, y_pred))


@registry.register("Poisson", "poisson")
class Poisson(MeanOf):
    """mean p - y log p.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> Poisson()([[1.0], [2.0]], [[1.0], [1.0]])
        Tensor(0.9999998, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return poisson(*with_last_axis("Poisson", y_true, y_pred))


@registry.register("RootMeanSquaredError", "root_mean_squared_error", "rmse", "RMSE")
class RootMeanSquaredError(MeanSquaredError):
    """sqrt(mean (y - p)²), the mean over all batches.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]])
        Tensor(5., float32)
    """

    def result(self) -> Tensor:
        return ops.sqrt(super().result())
