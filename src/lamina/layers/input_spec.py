"""What a layer asks of its input's shape."""

from dataclasses import dataclass, field
from typing import Any

from ..core import ShapeError


@dataclass
class InputSpec:
    """Rank and sizes that an input must have.

    Args:
        ndim: exact number of axes, the batch axis included.
        min_ndim: least number of axes.
        axes: size by axis number.

    Example:
        >>> InputSpec(min_ndim=2, axes={-1: 4}).check("Dense", (8, 4))
    """

    ndim: int | None = None
    min_ndim: int | None = None
    axes: dict[int, int] = field(default_factory=dict)

    def check(self, who: Any, shape: tuple[int | None, ...]) -> None:
        """Raise a ShapeError when `shape` does not fit."""
        name = who if isinstance(who, str) else f"{type(who).__name__} {who.name!r}"
        if self.ndim is not None and len(shape) != self.ndim:
            raise ShapeError(
                name,
                "the input has the wrong number of axes",
                expected=f"{self.ndim} axes, the first one the batch",
                received=f"{len(shape)}: shape {shape}",
                remedy="Add or remove an axis, for example x[..., None] for a channel",
            )
        if self.min_ndim is not None and len(shape) < self.min_ndim:
            raise ShapeError(
                name,
                "the input has too few axes",
                expected=f"at least {self.min_ndim}, the first one the batch",
                received=f"{len(shape)}: shape {shape}",
                remedy="Add the batch axis: x[None]",
            )
        for axis, size in self.axes.items():
            if shape[axis] not in (size, None):
                raise ShapeError(
                    name,
                    f"axis {axis} of the input has the wrong size",
                    expected=size,
                    received=f"{shape[axis]}: shape {shape}",
                    remedy="The layer was built for that size; make a new one, or fix the data",
                )
