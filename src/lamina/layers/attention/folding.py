"""Attention over some axes of grids: brought to (N, T, A, H), the one form that `ops.dot_product_attention` takes."""

import math
from typing import Any

import jax.numpy as jnp

from ...core import Array, Tensor, as_array


class Folding:
    """Axes of (N, X₁, ..., Xₖ, F) in another order: those that are not attended over join N, the others become T.

    Args:
        axes: the attended ones, counted with N; None for all of X₁ ... Xₖ.
        ndim: k + 2.

    Example:
        >>> x = Tensor(jnp.zeros((2, 3, 4, 5, 6)))  # 3 x 4 places, 5 heads of 6 numbers
        >>> rows = Folding((2,), 4)
        >>> rows.fold(x).shape, rows.unfold(rows.fold(x), (2, 3, 4)).shape
        ((6, 4, 5, 6), (2, 3, 4, 5, 6))
    """

    def __init__(self, axes: tuple[int, ...] | None, ndim: int) -> None:
        self.axes = tuple(range(1, ndim - 1)) if axes is None else tuple(axis % ndim for axis in axes)
        self.others = tuple(axis for axis in range(1, ndim - 1) if axis not in self.axes)
        self.order = (0, *self.others, *self.axes)
        self.trivial = ndim == 3 and self.axes == (1,)

    def fold(self, x: Tensor) -> Tensor:
        """(N, X₁, ..., Xₖ, A, H) to (N', T, A, H)."""
        if self.trivial:
            return x
        batch, length = (math.prod(x.shape[axis] for axis in axes) for axes in ((0, *self.others), self.axes))
        k = len(self.order)
        return x.transpose((*self.order, k, k + 1)).reshape((batch, length, *x.shape[k:]))

    def unfold(self, x: Tensor, sizes: tuple[int, ...]) -> Tensor:
        """(N', T, A, H) back to (N, X₁, ..., Xₖ, A, H), `sizes` being N, X₁ ... Xₖ."""
        if self.trivial:
            return x
        k, back = len(self.order), sorted(range(len(self.order)), key=self.order.__getitem__)
        return x.reshape((*(sizes[axis] for axis in self.order), *x.shape[2:])).transpose((*back, k, k + 1))

    def mask(self, mask: Any, query: tuple[int, ...], key: tuple[int, ...]) -> Array:
        """An attention mask (N, T₁ ..., S₁ ...), or with axes for the others and the heads before T₁, to (N', A, T, S).

        Args:
            mask: booleans.
            query, key: N, X₁ ... Xₖ of both.
        """
        mask, n = as_array(mask), len(self.axes)
        while mask.ndim < 2 + len(self.others) + 2 * n:
            mask = jnp.expand_dims(mask, max(-2 * n - 1, -mask.ndim - 1))
        if self.trivial:
            return mask
        others = tuple(query[axis] for axis in (0, *self.others))
        seen = *(query[axis] for axis in self.axes), *(key[axis] for axis in self.axes)
        heads = mask.shape[len(others)]
        whole = jnp.broadcast_to(mask, (*others, heads, *seen))
        return whole.reshape((math.prod(others), heads, math.prod(seen[:n]), math.prod(seen[n:])))

    def places(self, mask: Any) -> Array:
        """Which places are real, (N, X₁, ..., Xₖ), to (N', T)."""
        return self.fold(Tensor(as_array(mask)[..., None, None])).array[..., 0, 0]

    def scores(self, weights: Tensor, query: tuple[int, ...], key: tuple[int, ...]) -> Tensor:
        """(N', A, T, S) to (N, others ..., A, T₁ ..., S₁ ...)."""
        if self.trivial:
            return weights
        seen = *(query[axis] for axis in self.axes), *(key[axis] for axis in self.axes)
        return weights.reshape((*(query[axis] for axis in (0, *self.others)), weights.shape[1], *seen))
