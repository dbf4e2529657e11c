"""Elements by their place. Reading with a key and adding at a key are each other's backward: `getitem` and `place`.

Everything else that picks elements (take, gather, diagonal, scatter) is one of the two with a key worked out.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Array, ShapeError, Tensor, as_array, composite, op
from .casting import tensor
from .explain import explained
from .shape import broadcast_to, expand_dims, flatten, reshape

Key = tuple[Any, ...]


def _plain(part: Any) -> Any:
    """One part of a key as NumPy and JAX know it: tensors and lists become arrays."""
    if isinstance(part, Tensor):
        part = part.array
    if isinstance(part, jax.core.Tracer) and part.dtype == bool:
        raise ArgumentError(
            "getitem",
            "inside a compiled function a mask cannot choose elements: the shape would depend on values",
            expected="integers or slices",
            received="a boolean array",
            remedy="Use lamina.ops.where(mask, x, 0)",
        )
    return np.asarray(part) if isinstance(part, (list, np.generic)) else part


def _is_simple(part: Any) -> bool:
    return part is None or part is Ellipsis or isinstance(part, slice) or type(part) is int


def _spelt_out(key: Key, shape: Sequence[int]) -> list[Any]:
    """A simple key without `...` and without missing last parts; a wrong number or index is an error."""
    counted = sum(part is not None and part is not Ellipsis for part in key)
    fill = [slice(None)] * (len(shape) - counted)
    at = key.index(Ellipsis) if Ellipsis in key else len(key)
    parts = [*key[:at], *fill, *key[at + 1 :]]
    sizes = iter(shape)
    fits = counted <= len(shape)
    for part in parts if fits else []:
        size = next(sizes) if part is not None else 0
        fits = fits and (type(part) is not int or -size <= part < size)
    if not fits:
        raise ShapeError(
            "getitem",
            "the key must fit the array",
            expected=f"at most {len(shape)} parts, each index inside its axis of {tuple(shape)}",
            received=f"key {key}",
            remedy="Compare the key with the shape",
        )
    return parts


def _key(key: Any, shape: Sequence[int]) -> Key:
    parts = tuple(map(_plain, key if isinstance(key, tuple) else (key,)))
    return tuple(_spelt_out(parts, shape)) if all(map(_is_simple, parts)) else parts


def _padding(key: Key, shape: Sequence[int]) -> list[tuple[int, int, int]] | None:
    """How far each axis of a simple key's result lies from both ends, and its gaps; None if it has no such form."""
    if not all(map(_is_simple, key)):
        return None
    config = []
    for part, size in zip([p for p in key if p is not None], shape, strict=True):
        places = range(size)[part] if isinstance(part, slice) else range(part % size, part % size + 1)
        if len(places) == 0 or places.step < 0:
            return None
        config.append((places[0], size - 1 - places[-1], places.step - 1))
    return config


@op
def getitem(x: Array, key: Any) -> Any:
    """x[key]: NumPy's indexing with integers, slices, None, `...`, integer arrays, and (outside `compile`) masks.

    Indices in arrays that lie outside give NaN (or the smallest integer), since compiled code cannot stop.

    Raises:
        ShapeError: too many indices, or a number outside its axis.

    Example:
        >>> from lamina import ops
        >>> ops.getitem([[1.0, 2.0], [3.0, 4.0]], (slice(None), 0))
        Tensor([1., 3.], float32)
    """
    key = _key(key, x.shape)
    read = x[key] if all(map(_is_simple, key)) else x.at[key].get(mode="fill")
    return read, (key, x.shape)


@getitem.backward
def _(kept: Any, g: Tensor) -> Any:
    key, shape = kept
    return place(g, key, shape)


@op
def place(x: Array, key: Any, shape: Sequence[int]) -> Any:
    """Zeros of a shape with x added at `key`; where a key names an element several times, all are summed.

    Example:
        >>> from lamina import ops
        >>> ops.place([1.0, 2.0, 3.0], ([0, 2, 0],), (4,))
        Tensor([4., 0., 2., 0.], float32)
    """
    key = _key(key, shape)
    config = _padding(key, shape)
    if config is None:
        return jnp.zeros(shape, x.dtype).at[key].add(x), (key,)
    inner = [math.ceil((size - low - high) / (gap + 1)) for size, (low, high, gap) in zip(shape, config, strict=True)]
    return jax.lax.pad(x.reshape(inner), jnp.zeros((), x.dtype), config), (key,)


@place.backward
def _(kept: Any, g: Tensor) -> Any:
    return getitem(g, kept[0])


def _at_axis(part: Any, axis: int, ndim: int) -> Key:
    return (slice(None),) * (axis % ndim if ndim else 0) + (part,)


@composite
def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """The elements (or, along `axis`, the slices) of x at `indices`; a gather.

    Args:
        x: (..., n, ...).
        indices: integers of any shape in [−n, n); outside, the result is NaN.
        axis: which axis has size n; x is flattened first if None.

    Example:
        >>> from lamina import ops
        >>> ops.take([[1.0, 2.0], [3.0, 4.0]], [1, 0, 1], axis=0)
        Tensor([[3., 4.], [1., 2.], [3., 4.]], float32)
    """
    x = tensor(x)
    if axis is None:
        return getitem(flatten(x), (as_array(indices),))
    return getitem(x, _at_axis(as_array(indices), axis, x.ndim))


def _along(indices: Array, axis: int) -> Key:
    """The full key of `indices` that count along `axis` and stand still along the others."""
    ones, kind = (1,) * indices.ndim, indices.dtype
    still = [jnp.arange(n, dtype=kind).reshape(*ones[:i], n, *ones[i + 1 :]) for i, n in enumerate(indices.shape)]
    return (*still[:axis], indices, *still[axis + 1 :])


@composite
def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Tensor:
    """For each position of `indices`, the element of x at that position with `axis` replaced by the index.

    y_{i,j,…} = x_{i,indices_{i,j},…} for axis = 1. What `argsort` and `argmax` return fits in here.

    Example:
        >>> from lamina import ops
        >>> ops.take_along_axis([[3.0, 1.0, 2.0]], [[1, 2, 0]])
        Tensor([[1., 2., 3.]], float32)
    """
    x, places = tensor(x), as_array(indices)
    shape = list(jnp.broadcast_shapes([1 if i == axis % x.ndim else n for i, n in enumerate(x.shape)], places.shape))
    return getitem(x, _along(jnp.broadcast_to(places, shape), axis % x.ndim))


def _last_axis_as_key(indices: Any) -> Key:
    """Indices of shape (..., D) as a key of D parts, as Keras counts them."""
    array = as_array(indices)
    return tuple(array[..., i] for i in range(array.shape[-1]))


@composite
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Tensor:
    """Zeros of a shape with `values` added at `indices`.

    Args:
        indices: (N, ..., D) integers: the first D coordinates of each place.
        values: (N, ...) and the axes of `shape` after the first D.
        shape: of the result.

    Example:
        >>> from lamina import ops
        >>> ops.scatter([[0], [2], [0]], [1.0, 2.0, 3.0], (4,))
        Tensor([4., 0., 2., 0.], float32)
    """
    return place(values, _last_axis_as_key(indices), tuple(shape))


@op
@explained("updates must fit the indices", "shape indices.shape[:-1] and the remaining axes of x", "Compare the shapes")
def scatter_update(x: Array, indices: Array, updates: Array) -> Any:
    """x with the elements at `indices` replaced by `updates`; each place may be named once.

    Args:
        x: any shape.
        indices: (N, ..., D) integers: the first D coordinates of each place.
        updates: (N, ...) and the remaining axes of x; cast to its type.

    Example:
        >>> from lamina import ops
        >>> ops.scatter_update([1.0, 2.0, 3.0], [[0], [2]], [10.0, 30.0])
        Tensor([10., 2., 30.], float32)
    """
    return x.at[_last_axis_as_key(indices)].set(updates.astype(x.dtype)), (indices,)


@scatter_update.backward
def _(kept: Any, g: Tensor) -> Any:
    (indices,) = kept
    chosen = getitem(g, _last_axis_as_key(indices))
    return scatter_update(g, indices, Tensor(jnp.zeros(chosen.shape, g.dtype))), None, chosen


@composite
def scatter_add(x: Any, indices: Any, updates: Any) -> Tensor:
    """x with `updates` added to the elements at `indices`; all are summed where a place is named several times.

    Args:
        x, indices, updates: as in `scatter_update`.

    Example:
        >>> from lamina import ops
        >>> ops.scatter_add([1.0, 2.0, 3.0], [[0], [0]], [10.0, 20.0])
        Tensor([31., 2., 3.], float32)
    """
    x = tensor(x)
    return x + scatter(indices, updates, x.shape).astype(x.dtype)


@composite
def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Each element of x (or each slice along `axis`) several times in a row.

    Args:
        repeats: how often, for all or for each one.
        axis: x is flattened first if None.

    Example:
        >>> from lamina import ops
        >>> ops.repeat([1.0, 2.0], 2), ops.repeat([1.0, 2.0], [1, 2])
        (Tensor([1., 1., 2., 2.], float32), Tensor([1., 2., 2.], float32))
    """
    x = tensor(x) if axis is not None else flatten(x)
    axis = axis % x.ndim if axis is not None else 0
    if not isinstance(repeats, int):
        return take(x, np.repeat(np.arange(x.shape[axis]), np.asarray(repeats)), axis)
    before, size, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    copies = broadcast_to(expand_dims(x, axis + 1), (*before, size, repeats, *after))
    return reshape(copies, (*before, size * repeats, *after))
