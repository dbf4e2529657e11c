"""Conditions that weights keep: each is applied to a variable's value after every update."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .core import ArgumentError, Configurable, Registry, as_array, lookup, serialize

__all__ = [
    "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "SoftThreshold", "UnitNorm", "constrained",
    "get", "max_norm", "min_max_norm", "non_neg", "serialize", "soft_threshold", "unit_norm",
]  # fmt: skip

registry: Registry[Any] = Registry("constraint")

Axis = int | Sequence[int]


class Constraint(Configurable):
    """Base of all constraints: a subclass defines `project(w)`, the nearest allowed weights.

    Example:
        >>> class Whole(Constraint):
        ...     def project(self, w):
        ...         return w.round()
        >>> Whole()([0.2, 1.7]).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: Any) -> jax.Array:
        """The allowed weights for `w`, an array or Variable."""
        return self.project(as_array(w))

    def project(self, w: jax.Array) -> jax.Array:
        """The allowed weights for the array `w`, of its shape and dtype."""
        raise NotImplementedError(f"{type(self).__name__} must define project(w)")

    def after_update(self, w: jax.Array, learning_rate: jax.Array) -> jax.Array:
        """The allowed weights for `w`, which an update of that rate has made; few constraints need to know the rate."""
        return self(w)


def get(identifier: Any) -> Any:
    """The constraint that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no constraint has this name.

    Example:
        >>> get("non_neg")([-1.0, 2.0]).tolist()
        [0.0, 2.0]
    """
    return lookup(registry, identifier)


def constrained(w: jax.Array, constraint: Any, learning_rate: Any) -> jax.Array:
    """What an optimizer stores: `w` as `constraint` allows it.

    Args:
        w: weights after an update.
        constraint: a Constraint, any function of the weights, or None.
        learning_rate: of that update.

    Example:
        >>> constrained(jnp.array([-1.0, 2.0]), SoftThreshold(1.0), learning_rate=0.5).tolist()
        [-0.5, 1.5]
    """
    if isinstance(constraint, Constraint):
        return constraint.after_update(w, learning_rate)
    return w if constraint is None else constraint(w)


def _norm(w: jax.Array, axis: Axis) -> jax.Array:
    axes = axis if isinstance(axis, int) else tuple(axis)
    return jnp.sqrt(jnp.sum(w * w, axes, keepdims=True))


def _rescale(w: jax.Array, norm: jax.Array, wanted: jax.Array) -> jax.Array:
    """`w` with `norm` changed to `wanted`; weights that are all zero have no direction and stay zero."""
    return jnp.where((norm > 0) & (norm != wanted), w * (wanted / jnp.where(norm > 0, norm, 1)), w)


@registry.register()
class NonNeg(Constraint):
    """max(w, 0): no negative weights.

    Example:
        >>> NonNeg()([-1.0, 0.5]).tolist()
        [0.0, 0.5]
    """

    def project(self, w: jax.Array) -> jax.Array:
        return jnp.maximum(w, 0)


@registry.register()
class MaxNorm(Constraint):
    """w · min(1, c / |w|): the norm of the weights that enter a unit is at most c.

    Args:
        max_value: c.
        axis: axes over which the norm is taken: 0 for a Dense kernel (F, U), (0, 1, 2) for a Conv2D
            kernel (K, K, C, U).

    Example:
        >>> MaxNorm(1.0)([[3.0, 0.1], [4.0, 0.1]]).round(2).tolist()
        [[0.6, 0.1], [0.8, 0.1]]

    Reference: Srivastava et al. 2014, Dropout, section 5.1. Keras differs by 1e-7 in the divisor, so that it also
    changes weights that are within the limit.
    """

    def __init__(self, max_value: float = 2.0, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def project(self, w: jax.Array) -> jax.Array:
        norm = _norm(w, self.axis)
        return _rescale(w, norm, jnp.minimum(norm, self.max_value))


@registry.register()
class UnitNorm(Constraint):
    """w / |w|: the weights that enter a unit have norm 1.

    Args:
        axis: axes over which the norm is taken, as in MaxNorm.

    Example:
        >>> UnitNorm()([[3.0], [4.0]]).round(2).tolist()
        [[0.6], [0.8]]
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def project(self, w: jax.Array) -> jax.Array:
        norm = _norm(w, self.axis)
        return _rescale(w, norm, jnp.ones_like(norm))


@registry.register()
class MinMaxNorm(Constraint):
    """w · (r · clip(|w|, a, b) + (1 - r) · |w|) / |w|: norms move towards the range [a, b].

    Args:
        min_value: a.
        max_value: b.
        rate: r: 1 puts the norm into the range at once, less moves it gradually.
        axis: axes over which the norm is taken, as in MaxNorm.

    Example:
        >>> MinMaxNorm(1.0, 2.0)([[0.3, 6.0], [0.4, 8.0]]).round(2).tolist()
        [[0.6, 1.2], [0.8, 1.6]]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def project(self, w: jax.Array) -> jax.Array:
        norm = _norm(w, self.axis)
        inside = jnp.clip(norm, self.min_value, self.max_value)
        return _rescale(w, norm, self.rate * inside + (1 - self.rate) * norm)


@registry.register()
class SoftThreshold(Constraint):
    """sign(w) · max(|w| - η · l1, 0): the proximal step of the penalty l1 · Σ|w|, which makes weights exactly zero.

    The gradient of the regularizer `L1` only pushes weights to and fro across zero. Here the optimizer follows the
    gradient of the other losses, and each weight is then moved towards zero by η · l1, but not beyond. With `SGD`
    that is proximal gradient descent (ISTA), whose fixed points are those of the loss + l1 · Σ|w|; with an adaptive
    optimizer it is L1 apart from the gradient, as AdamW's decay is L2 apart from it.

    Args:
        l1: factor of the penalty; η is the learning rate of the update, and 1 when the constraint is called by hand.

    Example:
        >>> SoftThreshold(0.5)([-2.0, 0.25, 1.0]).tolist()
        [-1.5, 0.0, 0.5]

    Reference: Daubechies, Defrise and De Mol 2004, arXiv math/0307152; Parikh and Boyd 2014, Proximal Algorithms.
    """

    def __init__(self, l1: float = 0.01) -> None:
        if not (isinstance(l1, (int, float)) and math.isfinite(l1) and l1 >= 0):
            raise ArgumentError(
                "SoftThreshold",
                "l1 moves weights towards zero",
                expected="a finite number >= 0",
                received=repr(l1),
                remedy="Try 0.001",
            )
        self.l1 = l1

    def project(self, w: jax.Array) -> jax.Array:
        return self.after_update(w, jnp.ones((), w.dtype))

    def after_update(self, w: jax.Array, learning_rate: jax.Array) -> jax.Array:
        return jnp.sign(w) * jnp.maximum(jnp.abs(w) - self.l1 * learning_rate, 0)


# Keras also calls the classes by these names; the last is Lamina's own.
max_norm, min_max_norm, non_neg, unit_norm, soft_threshold = MaxNorm, MinMaxNorm, NonNeg, UnitNorm, SoftThreshold
