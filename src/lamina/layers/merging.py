"""Several inputs made into one."""

import functools
import math
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor
from .layer import Layer, registry
from .normalization import to_unit_length

Shape = tuple[int, ...]


class Merge(Layer):
    """Base of the layers that merge a list of inputs."""

    least = 2

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, (list, tuple)) or not all(isinstance(s, (list, tuple)) for s in input_shape):
            raise self._inputs_error(f"one input of shape {input_shape}")
        if len(input_shape) < self.least:
            raise self._inputs_error(f"{len(input_shape)} input")

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self.check([tuple(x.shape) for x in inputs])
        return self.merge(list(inputs))

    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Any:
        """A place counts if it counts in one of the inputs."""
        masks = mask or [None]
        return None if any(m is None for m in masks) else functools.reduce(ops.logical_or, masks)

    def _inputs_error(self, received: str) -> ArgumentError:
        return ArgumentError(
            f"{type(self).__name__} {self.name!r}",
            "the layer merges several inputs",
            expected=f"a list of at least {self.least}",
            received=received,
            remedy="Call it on a list: layer([a, b])",
        )

    def mismatch(self, rule: str, expected: str, shapes: Sequence[Shape]) -> ShapeError:
        """The error for inputs that do not fit each other."""
        return ShapeError(
            f"{type(self).__name__} {self.name!r}",
            rule,
            expected=expected,
            received=", ".join(map(str, shapes)),
            remedy="Compare the layers that make the inputs",
        )

    def check(self, shapes: list[Shape]) -> None:
        """Raise a ShapeError when the inputs cannot be merged."""

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The output for inputs that fit each other."""
        raise NotImplementedError(f"{type(self).__name__} must define merge(inputs)")


def _same_rank(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Inputs with fewer axes get axes of size 1 after the batch."""
    ndim = max(x.ndim for x in inputs)
    return [x.reshape((x.shape[0], *(1,) * (ndim - x.ndim), *x.shape[1:])) if x.ndim < ndim else x for x in inputs]


class Elementwise(Merge):
    """Base of the merges value by value; sizes are equal or 1."""

    def check(self, shapes: list[Shape]) -> None:
        ndim = max(map(len, shapes))
        full = [(s[0], *(1,) * (ndim - len(s)), *s[1:]) for s in shapes if s]
        if len(full) < len(shapes) or any(len(set(sizes) - {1}) > 1 for sizes in zip(*full, strict=True)):
            raise self.mismatch("the inputs must have shapes that fit", "sizes that are equal or 1", shapes)

    def merge(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(self.pair, _same_rank(inputs))

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        """Two inputs made into one."""
        raise NotImplementedError(f"{type(self).__name__} must define pair(x, y)")


@registry.register()
class Add(Elementwise):
    """y = x₁ + x₂ + ...

    Input: a list of shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Add()([lamina.Tensor([1.0, 2.0]), lamina.Tensor([10.0, 20.0])])
        Tensor([11., 22.], float32)
    """

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


@registry.register()
class Subtract(Elementwise):
    """y = x₁ − x₂.

    Input: a list of two shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Subtract()([lamina.Tensor([10.0, 20.0]), lamina.Tensor([1.0, 2.0])])
        Tensor([ 9., 18.], float32)
    """

    def check(self, shapes: list[Shape]) -> None:
        if len(shapes) != 2:
            raise self.mismatch("a difference has two terms", "two inputs", shapes)
        super().check(shapes)

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        return x - y


@registry.register()
class Multiply(Elementwise):
    """y = x₁ · x₂ · ..., value by value.

    Input: a list of shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Multiply()([lamina.Tensor([1.0, 2.0]), lamina.Tensor([10.0, 20.0])])
        Tensor([10., 40.], float32)
    """

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        return x * y


@registry.register()
class Average(Add):
    """y = (x₁ + ... + x_k) / k.

    Input: a list of shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Average()([lamina.Tensor([1.0, 2.0]), lamina.Tensor([3.0, 6.0])])
        Tensor([2., 4.], float32)
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        return super().merge(inputs) / len(inputs)


@registry.register()
class Maximum(Elementwise):
    """y = max(x₁, x₂, ...), value by value.

    Input: a list of shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Maximum()([lamina.Tensor([1.0, 5.0]), lamina.Tensor([3.0, 2.0])])
        Tensor([3., 5.], float32)
    """

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.maximum(x, y)


@registry.register()
class Minimum(Elementwise):
    """y = min(x₁, x₂, ...), value by value.

    Input: a list of shapes (N, ...), sizes equal or 1; output their common shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Minimum()([lamina.Tensor([1.0, 5.0]), lamina.Tensor([3.0, 2.0])])
        Tensor([1., 2.], float32)
    """

    def pair(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.minimum(x, y)


@registry.register()
class Concatenate(Merge):
    """The inputs one after the other along `axis`.

    Args:
        axis: the axis whose sizes add up; the others must be equal.

    Raises:
        ShapeError: the inputs differ in another axis.

    Example:
        >>> import lamina
        >>> lamina.layers.Concatenate()([lamina.Tensor([[1.0, 2.0]]), lamina.Tensor([[3.0]])])
        Tensor([[1., 2., 3.]], float32)
    """

    least = 1

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def check(self, shapes: list[Shape]) -> None:
        ndim = len(shapes[0])
        if any(len(s) != ndim for s in shapes) or not -ndim <= self.axis < ndim:
            expected = f"axis {self.axis} in all, and the same number of axes"
            raise self.mismatch("the inputs must have the same axes", expected, shapes)
        others = [[size for i, size in enumerate(s) if i != self.axis % ndim] for s in shapes]
        if any(len(set(sizes)) > 1 for sizes in zip(*others, strict=True)):
            raise self.mismatch(
                "the inputs must agree in all sizes but one", f"equal sizes, except along axis {self.axis}", shapes
            )

    def merge(self, inputs: list[Tensor]) -> Tensor:
        return ops.concatenate(inputs, self.axis)

    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Any:
        """The masks one after the other too, along the time; along the channels a place counts if it counts in one."""
        masks = mask or [None]
        ndim = max((m.ndim for m in masks if m is not None), default=0)
        if ndim == 0:
            return None
        everywhere = [ops.ones(x.shape[:ndim], "bool") if m is None else m for x, m in zip(inputs, masks, strict=True)]
        axis = self.axis % inputs[0].ndim
        return ops.concatenate(everywhere, axis) if axis < ndim else functools.reduce(ops.logical_or, everywhere)


@registry.register()
class Dot(Merge):
    """Products summed along an axis of each of two inputs: y[n, i..., j...] = Σ_k x₁[n, i..., k] · x₂[n, j..., k].

    Args:
        axes: the summed axis k of both, or one for each; the batch axis 0 is not counted out.
        normalize: scale to length 1 along k first, which makes y the cosine.

    Input: a list of two, (N, ...) each; output (N, other axes of x₁, other axes of x₂), (N, 1) if there are none.

    Raises:
        ShapeError: the summed axes differ in size.

    Example:
        >>> import lamina
        >>> lamina.layers.Dot(axes=1)([lamina.Tensor([[1.0, 2.0]]), lamina.Tensor([[3.0, 4.0]])])
        Tensor([[11.]], float32)
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes = (axes, axes) if isinstance(axes, int) else tuple(axes)
        self.normalize = normalize
        if len(self.axes) != 2 or 0 in self.axes:
            raise ArgumentError(
                "Dot",
                "one axis of each input is summed, and not the batch axis",
                expected="one integer or two, not 0",
                received=axes,
                remedy="For example axes=-1",
            )

    def check(self, shapes: list[Shape]) -> None:
        if len(shapes) != 2:
            raise self.mismatch("a product has two factors", "two inputs", shapes)
        pairs = list(zip(shapes, self.axes, strict=True))
        if not all(-len(s) < a < len(s) for s, a in pairs) or len({s[a] for s, a in pairs}) > 1:
            raise self.mismatch("the summed axes must have one size", f"equal sizes along axes {self.axes}", shapes)

    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Any:
        return None  # no axis of the output is the time of both inputs

    def merge(self, inputs: list[Tensor]) -> Tensor:
        one, other = (ops.moveaxis(x, axis, -1) for x, axis in zip(inputs, self.axes, strict=True))
        if self.normalize:
            one, other = to_unit_length(one, -1), to_unit_length(other, -1)
        rows, columns = one.shape[1:-1], other.shape[1:-1]
        one = one.reshape((one.shape[0], math.prod(rows), one.shape[-1]))
        other = other.reshape((other.shape[0], math.prod(columns), other.shape[-1]))
        return (one @ other.swapaxes(1, 2)).reshape((one.shape[0], *(rows + columns or (1,))))


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Add` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.add([lamina.Tensor([1.0, 2.0]), lamina.Tensor([10.0, 20.0])])
        Tensor([11., 22.], float32)
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Subtract` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.subtract([lamina.Tensor([10.0, 20.0]), lamina.Tensor([1.0, 2.0])])
        Tensor([ 9., 18.], float32)
    """
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Multiply` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.multiply([lamina.Tensor([1.0, 2.0]), lamina.Tensor([10.0, 20.0])])
        Tensor([10., 40.], float32)
    """
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Average` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.average([lamina.Tensor([1.0, 2.0]), lamina.Tensor([3.0, 6.0])])
        Tensor([2., 4.], float32)
    """
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Maximum` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.maximum([lamina.Tensor([1.0, 5.0]), lamina.Tensor([3.0, 2.0])])
        Tensor([3., 5.], float32)
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Minimum` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.minimum([lamina.Tensor([1.0, 5.0]), lamina.Tensor([3.0, 2.0])])
        Tensor([1., 2.], float32)
    """
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.concatenate([lamina.Tensor([[1.0, 2.0]]), lamina.Tensor([[3.0]])])
        Tensor([[1., 2., 3.]], float32)
    """
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """`Dot` as a function.

    Example:
        >>> import lamina
        >>> lamina.layers.dot([lamina.Tensor([[1.0, 2.0]]), lamina.Tensor([[3.0, 4.0]])])
        Tensor([[11.]], float32)
    """
    return Dot(axes, **kwargs)(inputs)
