"""Arrays put together and taken apart: concatenate and split, stack and unstack, pad and slice."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Array, Tensor, composite, op
from .casting import tensor
from .explain import explained
from .indexing import take

_joins = "the arrays must agree in all axes but the one along which they are joined"


_in_array = explained(
    "the block must fit the array", "a start for each axis, no size above the array's", "Compare the shapes"
)


def _filled(grads: Sequence[Tensor | None], shapes: Sequence[Sequence[int]], dtype: Any) -> list[Tensor]:
    """The gradients of several results, zeros for those that nobody used."""
    pairs = zip(grads, shapes, strict=True)
    return [Tensor(jnp.zeros(shape, dtype)) if g is None else g for g, shape in pairs]


@op(promotes=True)
@explained(_joins, "equal sizes there", "Compare the shapes, or use stack to add an axis")
def concatenate(arrays: Sequence[Array], axis: int | None = 0) -> Any:
    """The arrays one after the other along an axis they have; flattened first if it is None.

    Args:
        arrays: of shapes (..., n_i, ...).

    Returns:
        (..., Σ n_i, ...), in the type they promote to.

    Example:
        >>> from lamina import ops
        >>> ops.concatenate([[1.0, 2.0], [3.0]])
        Tensor([1., 2., 3.], float32)
    """
    sizes = [a.size if axis is None else a.shape[axis] for a in arrays]
    return jnp.concatenate(arrays, axis), (sizes, axis, [a.shape for a in arrays])


@concatenate.backward
def _(kept: Any, g: Tensor) -> Any:
    sizes, axis, shapes = kept
    parts = split(g, tuple(int(i) for i in np.cumsum(sizes)[:-1]), axis or 0)
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


@op
@explained("the axis must divide into the parts", "a number of equal parts, or places to cut at", "Check the axis")
def split(x: Array, indices_or_sections: int | Sequence[int], axis: int = 0) -> Any:
    """x cut along an axis: into equal parts, or before each of the places given.

    Example:
        >>> from lamina import ops
        >>> ops.split([1.0, 2.0, 3.0], [1])
        (Tensor([1.], float32), Tensor([2., 3.], float32))
    """
    parts = tuple(jnp.split(x, indices_or_sections, axis))
    return parts, ([p.shape for p in parts], x.dtype, axis)


@split.backward
def _(kept: Any, *grads: Tensor | None) -> Any:
    shapes, dtype, axis = kept
    return concatenate(_filled(grads, shapes, dtype), axis)


@op(promotes=True)
@explained("the arrays must have one shape", "equal shapes", "Use concatenate to join along an axis that exists")
def stack(arrays: Sequence[Array], axis: int = 0) -> Any:
    """The arrays side by side along a new axis.

    Example:
        >>> from lamina import ops
        >>> ops.stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
        Tensor([[1., 3.], [2., 4.]], float32)
    """
    return jnp.stack(arrays, axis), (axis,)


@stack.backward
def _(kept: Any, g: Tensor) -> Any:
    return unstack(g, kept[0])


@op
@explained("the axis must exist in the array", "an axis from -ndim to ndim - 1", "Count the axes of the shape")
def unstack(x: Array, axis: int = 0) -> Any:
    """The slices of x along an axis, which disappears: as many arrays as it is long.

    Example:
        >>> from lamina import ops
        >>> ops.unstack([[1.0, 2.0], [3.0, 4.0]], axis=1)
        (Tensor([1., 3.], float32), Tensor([2., 4.], float32))
    """
    parts = tuple(jnp.unstack(x, axis=axis))
    return parts, ([p.shape for p in parts], x.dtype, axis)


@unstack.backward
def _(kept: Any, *grads: Tensor | None) -> Any:
    shapes, dtype, axis = kept
    return stack(_filled(grads, shapes, dtype), axis)


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """NumPy's short forms of `pad_width`, spelt out: (before, after) for each axis."""
    pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2)).tolist()
    return [(int(before), int(after)) for before, after in pairs]


@op
@explained("each axis needs a pair of widths", "(before, after) for each axis", "Compare pad_width with the shape")
def pad_constant(x: Array, pad_width: Any, value: Any = 0) -> Any:
    """x with a border of one value: what `pad` does by default. Negative widths cut.

    Example:
        >>> from lamina import ops
        >>> ops.pad_constant([1.0, 2.0], ((1, 0),))
        Tensor([0., 1., 2.], float32)
    """
    widths = _widths(pad_width, x.ndim)
    return jax.lax.pad(x, jnp.asarray(value, x.dtype), [(*w, 0) for w in widths]), (widths,)


@pad_constant.backward
def _(kept: Any, g: Tensor) -> Any:
    return pad_constant(g, [(-before, -after) for before, after in kept[0]])


@composite
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Tensor:
    """x with a border.

    Args:
        x: any shape.
        pad_width: (before, after) for each axis, or one pair or one number for all.
        mode: "constant"; "edge" repeats the last element; "reflect" mirrors without it, "symmetric" with it; "wrap"
            goes on at the other end.
        constant_values: the number in the border.

    Raises:
        ArgumentError: unknown mode.

    Example:
        >>> from lamina import ops
        >>> ops.pad([1.0, 2.0, 3.0], 1), ops.pad([1.0, 2.0, 3.0], (1, 2), "reflect")
        (Tensor([0., 1., 2., 3., 0.], float32), Tensor([2., 1., 2., 3., 2., 1.], float32))
    """
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise ArgumentError(
            "pad",
            "the mode must be known",
            expected="'constant', 'edge', 'reflect', 'symmetric' or 'wrap'",
            received=repr(mode),
            remedy="Choose one of these",
        )
    x = tensor(x)
    if mode == "constant":
        return pad_constant(x, pad_width, constant_values)
    for axis, (width, size) in enumerate(zip(_widths(pad_width, x.ndim), x.shape, strict=True)):
        if width != (0, 0):
            x = take(x, np.pad(np.arange(size), width, mode), axis)  # type: ignore[call-overload]
    return x


@op
@_in_array
def slice(x: Array, start_indices: Array, shape: Sequence[int]) -> Any:
    """The block of x of a given shape that begins at `start_indices`, which may be known only when the program runs.

    Example:
        >>> from lamina import ops
        >>> ops.slice([1.0, 2.0, 3.0, 4.0], [1], (2,))
        Tensor([2., 3.], float32)

    A block that would stick out is moved inside, as in XLA and Keras on JAX.
    """
    return jax.lax.dynamic_slice(x, tuple(start_indices), tuple(shape)), (start_indices, x.shape, x.dtype)


@slice.backward
def _(kept: Any, g: Tensor) -> Any:
    start, shape, dtype = kept
    return slice_update(Tensor(jnp.zeros(shape, dtype)), start, g), None


@op
@_in_array
def slice_update(x: Array, start_indices: Array, updates: Array) -> Any:
    """x with the block that begins at `start_indices` replaced by `updates`.

    Example:
        >>> from lamina import ops
        >>> ops.slice_update([1.0, 2.0, 3.0, 4.0], [1], [20.0, 30.0])
        Tensor([ 1., 20., 30.,  4.], float32)
    """
    return jax.lax.dynamic_update_slice(x, updates.astype(x.dtype), tuple(start_indices)), (
        start_indices,
        updates.shape,
    )


@slice_update.backward
def _(kept: Any, g: Tensor) -> Any:
    start, shape = kept
    return slice_update(g, start, Tensor(jnp.zeros(shape, g.dtype))), None, slice(g, start, shape)
