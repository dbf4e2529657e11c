"""The start of a functional model."""

import functools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import ArgumentError, Symbol, Tensor, floatx, is_float
from .input_spec import InputSpec
from .layer import Layer, registry, unique_name


def _full_shape(
    shape: Sequence[int | None] | None, batch_size: int | None, batch_shape: Sequence[int | None] | None
) -> tuple[int | None, ...]:
    if (shape is None) == (batch_shape is None):
        raise ArgumentError(
            "Input",
            "the shape is given once, without or with the batch axis",
            expected="either shape or batch_shape",
            received=f"shape={shape}, batch_shape={batch_shape}",
            remedy="For example Input(shape=(28, 28, 1))",
        )
    full = (batch_size, *shape) if shape is not None else tuple(batch_shape or ())
    if not all(size is None or isinstance(size, int) and size >= 0 for size in full):
        raise ArgumentError(
            "Input",
            "a size is a whole number, or None where it is unknown",
            expected="integers >= 0 and None",
            received=full,
            remedy="For example Input(shape=(28, 28, 1))",
        )
    return full


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
) -> Symbol:
    """A tensor to be: calling layers on it describes a model.

    Args:
        shape: sizes of one example, without the batch axis; None where unknown.
        batch_size: size of the batch axis, unknown by default.
        dtype: number type, by default the default float type; "int32" for ids.
        batch_shape: all sizes, instead of `shape` and `batch_size`.
        name: by default "input", with a number.

    Returns:
        A `Symbol`: it has a shape and a dtype, but no values.

    Example:
        >>> import lamina
        >>> x = lamina.layers.Input(shape=(28, 28, 1))
        >>> lamina.layers.Conv2D(8, 3)(x).shape
        (None, 26, 26, 8)

    Keras differs: it also takes sparse, ragged and optional inputs.
    """
    full = _full_shape(shape, batch_size, batch_shape)
    return Symbol(full, dtype or floatx(), name=name or unique_name("input"))


@registry.register()
class InputLayer(Layer):
    """The start of a model as a layer: it checks the shape and hands its input on.

    Args:
        shape, batch_size, dtype, batch_shape, name: as for `Input`.

    Example:
        >>> import lamina
        >>> lamina.layers.InputLayer(shape=(4,), name="pixels").output
        Symbol('pixels', shape=(None, 4), float32)
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        self.input_dtype = jnp.dtype(dtype or floatx())
        super().__init__(name=name, dtype=self.input_dtype.name if is_float(self.input_dtype) else None)
        self.batch_shape = _full_shape(shape, batch_size, batch_shape)
        sizes = {axis: size for axis, size in enumerate(self.batch_shape) if size is not None}
        self.input_spec = InputSpec(ndim=len(self.batch_shape), axes=sizes)

    @functools.cached_property
    def output(self) -> Symbol:
        """The `Symbol` to call layers on."""
        return Input(batch_shape=self.batch_shape, dtype=self.input_dtype, name=self.name)

    def call(self, inputs: Tensor) -> Tensor:
        return inputs
