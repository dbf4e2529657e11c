"""The best of one quantity where another is good enough: single points of the ROC and precision-recall curves."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Tensor, as_array
from ..core.budget import spend
from .confusion import KINDS, ConfusionMetric, share
from .metric import registry


class CurvePoint(ConfusionMetric):
    """Base of such metrics: a subclass says what is wanted and what is asked for, in `wanted_and_given`.

    Args:
        least: what the given quantity must reach, in [0, 1].
        num_thresholds: tried, evenly spaced in [0, 1].
        class_id: look at this output alone.
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError: `least` or `num_thresholds` is out of range.

    Example:
        >>> PrecisionAtRecall(recall=0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]).item()
        1.0
    """

    def __init__(self, least: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any) -> None:
        who = type(self).__name__
        for value, fine, expected in (
            (least, 0 <= least <= 1, "a share in [0, 1]"),
            (num_thresholds, num_thresholds >= 1, "num_thresholds >= 1"),
        ):
            if not fine:
                rule, remedy = "an argument is out of range", "Change it"
                raise ArgumentError(who, rule, expected=expected, received=repr(value), remedy=remedy)
        spend((num_thresholds,), type(self).__name__)
        thresholds = np.linspace(0, 1, num_thresholds).tolist() if num_thresholds > 1 else [0.5]
        super().__init__(thresholds, class_id=class_id, name=name, dtype=dtype)
        self.least = least

    def wanted_and_given(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """The two quantities at each threshold."""
        raise NotImplementedError(f"{type(self).__name__} must define wanted_and_given(tp, fp, tn, fn)")

    def result(self) -> Tensor:
        """The largest wanted value among the thresholds whose given value is at least `least`; 0 if there is none."""
        wanted, given = self.wanted_and_given(*(as_array(self._cells[kind]) for kind in KINDS))
        return Tensor(jnp.max(jnp.where(given >= self.least, wanted, 0)))


@registry.register()
class PrecisionAtRecall(CurvePoint):
    """The best precision at a recall of at least `recall`.

    Args:
        recall: in [0, 1].
        num_thresholds, class_id, name, dtype: as in `CurvePoint`.

    Example:
        >>> PrecisionAtRecall(recall=0.8)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]).item()
        0.6666667
    """

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def wanted_and_given(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        return share(tp, fp), share(tp, fn)


@registry.register()
class RecallAtPrecision(CurvePoint):
    """The best recall at a precision of at least `precision`.

    Args:
        precision: in [0, 1].
        num_thresholds, class_id, name, dtype: as in `CurvePoint`.

    Example:
        >>> RecallAtPrecision(precision=0.8)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]).item()
        0.5
    """

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def wanted_and_given(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        return share(tp, fn), share(tp, fp)


@registry.register()
class SensitivityAtSpecificity(CurvePoint):
    """The best sensitivity TP / (TP + FN) at a specificity TN / (TN + FP) of at least `specificity`.

    Args:
        specificity: in [0, 1].
        num_thresholds, class_id, name, dtype: as in `CurvePoint`.

    Example:
        >>> SensitivityAtSpecificity(specificity=0.8)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]).item()
        0.5
    """

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def wanted_and_given(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        return share(tp, fn), share(tn, fp)


@registry.register()
class SpecificityAtSensitivity(CurvePoint):
    """The best specificity TN / (TN + FP) at a sensitivity TP / (TP + FN) of at least `sensitivity`.

    Args:
        sensitivity: in [0, 1].
        num_thresholds, class_id, name, dtype: as in `CurvePoint`.

    Example:
        >>> SpecificityAtSensitivity(sensitivity=0.8)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]).item()
        0.5
    """

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def wanted_and_given(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        return share(tn, fp), share(tp, fn)
