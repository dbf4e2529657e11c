"""The same numbers in another arrangement: axes moved, added, dropped, repeated, reversed."""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import Array, Tensor, composite, op
from .casting import tensor
from .explain import explained

axes_exist = explained(
    "the axes must exist in the array, each named once",
    "axes from -ndim to ndim - 1",
    "Count the axes of the shape; the last one is -1",
)


def axes_of(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """The axes as numbers from 0, in the order given; all of them for None. A wrong or repeated one is an error."""
    return tuple(range(ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, ndim)


@op
@explained(
    "the number of elements must stay the same", "sizes of equal product, one of them possibly -1", "Check the sizes"
)
def reshape(x: Array, shape: int | Sequence[int]) -> Any:
    """The elements of x, in order, in a new shape; one size may be −1 and is then worked out.

    Example:
        >>> from lamina import ops
        >>> ops.reshape([1.0, 2.0, 3.0, 4.0], (2, -1))
        Tensor([[1., 2.], [3., 4.]], float32)
    """
    return jnp.reshape(x, shape), (x.shape,)


@reshape.backward
def _(kept: Any, g: Tensor) -> Any:
    return reshape(g, kept[0])


@op
@axes_exist
def transpose(x: Array, axes: Sequence[int] | None = None) -> Any:
    """x with its axes in the order `axes`; all of them reversed by default.

    Example:
        >>> from lamina import ops
        >>> ops.transpose([[1.0, 2.0], [3.0, 4.0]])
        Tensor([[1., 3.], [2., 4.]], float32)
    """
    axes = tuple(range(x.ndim))[::-1] if axes is None else axes_of(axes, x.ndim)
    return jnp.transpose(x, axes), (axes,)


@transpose.backward
def _(kept: Any, g: Tensor) -> Any:
    return transpose(g, tuple(int(i) for i in np.argsort(kept[0])))


@op
@axes_exist
def swapaxes(x: Array, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged.

    Example:
        >>> from lamina import ops
        >>> ops.swapaxes([[[1.0], [2.0]]], 0, 1).shape
        (2, 1, 1)
    """
    return jnp.swapaxes(x, axis1, axis2), (axis1, axis2)


@swapaxes.backward
def _(kept: Any, g: Tensor) -> Any:
    return swapaxes(g, *kept)


@op
@axes_exist
def moveaxis(x: Array, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """x with the axes `source` moved to the places `destination`; the others keep their order.

    Example:
        >>> from lamina import ops
        >>> ops.moveaxis(ops.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    return jnp.moveaxis(x, source, destination), (source, destination)


@moveaxis.backward
def _(kept: Any, g: Tensor) -> Any:
    source, destination = kept
    return moveaxis(g, destination, source)


@composite
def permute_dims(x: Any, axes: Sequence[int]) -> Tensor:
    """x with its axes in the order `axes`.

    Example:
        >>> from lamina import ops
        >>> ops.permute_dims(ops.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return transpose(x, axes)


@composite
def matrix_transpose(x: Any) -> Tensor:
    """x with its last two axes exchanged: each matrix of a batch transposed.

    Example:
        >>> from lamina import ops
        >>> ops.matrix_transpose(ops.zeros((5, 2, 3))).shape
        (5, 3, 2)
    """
    return swapaxes(x, -1, -2)


@op
@axes_exist
def expand_dims(x: Array, axis: int | Sequence[int]) -> Any:
    """x with a new axis of size 1 at each place of `axis`, counted in the result.

    Example:
        >>> from lamina import ops
        >>> ops.expand_dims([1.0, 2.0], -1).shape
        (2, 1)
    """
    return jnp.expand_dims(x, axis), (x.shape,)


@expand_dims.backward
def _(kept: Any, g: Tensor) -> Any:
    return reshape(g, kept[0])


@op
@explained("only axes of size 1 can be dropped", "axes of size 1", "Use reshape to merge axes")
def squeeze(x: Array, axis: int | Sequence[int] | None = None) -> Any:
    """x without the axes of size 1 in `axis`; without all of them by default.

    Example:
        >>> from lamina import ops
        >>> ops.squeeze([[[1.0], [2.0]]], 0).shape
        (2, 1)
    """
    return jnp.squeeze(x, axis), (x.shape,)


@squeeze.backward
def _(kept: Any, g: Tensor) -> Any:
    return reshape(g, kept[0])


@op
@explained(
    "the shape must broadcast",
    "sizes equal to the new ones, or 1, counted from the last axis",
    "Add axes with expand_dims",
)
def broadcast_to(x: Array, shape: Sequence[int]) -> Any:
    """x repeated along axes of size 1, and along new first axes, to a shape. Its adjoint is the sum over them.

    Example:
        >>> from lamina import ops
        >>> ops.broadcast_to([1.0, 2.0], (2, 2))
        Tensor([[1., 2.], [1., 2.]], float32)
    """
    return jnp.broadcast_to(x, shape), ()


@broadcast_to.backward
def _(kept: Any, g: Tensor) -> Any:
    return g  # summed to the input's shape where all gradients are


@composite
def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """The arrays, each repeated to their common shape.

    Example:
        >>> from lamina import ops
        >>> [a.shape for a in ops.broadcast_arrays(ops.zeros((2, 1)), ops.zeros(3))]
        [(2, 3), (2, 3)]
    """
    tensors = [tensor(a) for a in arrays]
    shape = jnp.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(broadcast_to(t, shape) for t in tensors)


@op
@axes_exist
def flip(x: Array, axis: int | Sequence[int] | None = None) -> Any:
    """x in reverse order along `axis`; along all axes by default.

    Example:
        >>> from lamina import ops
        >>> ops.flip([1.0, 2.0, 3.0])
        Tensor([3., 2., 1.], float32)
    """
    return jnp.flip(x, axis), (axis,)


@flip.backward
def _(kept: Any, g: Tensor) -> Any:
    return flip(g, kept[0])


@op
@axes_exist
def roll(x: Array, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any:
    """x moved by `shift` places along `axis`; what falls off the end comes in at the start.

    Example:
        >>> from lamina import ops
        >>> ops.roll([1.0, 2.0, 3.0], 1)
        Tensor([3., 1., 2.], float32)
    """
    return jnp.roll(x, shift, axis), (shift, axis)


@roll.backward
def _(kept: Any, g: Tensor) -> Any:
    shift, axis = kept
    return roll(g, -shift if isinstance(shift, int) else tuple(-s for s in shift), axis)


@composite
def tile(x: Any, repeats: int | Sequence[int]) -> Tensor:
    """x laid side by side `repeats` times along each axis, counted from the last.

    Example:
        >>> from lamina import ops
        >>> ops.tile([1.0, 2.0], 2)
        Tensor([1., 2., 1., 2.], float32)
    """
    x = tensor(x)
    counts = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    ndim = max(len(counts), x.ndim)
    counts = (1,) * (ndim - len(counts)) + counts
    sizes = (1,) * (ndim - x.ndim) + tuple(x.shape)
    rows = reshape(x, [n for size in sizes for n in (1, size)])
    rows = broadcast_to(rows, [n for pair in zip(counts, sizes, strict=True) for n in pair])
    return reshape(rows, [count * size for count, size in zip(counts, sizes, strict=True)])


@composite
def flatten(x: Any) -> Tensor:
    """All elements of x along one axis.

    Example:
        >>> from lamina import ops
        >>> ops.flatten([[1.0, 2.0], [3.0, 4.0]])
        Tensor([1., 2., 3., 4.], float32)
    """
    x = tensor(x)
    return reshape(x, (math.prod(x.shape),))
