"""Sums and means over batches of any size, exact under sample weights."""

from collections.abc import Callable
from typing import Any

from .. import ops
from ..core import Tensor, stop_gradient
from ..ops.targets import aligned_weight
from .metric import Metric, functions, registry


class Average(Metric):
    """Base of metrics that are Σ w v / Σ w: their state is the two sums, and `add` adds to them.

    Example:
        >>> average = Average()
        >>> average.add(Tensor([1.0, 3.0]), [1.0, 3.0]); average.result()
        Tensor(2.5, float32)
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def add(self, values: Any, sample_weight: Any = None) -> None:
        """Add values (N, ...) with their weights."""
        values = self._number(values)
        if sample_weight is None:
            self.total.assign_add(ops.sum(values))
            self.count.assign_add(values.size)
        else:
            weight = aligned_weight(self.name, stop_gradient(sample_weight), values)
            self.total.assign_add(ops.sum(values * weight))
            self.count.assign_add(ops.sum(weight))

    def result(self) -> Tensor:
        """Σ w v / Σ w; 0 before the first batch."""
        return ratio(self.total, self.count)


def ratio(part: Any, whole: Any) -> Tensor:
    """part / whole, and 0 where `whole` is 0.

    Example:
        >>> ratio(Tensor([1.0, 0.0]), Tensor([2.0, 0.0]))
        Tensor([0.5, 0. ], float32)
    """
    empty = whole == 0
    return ops.where(empty, 0.0, part / ops.where(empty, 1.0, whole))


@registry.register()
class Mean(Average):
    """The weighted mean of values: Σ w v / Σ w.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> mean = Mean()
        >>> mean.update_state([1.0, 3.0]); mean.update_state(8.0); mean.result()
        Tensor(4., float32)
    """

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        self.add(values, sample_weight)


@registry.register()
class Sum(Metric):
    """The weighted sum of values: Σ w v.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> total = Sum()
        >>> total.update_state([1.0, 3.0]); total.update_state(8.0, sample_weight=0.5); total.result()
        Tensor(8., float32)
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.total = self.add_variable(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        values = self._number(values)
        if sample_weight is not None:
            values = values * aligned_weight(self.name, stop_gradient(sample_weight), values)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Tensor:
        return stop_gradient(self.total)


class MeanOf(Average):
    """Base of metrics that are the mean of something per sample: a subclass defines `values`.

    Example:
        >>> class Bias(MeanOf):
        ...     def values(self, y_true, y_pred):
        ...         return y_pred - y_true
        >>> Bias()([1.0, 1.0], [2.0, 4.0])
        Tensor(2., float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """One number per sample (or per element), (N, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = stop_gradient(y_pred)
        if ops.isdtype(y_pred.dtype, "real floating"):
            y_pred = ops.cast(y_pred, self.dtype)
        self.add(self.values(stop_gradient(y_true), y_pred), sample_weight)


@registry.register()
class MeanMetricWrapper(MeanOf):
    """The mean of a function of labels and predictions.

    Args:
        fn: (y_true, y_pred) -> one number per sample; or the name of a registered one.
        name: by default that of the function.
        dtype: as in `Metric`.
        arguments: further arguments of `fn`.

    Example:
        >>> def off_by_one(y_true, y_pred):
        ...     return abs(y_true - y_pred) == 1
        >>> MeanMetricWrapper(off_by_one)([1, 2, 3, 4], [2, 2, 2, 4])
        Tensor(0.5, float32)
    """

    def __init__(
        self, fn: Callable[..., Any] | str, name: str | None = None, dtype: Any = None, **arguments: Any
    ) -> None:
        self.fn = functions[fn] if isinstance(fn, str) else fn
        super().__init__(name or getattr(self.fn, "__name__", None), dtype)
        self.arguments = arguments

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(y_true, y_pred, **self.arguments)
