"""First values of weights.

An initializer is called with a shape and returns a NumPy array: first values are drawn on the host,
where nothing needs to be compiled for each shape. Random ones follow from `lamina.set_seed` and the
order of their calls, or from a `seed` of their own.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from .core import ArgumentError, Configurable, Registry, ShapeError, floatx, lookup, serialize
from .core.random import initial_generator

__all__ = [
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "Initializer", "LecunNormal",
    "LecunUniform", "Ones", "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
    "Zeros", "constant", "get", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity",
    "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform", "serialize",
    "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip

registry: Registry[Any] = Registry("initializer")

# Standard deviation of a standard normal that is cut off at -2 and 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
_CUT_STDDEV = 0.87962566103423978


class Initializer(Configurable):
    """Base of all initializers: a subclass defines `__call__(shape, dtype)`.

    Example:
        >>> class Halves(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return Constant(0.5)(shape, dtype)
        >>> Halves()((2,)).tolist()
        [0.5, 0.5]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        """An array of `shape`, of type `dtype` or of the default float type."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype)")


def get(identifier: Any) -> Any:
    """The initializer that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no initializer has this name.

    Example:
        >>> get("glorot_uniform")((2, 4)).shape
        (2, 4)
        >>> get({"class_name": "Constant", "config": {"value": 3.0}})((2,)).tolist()
        [3.0, 3.0]
    """
    return lookup(registry, identifier)


@registry.register("Zeros", "zeros", "zero")
class Zeros(Initializer):
    """All zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.zeros(tuple(shape), jnp.dtype(dtype or floatx()))


@registry.register("Ones", "ones", "one")
class Ones(Initializer):
    """All ones.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.ones(tuple(shape), jnp.dtype(dtype or floatx()))


@registry.register()
class Constant(Initializer):
    """The same value everywhere, or given values repeated to the shape.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Example:
        >>> Constant(2.0)((3,)).tolist()
        [2.0, 2.0, 2.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.full(tuple(shape), self.value, jnp.dtype(dtype or floatx()))


@registry.register("Identity", "identity", "IdentityInitializer")
class Identity(Initializer):
    """gain · I: ones on the diagonal of a matrix, zeros elsewhere.

    Args:
        gain: the value on the diagonal.

    Raises:
        ShapeError: the shape is not that of a matrix.

    Example:
        >>> Identity()((2, 3)).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(
                "Identity",
                "only a matrix can be the identity",
                expected="2 axes",
                received=tuple(shape),
                remedy="Use Orthogonal for kernels with more axes",
            )
        return (self.gain * np.eye(shape[0], shape[1])).astype(jnp.dtype(dtype or floatx()))


class _Random(Initializer):
    """A random initializer: a subclass draws float32 (or float64) values, which are cast to `dtype`."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        dtype = jnp.dtype(dtype or floatx())
        drawn_in = dtype if dtype.itemsize > 4 else np.dtype(np.float32)
        return self.draw(initial_generator(self.seed), tuple(shape), drawn_in).astype(dtype)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """The random values that `rng` gives."""
        raise NotImplementedError(f"{type(self).__name__} must define draw(rng, shape, dtype)")


def _normal(rng: np.random.Generator, shape: tuple[int, ...], stddev: float, dtype: Any) -> np.ndarray:
    return rng.standard_normal(shape, dtype) * dtype.type(stddev)


def _cut_normal(rng: np.random.Generator, shape: tuple[int, ...], stddev: float, dtype: Any) -> np.ndarray:
    """Normal values, drawn again where they are more than 2 `stddev` from 0."""
    values = rng.standard_normal(shape, dtype)
    while (outside := np.abs(values) > 2.0).any():
        values[outside] = rng.standard_normal(int(outside.sum()), dtype)
    return values * dtype.type(stddev)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], low: float, high: float, dtype: Any) -> np.ndarray:
    return rng.random(shape, dtype) * dtype.type(high - low) + dtype.type(low)


@registry.register("RandomNormal", "random_normal", "normal")
class RandomNormal(_Random):
    """Independent normal values N(mean, stddev²).

    Args:
        mean: their mean.
        stddev: their standard deviation.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = RandomNormal(mean=1.0, stddev=0.1)((1000,))
        >>> bool(abs(x.mean() - 1.0) < 0.02), bool(abs(x.std() - 0.1) < 0.01)
        (True, True)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return _normal(rng, shape, self.stddev, dtype) + dtype.type(self.mean)


@registry.register()
class TruncatedNormal(RandomNormal):
    """Normal values, of which those further than 2 · stddev from the mean are drawn again.

    Args:
        mean: their mean.
        stddev: the standard deviation before the tails are cut off; after it, 0.88 of that.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = TruncatedNormal(stddev=0.1)((1000,)); bool(abs(x).max() <= 0.2)
        True
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return _cut_normal(rng, shape, self.stddev, dtype) + dtype.type(self.mean)


@registry.register("RandomUniform", "random_uniform", "uniform")
class RandomUniform(_Random):
    """Independent uniform values in [minval, maxval).

    Args:
        minval: lower limit.
        maxval: upper limit.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = RandomUniform(0.0, 1.0)((1000,)); bool(abs(x.mean() - 0.5) < 0.05)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return _uniform(rng, shape, self.minval, self.maxval, dtype)


@registry.register("Orthogonal", "orthogonal", "OrthogonalInitializer")
class Orthogonal(_Random):
    """gain · Q, Q a random matrix with orthonormal columns (or rows, if it has fewer rows than columns).

    Q comes from the QR factors of a normal matrix, with signs that make R's diagonal positive, so
    that all rotations are equally likely. A kernel with more axes is seen as a matrix (all axes but the last, last).

    Args:
        gain: factor.
        seed: for the same values at each call; otherwise each call draws anew.

    Raises:
        ShapeError: the shape has fewer than 2 axes.

    Example:
        >>> q = Orthogonal()((3, 3)); bool(abs(q.T @ q - Identity()((3, 3))).max() < 1e-5)
        True

    Reference: Saxe, McClelland and Ganguli 2013, arXiv 1312.6120; signs: Mezzadri 2007, arXiv math-ph/0609050.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(
                "Orthogonal",
                "a matrix is needed",
                expected="at least 2 axes",
                received=shape,
                remedy="Use another initializer for vectors",
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(_normal(rng, (max(rows, columns), min(rows, columns)), 1.0, dtype))
        q = q * np.sign(np.diagonal(r))
        return (q if rows >= columns else q.T).reshape(shape) * dtype.type(self.gain)


def compute_fans(
    shape: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """How many inputs feed one output of a kernel, and how many outputs one input feeds.

    fan_in = F · R and fan_out = U · R, with F the sizes of the input axes multiplied, U those of the
    output axes, and R those of all others (the receptive field of a convolution).

    Args:
        shape: of the kernel, by default (..., F, U).
        input_axes: axes that are inputs, by default the last but one.
        output_axes: axes that are outputs, by default the last.

    Example:
        >>> compute_fans((3, 3, 16, 32)), compute_fans((5,)), compute_fans((64, 4, 16), (0,), (1, 2))
        ((144, 288), (5, 5), (64, 64))
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    inputs = {axis % len(shape) for axis in input_axes or (-2,)}
    outputs = {axis % len(shape) for axis in output_axes or (-1,)}
    receptive = math.prod(n for axis, n in enumerate(shape) if axis not in inputs | outputs)
    fan_in, fan_out = (math.prod(shape[axis] for axis in axes) * receptive for axes in (inputs, outputs))
    return fan_in, fan_out


_FANS = {"fan_in": lambda i, o: i, "fan_out": lambda i, o: o, "fan_avg": lambda i, o: (i + o) / 2}


@registry.register()
class VarianceScaling(_Random):
    """Random values of variance scale / n, so that signals keep their size from layer to layer.

    n = fan_in, fan_out or their mean (see `compute_fans`). Uniform values lie within ±sqrt(3 · scale / n).

    Args:
        scale: a positive factor.
        mode: "fan_in", "fan_out" or "fan_avg".
        distribution: "truncated_normal" (cut off at 2 standard deviations, then widened to the stated variance),
            "untruncated_normal" or "uniform".
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Raises:
        ArgumentError: an argument is none of these.

    Example:
        >>> w = VarianceScaling(2.0, "fan_in", "uniform")((50, 400))
        >>> bool(abs(w.std() - 0.2) < 0.01)
        True

    Keras differs: an initializer without a seed gives the same values at every call.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        _check("scale", "must be positive", "a number > 0", scale, scale > 0)
        _check("mode", "must name a fan", "one of fan_in, fan_out, fan_avg", mode, mode in _FANS)
        known = ("truncated_normal", "untruncated_normal", "uniform")
        _check("distribution", "must be known", "one of " + ", ".join(known), distribution, distribution in known)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        fans = compute_fans(shape, self.input_axes, self.output_axes)
        stddev = math.sqrt(self.scale / max(1.0, _FANS[self.mode](*fans)))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return _uniform(rng, shape, -limit, limit, dtype)
        if self.distribution == "untruncated_normal":
            return _normal(rng, shape, stddev, dtype)
        return _cut_normal(rng, shape, stddev / _CUT_STDDEV, dtype)


def _check(name: str, rule: str, expected: str, received: Any, fine: bool) -> None:
    if not fine:
        raise ArgumentError(
            "VarianceScaling", f"{name} {rule}", expected=expected, received=repr(received), remedy=f"Change {name}"
        )


class _Scaled(VarianceScaling):
    """VarianceScaling with the first three arguments settled by the subclass."""

    settled: tuple[float, str, str]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.settled, seed, input_axes, output_axes)


@registry.register()
class GlorotUniform(_Scaled):
    """Uniform values in ±sqrt(6 / (fan_in + fan_out)), for tanh and sigmoid layers; the default of Keras.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = GlorotUniform()((50, 100)); bool(abs(w).max() <= (6 / (50 + 100)) ** 0.5)
        True

    Reference: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks.
    """

    settled = (1.0, "fan_avg", "uniform")


@registry.register()
class GlorotNormal(_Scaled):
    """Truncated normal values of variance 2 / (fan_in + fan_out).

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = GlorotNormal()((50, 100)); bool(abs(w.std() / (2 / (50 + 100)) ** 0.5 - 1.0) < 0.05)
        True

    Reference: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks.
    """

    settled = (1.0, "fan_avg", "truncated_normal")


@registry.register()
class HeUniform(_Scaled):
    """Uniform values in ±sqrt(6 / fan_in), for ReLU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = HeUniform()((50, 100)); bool(abs(w).max() <= (6 / 50) ** 0.5)
        True

    Reference: He et al. 2015, arXiv 1502.01852.
    """

    settled = (2.0, "fan_in", "uniform")


@registry.register()
class HeNormal(_Scaled):
    """Truncated normal values of variance 2 / fan_in, for ReLU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = HeNormal()((50, 100)); bool(abs(w.std() / (2 / 50) ** 0.5 - 1.0) < 0.05)
        True

    Reference: He et al. 2015, arXiv 1502.01852.
    """

    settled = (2.0, "fan_in", "truncated_normal")


@registry.register()
class LecunUniform(_Scaled):
    """Uniform values in ±sqrt(3 / fan_in).

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = LecunUniform()((50, 100)); bool(abs(w).max() <= (3 / 50) ** 0.5)
        True

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.6.
    """

    settled = (1.0, "fan_in", "uniform")


@registry.register()
class LecunNormal(_Scaled):
    """Truncated normal values of variance 1 / fan_in, for SELU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = LecunNormal()((50, 100)); bool(abs(w.std() / (1 / 50) ** 0.5 - 1.0) < 0.05)
        True

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.6; Klambauer et al. 2017, arXiv 1706.02515.
    """

    settled = (1.0, "fan_in", "truncated_normal")


# Keras also calls the classes by these names.
zeros = Zeros
ones = Ones
constant = Constant
identity = Identity
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
orthogonal = Orthogonal
variance_scaling = VarianceScaling
glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
lecun_uniform = LecunUniform
lecun_normal = LecunNormal
