"""Zeros around the space axes, and the opposite: positions cut off."""

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor
from .layer import registry
from .spatial import Spatial

Pairs = tuple[tuple[int, int], ...]


def pairs(value: Any, rank: int, who: str, argument: str) -> Pairs:
    """(before, after) for each space axis, from one number for all, one for each axis, or pairs.

    Example:
        >>> pairs(1, 2, "ZeroPadding2D", "padding"), pairs((1, 2), 2, "ZeroPadding2D", "padding")
        (((1, 1), (1, 1)), ((1, 1), (2, 2)))
        >>> pairs((1, 2), 1, "ZeroPadding1D", "padding")
        ((1, 2),)
    """
    items = tuple(value) if isinstance(value, Sequence) else (value,) * rank
    if rank == 1 and isinstance(value, Sequence) and len(items) == 2:
        items = (items,)  # over one axis, two numbers are its two ends
    ends = tuple(tuple(item) if isinstance(item, Sequence) else (item, item) for item in items)
    if len(ends) == rank and all(len(pair) == 2 and all(isinstance(n, int) and n >= 0 for n in pair) for pair in ends):
        return ends
    raise ArgumentError(
        who,
        f"{argument} is a number of positions, one for each space axis, or (before, after) for each",
        expected="integers >= 0" + (f", {rank} of them or {rank} pairs" if rank > 1 else " or a pair"),
        received=repr(value),
        remedy=f"For example {argument}={((1, 1),) * rank if rank > 1 else (1, 1)}",
    )


class ZeroPadding(Spatial):
    """Base of `ZeroPadding1D`, `ZeroPadding2D` and `ZeroPadding3D`."""

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.padding = pairs(padding, self.rank, type(self).__name__, "padding")

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.pad(inputs, ((0, 0), *self.padding, (0, 0)))


@registry.register()
class ZeroPadding1D(ZeroPadding):
    """Zeros before and after the time steps; as `ZeroPadding2D`.

    Input (N, T, C), output (N, before + T + after, C).

    Example:
        >>> import lamina
        >>> lamina.layers.ZeroPadding1D((0, 2))(lamina.Tensor([[[1.0], [2.0]]]))[0, :, 0]
        Tensor([1., 2., 0., 0.], float32)
    """

    rank = 1


@registry.register()
class ZeroPadding2D(ZeroPadding):
    """Zeros around the image.

    Args:
        padding: one number, one for each space axis, or ((top, bottom), (left, right)).
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, top + H + bottom, left + W + right, C).

    Example:
        >>> import lamina
        >>> lamina.layers.ZeroPadding2D(((1, 0), (2, 2)))(lamina.ops.ones((1, 3, 3, 1))).shape
        (1, 4, 7, 1)
    """

    rank = 2


@registry.register()
class ZeroPadding3D(ZeroPadding):
    """Zeros around the volume; as `ZeroPadding2D`.

    Input (N, H, W, D, C), output (N, H + .., W + .., D + .., C).

    Example:
        >>> import lamina
        >>> lamina.layers.ZeroPadding3D(2)(lamina.ops.ones((1, 3, 3, 3, 1))).shape
        (1, 7, 7, 7, 1)
    """

    rank = 3


class Cropping(Spatial):
    """Base of `Cropping1D`, `Cropping2D` and `Cropping3D`."""

    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.cropping = pairs(cropping, self.rank, type(self).__name__, "cropping")

    def transform(self, inputs: Tensor) -> Tensor:
        sizes = tuple(inputs.shape[1:-1])
        if any(low + high >= size for (low, high), size in zip(self.cropping, sizes, strict=True)):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}",
                "something must be left after cropping",
                expected=f"space sizes above {tuple(map(sum, self.cropping))}",
                received=sizes,
                remedy="Crop less",
            )
        kept = (slice(low, size - high) for (low, high), size in zip(self.cropping, sizes, strict=True))
        return inputs[(slice(None), *kept)]


@registry.register()
class Cropping1D(Cropping):
    """The time steps without the first and last ones; as `Cropping2D`.

    Input (N, T, C), output (N, T − before − after, C).

    Example:
        >>> import lamina
        >>> lamina.layers.Cropping1D((1, 0))(lamina.Tensor([[[1.0], [2.0], [3.0]]]))[0, :, 0]
        Tensor([2., 3.], float32)
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)


@registry.register()
class Cropping2D(Cropping):
    """The image without its margins.

    Args:
        cropping: one number, one for each space axis, or ((top, bottom), (left, right)).
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, H − top − bottom, W − left − right, C).

    Raises:
        ShapeError: nothing would be left.

    Example:
        >>> import lamina
        >>> lamina.layers.Cropping2D(((1, 0), (1, 1)))(lamina.ops.ones((1, 4, 4, 1))).shape
        (1, 3, 2, 1)
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)


@registry.register()
class Cropping3D(Cropping):
    """The volume without its margins; as `Cropping2D`.

    Input (N, H, W, D, C), output (N, H − .., W − .., D − .., C).

    Example:
        >>> import lamina
        >>> lamina.layers.Cropping3D(1)(lamina.ops.ones((1, 4, 5, 6, 1))).shape
        (1, 2, 3, 4, 1)
    """

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)
