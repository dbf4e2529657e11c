"""Features with mean 0 and variance 1, by statistics learnt from the data beforehand."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from ... import ops
from ...core import ArgumentError, DataError, NotBuiltError, ShapeError, Tensor, as_array, autocast
from ...core.symbolic import is_shapes_only
from ..layer import Layer, registry
from .host import batches, whole_numbers

EPSILON = 1e-7  # the smallest standard deviation that is divided by, as in Keras


class Moments(NamedTuple):
    """Number of values n, mean, and sum of squared deviations s of some values.

    Example:
        >>> (Moments.of(np.array([1.0, 2.0]), (0,)) + Moments.of(np.array([6.0]), (0,)))[:2]
        (3, np.float64(3.0))
    """

    n: int
    mean: Any
    squares: Any

    @classmethod
    def of(cls, batch: np.ndarray, axes: tuple[int, ...]) -> "Moments":
        """Those of one batch over `axes`."""
        mean = batch.mean(axes, keepdims=True)
        n = math.prod(batch.shape[axis] for axis in axes)
        return cls(n, mean.squeeze(axes), ((batch - mean) ** 2).sum(axes))

    def __add__(self, other: Any) -> "Moments":
        """Chan's rule: s = s₁ + s₂ + (mean₂ − mean₁)² · n₁ n₂ / (n₁ + n₂)."""
        n, step = self.n + other.n, other.mean - self.mean
        mean = self.mean + step * (other.n / n)
        return Moments(n, mean, self.squares + other.squares + step**2 * (self.n * other.n / n))


@registry.register()
class Normalization(Layer):
    """y = (x − mean) / √variance, each position along `axis` with statistics of its own.

    `adapt(data)` learns mean and variance; they are weights that no optimizer changes.

    Args:
        axis: the axes that keep their own statistics, usually the features; None for one mean and variance of all.
        mean, variance: given instead of learnt; both or neither. They broadcast over the axes in `axis`.
        invert: compute x · √variance + mean, the way back.

    Input and output (N, ..., F); integers become floats. Weights: mean and variance, of the sizes of `axis`, and
    count, the number of values behind each mean.

    Raises:
        NotBuiltError: called before `adapt`, be it by `fit`, while its step is compiled. A program that is compiled
            already cannot stop: if the count is set back to 0, its output is NaN.
        DataError: `adapt` meets NaN or an infinite value.
        ShapeError: the sizes along `axis` are not those learnt.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Normalization()
        >>> layer.adapt([[1.0, 10.0], [3.0, 30.0]])
        >>> layer([[1.0, 40.0]])
        Tensor([[-1.,  2.]], float32)

    Reference: Chan, Golub and LeVeque 1979, for statistics over batches of any size.
    Keras differs: before `adapt` it lets data through unchanged. Here the statistics are summed up in float64.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.invert = invert
        self.given = None if mean is None and variance is None else self._check_given(mean, variance)

    def _check_given(self, mean: Any, variance: Any) -> tuple[np.ndarray, np.ndarray]:
        shapes = np.shape(mean), np.shape(variance)
        if mean is None or variance is None or shapes[0] != shapes[1] or len(shapes[0]) > len(self.axis):
            raise ArgumentError(
                "Normalization",
                "mean and variance are given together, in one shape that fits the axes kept",
                expected=f"two arrays of at most {len(self.axis)} axes",
                received=f"mean={mean!r}, variance={variance!r}",
                remedy="Give both, or neither and call adapt",
            )
        return np.asarray(mean, np.float64), np.asarray(variance, np.float64)

    def build(self, input_shape: Any) -> None:
        if self.given is not None:
            return
        kept = self._kept(input_shape)
        sizes = tuple(input_shape[axis] for axis in kept)
        if 0 in kept or None in sizes:
            raise ShapeError(
                f"Normalization {self.name!r}",
                "statistics are kept for axes of known size, never for the batch",
                expected="an axis other than 0",
                received=f"axis={self.axis} for the input shape {tuple(input_shape)}",
                remedy="axis=None learns one mean and variance of everything",
            )
        self.adapt_mean = self.add_weight(sizes, "zeros", "mean", trainable=False)
        self.adapt_variance = self.add_weight(sizes, "ones", "variance", trainable=False)
        self.count = self.add_weight((), "zeros", "count", trainable=False, dtype="int32")

    def _kept(self, shape: Sequence[int | None]) -> tuple[int, ...]:
        """The axes with statistics of their own, counted from 0."""
        if any(not -len(shape) <= axis < len(shape) for axis in self.axis):
            raise ShapeError(
                f"Normalization {self.name!r}",
                "axis must be one of the input's",
                expected=f"-{len(shape)} ... {len(shape) - 1}",
                received=self.axis,
                remedy="Count the batch axis too",
            )
        return tuple(sorted(axis % len(shape) for axis in self.axis))

    def adapt(self, data: Any) -> None:
        """Learn mean and variance; what was learnt before is forgotten.

        Args:
            data: an array (N, ..., F), or batches of it: a Dataset, a generator, a list of arrays.
        """
        who = f"Normalization {self.name!r}"
        if self.given is not None:
            raise ArgumentError(
                who,
                "there is nothing to learn",
                expected="a layer without mean and variance",
                received="both were given to the constructor",
                remedy="Leave them out to learn them",
            )
        total = None
        for batch in batches(data, who):
            new = self._moments(batch if batch.dtype.kind == "f" else whole_numbers(batch, who))
            total = new if total is None else total + new
        if total is None or total.n == 0:
            raise DataError(
                who, "there is nothing to learn from", expected="at least one row", received="none", remedy="Pass data"
            )
        self.adapt_mean.assign(total.mean)
        self.adapt_variance.assign(total.squares / total.n)
        self.count.assign(min(total.n, np.iinfo(np.int32).max))

    def _moments(self, batch: np.ndarray) -> Moments:
        if not self.built:
            self.build(batch.shape)
        self._check_sizes(batch.shape)
        if not np.isfinite(batch).all():
            wrong = tuple(np.argwhere(~np.isfinite(batch))[0].tolist())
            raise DataError(
                f"Normalization {self.name!r}",
                "statistics need finite values",
                expected="finite numbers",
                received=f"{batch[wrong]} at {wrong}",
                remedy="Fill or drop missing values first",
            )
        kept = self._kept(batch.shape)
        return Moments.of(batch.astype(np.float64), tuple(a for a in range(batch.ndim) if a not in kept))

    def _check_sizes(self, shape: Sequence[int]) -> None:
        sizes = tuple(shape[axis] for axis in self._kept(shape))
        if sizes != self.adapt_mean.shape:
            raise ShapeError(
                f"Normalization {self.name!r}",
                "the sizes of the axes kept are those of the statistics",
                expected=self.adapt_mean.shape,
                received=f"{sizes}, in the shape {tuple(shape)}",
                remedy="Pass the same features in the same order",
            )

    @property
    def mean(self) -> Tensor:
        """The mean, with axes of size 1 for those that have none of their own."""
        return self._statistics(self.built_on)[0]

    @property
    def variance(self) -> Tensor:
        """The variance, in the shape of `mean`."""
        return self._statistics(self.built_on)[1]

    def _statistics(self, shape: Sequence[int]) -> tuple[Tensor, Tensor]:
        kept = self._kept(shape)
        wide = tuple(size if axis in kept else 1 for axis, size in enumerate(shape))
        if self.given is None:
            self._check_sizes(shape)
            return self.adapt_mean.reshape(wide), self.adapt_variance.reshape(wide)
        sizes = tuple(shape[axis] for axis in kept)
        mean, variance = (np.broadcast_to(value, sizes).reshape(wide) for value in self.given)
        return Tensor(mean, self.variable_dtype), Tensor(variance, self.variable_dtype)

    def _as_input(self, value: Any) -> Any:
        """Large features would lose digits if they took a 16-bit type before the mean is gone."""
        return Tensor(value) if isinstance(value, (np.ndarray, np.generic, jax.Array, int, float)) else value

    def call(self, inputs: Tensor) -> Tensor:
        with autocast(None):
            mean, variance = self._statistics(inputs.shape)
            deviation = ops.maximum(ops.sqrt(variance), as_array(EPSILON, variance.dtype))
            wide = inputs.astype(ops.result_type(inputs.dtype, self.variable_dtype))
            outputs = wide * deviation + mean if self.invert else (wide - mean) / deviation
            return self._if_adapted(outputs).astype(self.compute_dtype)

    def _if_adapted(self, outputs: Tensor) -> Tensor:
        if self.given is not None:
            return outputs
        count = self.count.array
        if isinstance(count, jax.core.Tracer):
            return ops.where(count > 0, outputs, as_array(np.nan, outputs.dtype))
        if not is_shapes_only() and not np.asarray(count):
            raise NotBuiltError(
                f"Normalization {self.name!r}",
                "mean and variance must be learnt first",
                expected="a call of adapt",
                received="none",
                remedy="Call layer.adapt(x_train), or give mean and variance",
            )
        return outputs
