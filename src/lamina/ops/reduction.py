"""Many numbers to one: sums, products, extremes, spread.

`axis` None means over all axes; `keepdims` leaves the reduced axes with size 1.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ..core import Array, Tensor, composite, op
from ..native import has_kernels, run_kernel
from .casting import tensor
from .exponential import exp
from .scan import products_of_others
from .shape import axes_exist, axes_of, broadcast_to, reshape, transpose

Axis = int | Sequence[int] | None
_LONG = 2**15  # numbers in a row
_FEW = 2**10  # numbers among which XLA for CPUs finds a NaN
_WIDE, _MANY = 2**6, 2**14  # in a row and in all: numbers that are worth the call of a kernel


def _tuple(axis: Axis) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _kept_shape(shape: Sequence[int], axis: Axis) -> tuple[int, ...]:
    """The shape with size 1 where it was reduced."""
    gone = axes_of(_tuple(axis), len(shape))
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def _count(shape: Sequence[int], axis: Axis) -> int:
    return math.prod(shape[i] for i in axes_of(_tuple(axis), len(shape)))


def _has_long_rows(x: Array, axis: Axis) -> bool:
    """Whether the first axes are summed over rows so long that XLA for CPUs is slow with them.

    It then takes 5 to 60 times as long as a product with ones.
    """
    gone = axes_of(_tuple(axis), x.ndim)
    first = 0 < len(gone) < x.ndim and sorted(gone) == list(range(len(gone)))
    row = math.prod(x.shape[len(gone) :])
    return first and row >= _LONG and x.dtype == jnp.float32 and jax.default_backend() == "cpu"


def _summed(x: Array, axis: Axis, keepdims: bool) -> Array:
    if not _has_long_rows(x, axis):
        return jnp.sum(x, _tuple(axis), keepdims=keepdims)
    kept = x.shape[len(axes_of(_tuple(axis), x.ndim)) :]
    rows = x.reshape(_count(x.shape, axis), math.prod(kept))
    return (jnp.ones(len(rows), x.dtype) @ rows).reshape(_kept_shape(x.shape, axis) if keepdims else kept)


@op
@axes_exist
def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """Σ x over `axis`. Its adjoint is `broadcast_to`.

    Example:
        >>> from lamina import ops
        >>> ops.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
        Tensor([4., 6.], float32)
    """
    return _summed(x, axis, keepdims), (x.shape, axis)


@sum.backward
def _(kept: Any, g: Tensor) -> Any:
    shape, axis = kept
    return broadcast_to(reshape(g, _kept_shape(shape, axis)), shape)


@op
@axes_exist
def mean(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """Σ x / n over `axis`, n the number of elements; integers give floats.

    Example:
        >>> from lamina import ops
        >>> ops.mean([[1.0, 2.0], [3.0, 4.0]], axis=0)
        Tensor([2., 3.], float32)
    """
    return jnp.mean(x, _tuple(axis), keepdims=keepdims), (x.shape, axis)


@mean.backward
def _(kept: Any, g: Tensor) -> Any:
    shape, axis = kept
    return broadcast_to(reshape(g / _count(shape, axis), _kept_shape(shape, axis)), shape)


def _shared(kept: Any, g: Tensor) -> Tensor:
    """The backward rule of max and min: the gradient goes in equal shares to all elements that are the extreme."""
    x, y, axis = kept
    shape = _kept_shape(x.shape, axis)
    chosen = (x == reshape(y, shape)).astype(g.dtype)
    return chosen * (reshape(g, shape) / sum(chosen, axis, keepdims=True))


def _extreme(x: Array, chosen: Any, axis: Axis, keepdims: bool) -> Array:
    """What `chosen` (max or min) finds, NaN where there is one: among thousands of numbers XLA for CPUs loses it."""
    y = chosen(x, _tuple(axis), keepdims=keepdims)
    if not jnp.issubdtype(x.dtype, jnp.floating) or x.size <= _FEW or jax.default_backend() != "cpu":
        return y
    return jnp.where(jnp.isnan(x).any(_tuple(axis), keepdims=keepdims), jnp.nan, y)


@op
@axes_exist
def max(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest element over `axis`. Elements that tie share the gradient equally.

    Example:
        >>> from lamina import ops
        >>> ops.max([[1.0, 5.0], [3.0, 4.0]], axis=1)
        Tensor([5., 4.], float32)
    """
    y = _extreme(x, jnp.max, axis, keepdims)
    return y, (x, y, axis)


max.backward(_shared)


@op
@axes_exist
def min(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """The smallest element over `axis`. Elements that tie share the gradient equally.

    Example:
        >>> from lamina import ops
        >>> ops.min([[1.0, 5.0], [3.0, 4.0]], axis=1)
        Tensor([1., 3.], float32)
    """
    y = _extreme(x, jnp.min, axis, keepdims)
    return y, (x, y, axis)


min.backward(_shared)


@op
def product_of_last_axis(x: Array) -> Any:
    """Π x over the last axis: what `prod` is made of. The gradient is right where factors are 0.

    Example:
        >>> from lamina import ops
        >>> ops.product_of_last_axis([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]])
        Tensor([6., 0.], float32)
    """
    return jnp.prod(x, -1), (x,)


@product_of_last_axis.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return reshape(g, (*g.shape, 1)) * products_of_others(x)


@composite
def prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Π x over `axis`. The gradient of one factor is the product of the others, also where factors are 0.

    Example:
        >>> from lamina import ops
        >>> ops.prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
        Tensor([3., 8.], float32)
    """
    x = tensor(x)
    gone = axes_of(axis, x.ndim)
    stay = [i for i in range(x.ndim) if i not in gone]
    rows = reshape(transpose(x, (*stay, *gone)), [*(x.shape[i] for i in stay), _count(x.shape, gone)])
    result = product_of_last_axis(rows)
    return reshape(result, _kept_shape(x.shape, gone)) if keepdims else result


@op
@axes_exist
def var(x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """Variance Σ (x − x̄)² / (n − c) over `axis`, in two passes, so that a large mean costs no digits.

    Args:
        correction: c; 0 for the variance of the numbers themselves, 1 for the unbiased estimate from a sample.

    Example:
        >>> from lamina import ops
        >>> ops.var([1.0, 3.0]), ops.var([1.0, 3.0], correction=1)
        (Tensor(1., float32), Tensor(2., float32))
    """
    return jnp.var(x, _tuple(axis), correction=correction, keepdims=keepdims), (x, axis, correction)


@var.backward
def _(kept: Any, g: Tensor) -> Any:
    x, axis, correction = kept
    g = reshape(g, _kept_shape(x.shape, axis))
    return (x - mean(x, axis, keepdims=True)) * (g * (2.0 / (_count(x.shape, axis) - correction)))


@op
@axes_exist
def std(x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """Standard deviation, the root of `var`; where it is 0, so is its gradient.

    Example:
        >>> from lamina import ops
        >>> ops.std([1.0, 3.0])
        Tensor(1., float32)
    """
    y = jnp.std(x, _tuple(axis), correction=correction, keepdims=keepdims)
    return y, (x, y, axis, correction)


@std.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, axis, correction = kept
    scale = g / ((y + (y == 0).astype(y.dtype)) * (_count(x.shape, axis) - correction))
    return (x - mean(x, axis, keepdims=True)) * reshape(scale, _kept_shape(x.shape, axis))


@op
@axes_exist
def logsumexp(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """ln Σ eˣ over `axis`, shifted by the largest x so that nothing overflows.

    Example:
        >>> from lamina import ops
        >>> ops.logsumexp([1000.0, 1000.0])
        Tensor(1000.6932, float32)
    """
    peak = jnp.max(x, _tuple(axis), keepdims=True)
    peak = jnp.where(jnp.isfinite(peak), peak, jnp.zeros_like(peak))
    y = jnp.log(jnp.sum(jnp.exp(x - peak), _tuple(axis), keepdims=True)) + peak
    y = y if keepdims else jnp.squeeze(y, axes_of(_tuple(axis), x.ndim))
    return y, (x, peak, axis)


@logsumexp.backward
def _(kept: Any, g: Tensor) -> Any:
    x, peak, axis = kept
    powers = exp(x - peak)  # the shares eˣ / Σ eˣ do not depend on the shift, so it needs no derivative
    total = sum(powers, axis, keepdims=True)
    share = reshape(g, total.shape) / (total + (total == 0).astype(total.dtype))
    return powers * share


@op
@axes_exist
def all(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether all elements over `axis` are true.

    Example:
        >>> from lamina import ops
        >>> ops.all([[True, False], [True, True]], axis=1)
        Tensor([False, True], bool)
    """
    return jnp.all(x, _tuple(axis), keepdims=keepdims), ()


@op
@axes_exist
def any(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether some element over `axis` is true.

    Example:
        >>> from lamina import ops
        >>> ops.any([[True, False], [False, False]], axis=1)
        Tensor([ True, False], bool)
    """
    return jnp.any(x, _tuple(axis), keepdims=keepdims), ()


@op
@axes_exist
def count_nonzero(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    """How many elements over `axis` are not 0.

    Example:
        >>> from lamina import ops
        >>> ops.count_nonzero([0.0, 2.0, 3.0])
        Tensor(2, int32)
    """
    return jnp.count_nonzero(x, _tuple(axis), keepdims=keepdims), ()


def _first(x: Array, chosen: Any, axis: int | None, keepdims: bool) -> Array:
    """Where x first equals what `chosen` (max or min) finds along the axis, a NaN before all.

    XLA walks through pairs of values and places one by one. A kernel goes over the last axis in a quarter of the time;
    elsewhere two searches in vectors take a third: for the value, and for its first place, in floats, which can count
    to 2²⁴.
    """
    if axis is None or x.dtype != jnp.float32 or not 0 < x.shape[axis] <= 2**24 or not isinstance(x, jax.core.Tracer):
        return (jnp.argmax if chosen is jnp.max else jnp.argmin)(x, axis, keepdims=keepdims)
    axis %= x.ndim
    if axis == x.ndim - 1 and x.shape[-1] >= _WIDE and x.size >= _MANY and has_kernels(x):
        rows = x.reshape(-1, x.shape[-1])
        places = run_kernel("first_extreme", [rows.shape[:1]], rows, dtype=jnp.int32, least=chosen is jnp.min)[0]
        return places.reshape(_kept_shape(x.shape, axis) if keepdims else x.shape[:-1])
    place = lax.broadcasted_iota(x.dtype, [n if i == axis else 1 for i, n in enumerate(x.shape)], axis)
    found = (x == _extreme(x, chosen, axis, True)) | jnp.isnan(x)
    return jnp.min(jnp.where(found, place, jnp.inf), axis, keepdims=keepdims).astype(int)


@op
@axes_exist
def argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    """Place of the first largest element along `axis`; in the flattened x if None.

    Example:
        >>> from lamina import ops
        >>> ops.argmax([[1.0, 5.0], [3.0, 2.0]], axis=1)
        Tensor([1, 0], int32)
    """
    return _first(x, jnp.max, axis, keepdims), ()


@op
@axes_exist
def argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    """Place of the first smallest element along `axis`; in the flattened x if None.

    Example:
        >>> from lamina import ops
        >>> ops.argmin([[1.0, 5.0], [3.0, 2.0]], axis=1)
        Tensor([0, 1], int32)
    """
    return _first(x, jnp.min, axis, keepdims), ()
