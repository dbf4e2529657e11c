"""The same numbers in another arrangement."""

import math
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor
from .arguments import one_of, whole
from .input_spec import InputSpec
from .layer import Layer, registry


@registry.register()
class Identity(Layer):
    """y = x.

    Example:
        >>> import lamina
        >>> lamina.layers.Identity()(lamina.Tensor([1.0, 2.0]))
        Tensor([1., 2.], float32)
    """

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs


@registry.register()
class Flatten(Layer):
    """All values of one example in one row.

    Args:
        data_format: "channels_first" moves axis 1 to the end first, so that both formats give the same order.

    Input (N, ...), output (N, product of the other sizes); (N,) becomes (N, 1).

    Example:
        >>> import lamina
        >>> lamina.layers.Flatten()(lamina.ops.zeros((32, 13, 13, 8))).shape
        (32, 1352)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        formats = ("channels_last", "channels_first")
        self.data_format = one_of(data_format or formats[0], formats, "Flatten", "data_format")
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = ops.moveaxis(inputs, 1, -1)
        return inputs.reshape((inputs.shape[0], math.prod(inputs.shape[1:])))


@registry.register()
class Reshape(Layer):
    """Each example in a new shape.

    Args:
        target_shape: sizes without the batch axis; one may be −1 and is then worked out.

    Input (N, ...), output (N, *target_shape).

    Raises:
        ShapeError: the number of values would change.

    Example:
        >>> import lamina
        >>> lamina.layers.Reshape((2, -1))(lamina.ops.zeros((3, 8))).shape
        (3, 2, 4)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        if sum(n == -1 for n in self.target_shape) > 1 or any(n < -1 for n in self.target_shape):
            raise ArgumentError(
                "Reshape",
                "at most one size of target_shape can be worked out",
                expected="sizes >= 0, and -1 at most once",
                received=self.target_shape,
                remedy="Replace the other -1 by its size",
            )

    def call(self, inputs: Tensor) -> Tensor:
        have, given = math.prod(inputs.shape[1:]), math.prod(n for n in self.target_shape if n != -1)
        if (have % given if given else have) if -1 in self.target_shape else have != given:
            raise ShapeError(
                f"Reshape {self.name!r}",
                "the number of values of an example stays the same",
                expected=f"{given} values" + (", or a multiple of it" if -1 in self.target_shape else ""),
                received=f"{have}: shape {tuple(inputs.shape[1:])} to {self.target_shape}",
                remedy="Check target_shape; it has no batch axis",
            )
        rest = have // given if given else 0
        return inputs.reshape((inputs.shape[0], *(rest if n == -1 else n for n in self.target_shape)))


@registry.register()
class Permute(Layer):
    """The axes of each example in another order.

    Args:
        dims: for each place of the output, the input axis that goes there; axes count from 1, after the batch.

    Example:
        >>> import lamina
        >>> lamina.layers.Permute((2, 1))(lamina.ops.zeros((3, 10, 64))).shape
        (3, 64, 10)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(
                "Permute",
                "dims names every axis after the batch once, counted from 1",
                expected=f"an order of {tuple(range(1, len(self.dims) + 1))}",
                received=self.dims,
                remedy="The batch axis, 0, stays where it is and is not named",
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.transpose(inputs, (0, *self.dims))


@registry.register()
class RepeatVector(Layer):
    """Each example n times, as a sequence.

    Args:
        n: T, number of repetitions.

    Input (N, F), output (N, T, F).

    Example:
        >>> import lamina
        >>> lamina.layers.RepeatVector(3)(lamina.ops.zeros((2, 5))).shape
        (2, 3, 5)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = whole(n, "RepeatVector", "n")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.broadcast_to(inputs[:, None], (inputs.shape[0], self.n, inputs.shape[1]))
