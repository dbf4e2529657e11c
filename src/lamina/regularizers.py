"""Penalties on weights or activations, added to the loss and reported apart from it."""

import math
from typing import Any

from . import ops
from .core import ArgumentError, Configurable, Registry, Tensor, lookup, serialize

__all__ = [
    "L1", "L2", "L1L2", "OrthogonalRegularizer", "Regularizer",
    "get", "l1", "l1_l2", "l2", "orthogonal_regularizer", "serialize",
]  # fmt: skip

registry: Registry[Any] = Registry("regularizer")


class Regularizer(Configurable):
    """Base of all regularizers: a subclass defines `__call__(x)`, a scalar made of ops.

    Example:
        >>> class Mean(Regularizer):
        ...     def __call__(self, x):
        ...         return x.mean()
        >>> Mean()(Tensor([1.0, 3.0]))
        Tensor(2., float32)
    """

    def __call__(self, x: Tensor) -> Tensor:
        """The penalty of `x`, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(x)")


def get(identifier: Any) -> Any:
    """The regularizer that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no regularizer has this name.

    Example:
        >>> get("l2")(Tensor([1.0, 3.0]))
        Tensor(0.1, float32)
    """
    return lookup(registry, identifier)


def _factor(who: str, name: str, value: float) -> float:
    if isinstance(value, (int, float)) and math.isfinite(value) and value >= 0:
        return float(value)
    raise ArgumentError(
        who,
        f"{name} must be a factor that makes the penalty grow",
        expected="a finite number >= 0",
        received=repr(value),
        remedy="Try 0.01, or 0 for none",
    )


@registry.register("L1L2", "l1_l2", "l1l2")
class L1L2(Regularizer):
    """l1 · Σ|x| + l2 · Σx²: the elastic net's penalty.

    Args:
        l1: factor of the absolute values.
        l2: factor of the squares.

    Example:
        >>> L1L2(l1=0.1, l2=0.01)(Tensor([1.0, -3.0]))
        Tensor(0.5, float32)

    Reference: Zou and Hastie 2005, Regularization and variable selection via the elastic net.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("L1L2", "l1", l1), _factor("L1L2", "l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * ops.sum(ops.abs(x)) + self.l2 * ops.sum(ops.square(x))


@registry.register("L1", "l1")
class L1(Regularizer):
    """l1 · Σ|x|: drives weights towards zero. Its gradient never stops there: for exact zeros see
    `constraints.SoftThreshold`.

    Args:
        l1: factor.

    Example:
        >>> L1(0.1)(Tensor([1.0, -3.0]))
        Tensor(0.4, float32)
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("L1", "l1", l1)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * ops.sum(ops.abs(x))


@registry.register("L2", "l2")
class L2(Regularizer):
    """l2 · Σx²: keeps weights small. The textbooks' ½λΣx² is l2 = λ/2.

    Args:
        l2: factor.

    Example:
        >>> L2(0.01)(Tensor([1.0, -3.0]))
        Tensor(0.1, float32)
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("L2", "l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * ops.sum(ops.square(x))


@registry.register()
class OrthogonalRegularizer(Regularizer):
    """factor · mean of |cos| of the angles between each two rows (or columns) of a matrix: keeps them apart.

    Args:
        factor: of the mean.
        mode: "rows" or "columns".

    Raises:
        ArgumentError: another mode, or x is no matrix.

    Example:
        >>> OrthogonalRegularizer(1.0)(Tensor([[1.0, 0.0], [3.0, 4.0]]))
        Tensor(0.6, float32)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("OrthogonalRegularizer", "factor", factor)
        if mode not in ("rows", "columns"):
            raise ArgumentError(
                "OrthogonalRegularizer",
                "mode says what is compared",
                expected="rows or columns",
                received=repr(mode),
                remedy="Change mode",
            )
        self.mode = mode

    def __call__(self, x: Tensor) -> Tensor:
        if x.ndim != 2:
            raise ArgumentError(
                "OrthogonalRegularizer",
                "only a matrix has rows and columns",
                expected="2 axes",
                received=x.shape,
                remedy="Use it for Dense kernels",
            )
        rows = x if self.mode == "rows" else x.T
        rows = rows / ops.sqrt(ops.maximum(ops.sum(ops.square(rows), axis=1, keepdims=True), 1e-12))
        count = rows.shape[0]
        cosines = ops.abs(rows @ rows.T) * (1.0 - ops.eye(count, dtype=x.dtype))
        return self.factor * ops.sum(cosines) / max(1, count * (count - 1))


# Keras also calls the classes by these names.
l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
