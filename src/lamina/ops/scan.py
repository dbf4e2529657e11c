"""Running sums and products, and the linear recurrence that is the backward of both."""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, composite, op
from .casting import tensor
from .indexing import getitem
from .joining import concatenate
from .shape import axes_exist, flatten


@op
@axes_exist
def sum_along(x: Array, axis: int, reverse: bool = False) -> Any:
    """Running sums along an axis, from its end if `reverse`: what `cumsum` is made of.

    Example:
        >>> from lamina import ops
        >>> ops.sum_along([1.0, 2.0, 3.0], 0, reverse=True)
        Tensor([6., 5., 3.], float32)
    """
    return jax.lax.cumsum(x, axis % x.ndim, reverse=reverse), (axis, reverse)


@sum_along.backward
def _(kept: Any, g: Tensor) -> Any:
    axis, reverse = kept
    return sum_along(g, axis, not reverse)


@op(promotes=True)
@axes_exist
def linear_recurrence(a: Array, b: Array, axis: int = -1, reverse: bool = False) -> Any:
    """h_t = a_t·h_{t−1} + b_t along an axis, with h = 0 before the first; from the end if `reverse`.

    Computed in O(log T) parallel steps (Blelloch 1990, Prefix sums and their applications).

    Args:
        a, b: one shape, T the size of `axis`. The first a is not used.

    Example:
        >>> from lamina import ops
        >>> ops.linear_recurrence([0.5, 0.5, 0.5], [1.0, 1.0, 1.0])
        Tensor([1.  , 1.5 , 1.75], float32)
    """

    def compose(first: Any, second: Any) -> Any:
        return first[0] * second[0], first[1] * second[0] + second[1]

    _, h = jax.lax.associative_scan(compose, (a, b), reverse, axis % a.ndim)
    return h, (a, h, axis, reverse)


@linear_recurrence.backward
def _(kept: Any, g: Tensor) -> Any:
    a, h, axis, reverse = kept
    # b_t reaches h_t, h_{t+1} by a_{t+1}, and so on: the same recurrence from the other end, with a moved by one.
    gb = linear_recurrence(shifted(a, axis, -1 if not reverse else 1), g, axis, not reverse)
    return gb * shifted(h, axis, 1 if not reverse else -1), gb


def shifted(x: Tensor, axis: int, by: int, fill: float = 0.0) -> Tensor:
    """x moved by one place along an axis, to the right (by = 1) or to the left (−1); `fill` comes in."""
    axis = axis % x.ndim
    edge = Tensor(jnp.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), fill, x.dtype))
    before = (slice(None),) * axis
    if by > 0:
        return concatenate([edge, getitem(x, (*before, slice(None, -1)))], axis)
    return concatenate([getitem(x, (*before, slice(1, None))), edge], axis)


@op
@axes_exist
def product_along(x: Array, axis: int, reverse: bool = False) -> Any:
    """Running products along an axis, from its end if `reverse`: what `cumprod` is made of. Right also at 0.

    Example:
        >>> from lamina import ops
        >>> ops.product_along([1.0, 2.0, 3.0], 0, reverse=True)
        Tensor([6., 6., 3.], float32)
    """
    y = jax.lax.cumprod(x, axis % x.ndim, reverse=reverse)
    return y, (x, y, axis, reverse)


@product_along.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, axis, reverse = kept
    # ∂y_k/∂x_i = (product before i)·(product of x_{i+1} … x_k); the sum over k is a recurrence, without any division.
    after = linear_recurrence(shifted(x, axis, 1 if reverse else -1), g, axis, not reverse)
    return shifted(y, axis, -1 if reverse else 1, 1.0) * after


def products_of_others(x: Tensor) -> Tensor:
    """For each element the product of all others along the last axis, without division: right also at 0."""
    before, after = shifted(product_along(x, -1), -1, 1, 1.0), shifted(product_along(x, -1, True), -1, -1, 1.0)
    return before * after


@composite
def cumsum(x: Any, axis: int | None = None) -> Tensor:
    """Running sums y_t = Σ_{s≤t} x_s along `axis`; x is flattened first if None.

    Example:
        >>> from lamina import ops
        >>> ops.cumsum([1.0, 2.0, 3.0])
        Tensor([1., 3., 6.], float32)
    """
    return sum_along(flatten(x), 0) if axis is None else sum_along(x, axis)


@composite
def cumprod(x: Any, axis: int | None = None) -> Tensor:
    """Running products y_t = Π_{s≤t} x_s along `axis`; x is flattened first if None. Gradients are right also at 0.

    Example:
        >>> from lamina import ops
        >>> ops.cumprod([1.0, 2.0, 3.0])
        Tensor([1., 2., 6.], float32)
    """
    return product_along(flatten(x), 0) if axis is None else product_along(x, axis)


def _with_initial(y: Tensor, axis: int, value: float, wanted: bool) -> Tensor:
    if not wanted:
        return y
    shape = [1 if i == axis % y.ndim else n for i, n in enumerate(y.shape)]
    return concatenate([Tensor(jnp.full(shape, value, y.dtype)), y], axis)


@composite
def cumulative_sum(x: Any, axis: int | None = None, include_initial: bool = False) -> Tensor:
    """`cumsum` in the array API's form: `axis` may be left out for vectors only; optionally beginning with 0.

    Example:
        >>> from lamina import ops
        >>> ops.cumulative_sum([1.0, 2.0], include_initial=True)
        Tensor([0., 1., 3.], float32)
    """
    return _with_initial(cumsum(x, axis), axis or 0, 0.0, include_initial)


@composite
def cumulative_prod(x: Any, axis: int | None = None, include_initial: bool = False) -> Tensor:
    """`cumprod` in the array API's form: optionally beginning with 1.

    Example:
        >>> from lamina import ops
        >>> ops.cumulative_prod([3.0, 2.0], include_initial=True)
        Tensor([1., 3., 6.], float32)
    """
    return _with_initial(cumprod(x, axis), axis or 0, 1.0, include_initial)


@composite
def diff(x: Any, axis: int = -1, n: int = 1) -> Tensor:
    """Differences of neighbours x_{t+1} − x_t along an axis, taken n times.

    Example:
        >>> from lamina import ops
        >>> ops.diff([1.0, 4.0, 9.0])
        Tensor([3., 5.], float32)
    """
    x = tensor(x)
    before = (slice(None),) * (axis % x.ndim)
    for _ in range(n):
        x = getitem(x, (*before, slice(1, None))) - getitem(x, (*before, slice(None, -1)))
    return x
