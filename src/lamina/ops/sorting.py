"""Order: sorting, ranks, the k largest, searching, and what is different."""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, as_array, composite, op
from .casting import tensor
from .explain import explained
from .indexing import place, take_along_axis
from .shape import axes_exist, flatten


@op
@axes_exist
def argsort(x: Array, axis: int | None = -1, descending: bool = False, stable: bool = True) -> Any:
    """The places of the elements along `axis` in rising order; equal ones keep their order.

    Example:
        >>> from lamina import ops
        >>> ops.argsort([3.0, 1.0, 2.0])
        Tensor([1, 2, 0], int32)
    """
    return jnp.argsort(x, axis, descending=descending, stable=stable), ()


@composite
def sort(x: Any, axis: int | None = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements along `axis` in rising order; the gradient goes back to the places they came from.

    Example:
        >>> from lamina import ops
        >>> ops.sort([3.0, 1.0, 2.0])
        Tensor([1., 2., 3.], float32)
    """
    x, axis = (flatten(x), 0) if axis is None else (tensor(x), axis)
    return take_along_axis(x, argsort(x, axis, descending, stable), axis)


@op
@explained("k must not be larger than the last axis", "1 <= k <= size of the last axis", "Choose a smaller k")
def top_k(x: Array, k: int, sorted: bool = True) -> Any:
    """The k largest elements along the last axis, largest first, and their places.

    Args:
        x: (..., n).
        sorted: kept for Keras' sake; the elements always come in falling order.

    Returns:
        values (..., k) and indices (..., k).

    Example:
        >>> from lamina import ops
        >>> ops.top_k([1.0, 3.0, 2.0], 2)
        (Tensor([3., 2.], float32), Tensor([1, 2], int32))
    """
    values, places = jax.lax.top_k(x, k)
    return (values, places), (places, x.shape)


@top_k.backward
def _(kept: Any, g: Tensor | None, _: None) -> Any:
    places, shape = kept
    return None if g is None else place_along_last_axis(g, places, shape)


def place_along_last_axis(g: Tensor, places: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Zeros of a shape with `g` added at `places` along the last axis."""
    rows = jnp.indices(places.shape, dtype=places.dtype)
    return place(g, (*rows[:-1], places), shape)


@op(promotes=True)
@explained("the sequence must be one-dimensional", "shape (n,)", "Flatten it")
def searchsorted(sorted_sequence: Array, values: Array, side: str = "left") -> Any:
    """Where each value would have to go into a rising sequence to keep it rising.

    Args:
        side: before ("left") or after ("right") elements that are equal.

    Example:
        >>> from lamina import ops
        >>> ops.searchsorted([1.0, 2.0, 3.0], [2.0, 2.5])
        Tensor([1, 2], int32)
    """
    return jnp.searchsorted(sorted_sequence, values, side=side), ()


def nonzero(x: Any) -> tuple[Tensor, ...]:
    """The places of the elements that are not 0, axis by axis. Their number depends on values: not for `compile`.

    Example:
        >>> from lamina import ops
        >>> ops.nonzero([0.0, 5.0, 7.0])
        (Tensor([1, 2], int32),)
    """
    return tuple(map(Tensor, jnp.nonzero(as_array(x))))


def unique_all(x: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The different values in rising order, the first place of each, each element's place among them, and the counts.

    How many there are is known only from the values, so this and its three short forms cannot be compiled.

    Example:
        >>> from lamina import ops
        >>> ops.unique_all([3, 1, 3])
        (Tensor([1, 3], int32), Tensor([1, 0], int32), Tensor([1, 0, 1], int32), Tensor([1, 2], int32))
    """
    values, first, inverse, counts = jnp.unique_all(as_array(x))
    return Tensor(values), Tensor(first), Tensor(inverse), Tensor(counts)


def unique_values(x: Any) -> Tensor:
    """The different values, in rising order.

    Example:
        >>> from lamina import ops
        >>> ops.unique_values([3, 1, 3])
        Tensor([1, 3], int32)
    """
    return unique_all(x)[0]


def unique_counts(x: Any) -> tuple[Tensor, Tensor]:
    """The different values, in rising order, and how often each occurs.

    Example:
        >>> from lamina import ops
        >>> ops.unique_counts([3, 1, 3])
        (Tensor([1, 3], int32), Tensor([1, 2], int32))
    """
    values, _, _, counts = unique_all(x)
    return values, counts


def unique_inverse(x: Any) -> tuple[Tensor, Tensor]:
    """The different values, in rising order, and for each element the place of its value.

    Example:
        >>> from lamina import ops
        >>> ops.unique_inverse([3, 1, 3])
        (Tensor([1, 3], int32), Tensor([1, 0, 1], int32))
    """
    values, _, inverse, _ = unique_all(x)
    return values, inverse


@op(promotes=True)
def isin(x: Array, values: Array) -> Any:
    """For each element of x, whether it is among `values`.

    Example:
        >>> from lamina import ops
        >>> ops.isin([1, 2, 3], [3, 1])
        Tensor([ True, False, True], bool)
    """
    return jnp.isin(x, values), ()
