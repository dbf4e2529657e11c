"""What layers over space share: sizes per axis, and channels that may come first."""

from typing import Any, ClassVar

from .. import ops
from ..core import Tensor
from ..ops.windows import per_axis
from .arguments import one_of
from .input_spec import InputSpec
from .layer import Layer


class Spatial(Layer):
    """Base of layers over `rank` space axes; a subclass computes with channels last, always.

    Args:
        data_format: "channels_last" (also None), inputs (N, ..., C), or "channels_first", inputs
            (N, C, ...), which are transposed on the way in and out.
    """

    rank: ClassVar[int]

    def __init__(self, *, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        formats = ("channels_last", "channels_first")
        self.data_format = one_of(data_format or formats[0], formats, type(self).__name__, "data_format")
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def channel_axis(self) -> int:
        """The axis of the channels in inputs and outputs."""
        return 1 if self.data_format == "channels_first" else -1

    def per_axis(self, value: Any, argument: str) -> tuple[int, ...]:
        """`value` as one positive number per space axis."""
        return per_axis(value, self.rank, type(self).__name__, argument)

    def call(self, inputs: Tensor) -> Tensor:
        if self.channel_axis == -1:
            return self.transform(inputs)
        return ops.moveaxis(self.transform(ops.moveaxis(inputs, 1, -1)), -1, 1)

    def transform(self, inputs: Tensor) -> Tensor:
        """The output for channels-last inputs."""
        raise NotImplementedError(f"{type(self).__name__} must define transform(inputs)")
