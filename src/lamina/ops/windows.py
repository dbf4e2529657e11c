"""Windows that slide over the spatial axes: the geometry that convolution and pooling share.

A window visits output position o at the input positions o·stride + tap·dilation − padding. Both
moves made with it are here: `taps` cuts out what each tap sees, `spread` is its adjoint and adds
such pieces back to where they came from. Arrays are channels last: (N, H, W, C), with any number
of spatial axes.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import lax

from ..core import ArgumentError, Array, ShapeError

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Window:
    """Sizes of a sliding window, one entry per spatial axis.

    Attributes:
        size: taps K.
        strides: input positions between neighbouring outputs.
        padding: (before, after); a negative number leaves out that many positions.
        dilation: input positions between neighbouring taps.
    """

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Pairs
    dilation: tuple[int, ...]

    @property
    def reach(self) -> tuple[int, ...]:
        """Input positions from the first to the last tap."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.size, self.dilation, strict=True))

    @property
    def offsets(self) -> list[tuple[int, ...]]:
        """Where each tap looks, relative to the window's first position; the last axis runs fastest."""
        return list(itertools.product(*(range(0, r, d) for r, d in zip(self.reach, self.dilation, strict=True))))

    @property
    def is_tiling(self) -> bool:
        """Whether neighbouring windows touch without overlap, so that a reshape separates them."""
        dense = all(d == 1 or k == 1 for k, d in zip(self.size, self.dilation, strict=True))
        return dense and self.size == self.strides and math.prod(self.size) > 1

    def outputs(self, sizes: Sequence[int], who: str) -> tuple[int, ...]:
        """Number of output positions on each axis for an input of `sizes`."""
        padded = [n + lo + hi for n, (lo, hi) in zip(sizes, self.padding, strict=True)]
        if any(n < r for n, r in zip(padded, self.reach, strict=True)):
            raise ShapeError(
                who,
                "the window must fit into the padded input",
                expected=f"spatial sizes of at least {self.reach}",
                received=f"{tuple(sizes)} padded to {tuple(padded)}",
                remedy="Use a smaller window, padding='same' or a larger input",
            )
        return tuple((n - r) // s + 1 for n, r, s in zip(padded, self.reach, self.strides, strict=True))

    def pad(self, x: Array, fill: Any = 0) -> Array:
        """`x` with `fill` around its spatial axes."""
        if not any(itertools.chain(*self.padding)):
            return x
        return lax.pad(x, jnp.asarray(fill, x.dtype), [(0, 0, 0), *((lo, hi, 0) for lo, hi in self.padding), (0, 0, 0)])

    def taps(self, x: Array, who: str, fill: Any = 0) -> list[Array]:
        """What each tap sees at all output positions: arrays (N, outputs..., C), in the order of `offsets`."""
        outputs, padded = self.outputs(x.shape[1:-1], who), self.pad(x, fill)
        steps = (1, *self.strides, 1)

        def seen(offset: tuple[int, ...]) -> Array:
            stops = [o + (n - 1) * s + 1 for o, n, s in zip(offset, outputs, self.strides, strict=True)]
            return lax.slice(padded, (0, *offset, 0), (x.shape[0], *stops, x.shape[-1]), steps)

        return [seen(offset) for offset in self.offsets]

    def spread(self, pieces: Sequence[Array], sizes: Sequence[int]) -> Array:
        """The adjoint of `taps`: add each tap's piece to the input positions that it saw.

        One axis after the other, the last first: K pieces become one, K² become K, and XLA makes one pass of each sum.
        """
        for axis in reversed(range(len(self.size))):
            k = self.size[axis]
            pieces = [self._merge(pieces[i : i + k], axis, sizes[axis]) for i in range(0, len(pieces), k)]
        return pieces[0]

    def _merge(self, pieces: Sequence[Array], axis: int, size: int) -> Array:
        """The sum of one axis' K pieces, each at its tap's place among `size` input positions.

        With a stride s, position p is cell p // s of phase p % s: every phase is a sum by itself, without gaps.
        """
        before, stride, dilation = self.padding[axis][0], self.strides[axis], self.dilation[axis]
        if stride == 1:
            return _add([_place(p, axis, o * dilation - before, size) for o, p in enumerate(pieces)])
        cells = -(-(size + before) // stride)
        phases: list[list[Array]] = [[] for _ in range(stride)]
        for o, piece in enumerate(pieces):
            cell, phase = divmod(o * dilation, stride)
            phases[phase].append(_place(piece, axis, cell, cells))
        nothing = jnp.zeros_like(next(filter(None, phases))[0])
        together = jnp.stack([_add(p) if p else nothing for p in phases], axis + 2)
        shape = (*together.shape[: axis + 1], cells * stride, *together.shape[axis + 3 :])
        return _place(together.reshape(shape), axis, -before, size)

    def unpad(self, x: Array, sizes: Sequence[int]) -> Array:
        """The adjoint of `pad`: padding is cut off, and positions that no window saw are 0."""
        ends = zip(self.padding, sizes, x.shape[1:-1], strict=True)
        cut = [(-lo, n + lo - m, 0) for (lo, _), n, m in ends]
        return lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *cut, (0, 0, 0)]) if any(map(any, cut)) else x

    def tiles(self, x: Array, who: str) -> Array:
        """Tiling windows only: each spatial axis as a pair (output, tap), (N, H', K, W', K, C)."""
        outputs = self.outputs(x.shape[1:-1], who)
        seen = tuple(slice(n * k) for n, k in zip(outputs, self.size, strict=True))
        pairs = [m for pair in zip(outputs, self.size, strict=True) for m in pair]
        return self.pad(x)[:, *seen].reshape(x.shape[0], *pairs, x.shape[-1])

    def join(self, tiles: Array, sizes: Sequence[int]) -> Array:
        """The adjoint of `tiles`: back to (N, *sizes, C)."""
        whole = [m * k for m, k in zip(tiles.shape[1:-1:2], self.size, strict=True)]
        return self.unpad(tiles.reshape(tiles.shape[0], *whole, tiles.shape[-1]), sizes)


def _place(x: Array, axis: int, start: int, size: int) -> Array:
    """`x` from position `start` of a spatial axis with `size` positions; zeros elsewhere; what is outside is cut."""
    cut = [(0, 0, 0)] * x.ndim
    cut[axis + 1] = (start, size - start - x.shape[axis + 1], 0)
    return lax.pad(x, jnp.zeros((), x.dtype), cut)


def _add(pieces: Sequence[Array]) -> Array:
    return sum(pieces[1:], pieces[0])


def per_axis(value: int | Sequence[int], rank: int, who: str, name: str) -> tuple[int, ...]:
    """One positive integer per spatial axis, from one for all or one each."""
    values = tuple(value) if isinstance(value, Sequence) else (value,) * rank
    if len(values) != rank or not all(isinstance(v, int) and v > 0 for v in values):
        raise ArgumentError(
            who,
            f"{name} must be positive",
            expected=f"one integer >= 1, or {rank} of them",
            received=repr(value),
            remedy=f"Give one {name} for each spatial axis",
        )
    return values


def make_window(
    sizes: Sequence[int],
    size: tuple[int, ...],
    strides: int | Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    dilation: int | Sequence[int],
    who: str,
) -> Window:
    """The window that these arguments describe, over an input with spatial `sizes`."""
    rank = len(sizes)
    step, gap = per_axis(strides, rank, who, "strides"), per_axis(dilation, rank, who, "dilation_rate")
    reach = [(k - 1) * d + 1 for k, d in zip(size, gap, strict=True)]
    return Window(size, step, _pairs(padding, sizes, reach, step, who), gap)


def _pairs(padding: Any, sizes: Sequence[int], reach: Sequence[int], strides: Sequence[int], who: str) -> Pairs:
    if padding == "valid":
        return ((0, 0),) * len(sizes)
    if padding == "same":  # outputs = ceil(n / s); what cannot be split evenly goes behind, as in Keras
        totals = [max((-(-n // s) - 1) * s + r - n, 0) for n, r, s in zip(sizes, reach, strides, strict=True)]
        return tuple((t // 2, t - t // 2) for t in totals)
    if padding == "causal" and len(sizes) == 1:
        return ((reach[0] - 1, 0),)
    if not isinstance(padding, str) and len(padding) == len(sizes):
        return tuple((lo, hi) for lo, hi in padding)
    raise ArgumentError(
        who,
        "padding is a name, or one (before, after) pair per spatial axis",
        expected=f"'valid', 'same', 'causal' (one spatial axis only) or {len(sizes)} pairs",
        received=repr(padding),
        remedy="Choose one of these",
    )
