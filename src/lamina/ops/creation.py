"""Arrays made from nothing or from plain data. The default type is `floatx()`: float32, unless the policy differs."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import Array, Tensor, composite, floatx, op
from .casting import as_type, tensor
from .shape import broadcast_to, reshape


def asarray(data: Any, dtype: Any = None) -> Tensor:
    """The data as a Tensor: itself, with its history, if it is one already.

    Example:
        >>> from lamina import ops
        >>> ops.asarray([1, 2], "float32")
        Tensor([1., 2.], float32)
    """
    return tensor(data) if dtype is None else as_type(data, jnp.dtype(dtype))


def from_dlpack(data: Any) -> Tensor:
    """A Tensor that shares memory with an array of another library (PyTorch, NumPy, CuPy) where that is possible.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> ops.from_dlpack(np.asarray([1.0, 2.0], "float32"))
        Tensor([1., 2.], float32)
    """
    return Tensor(jnp.from_dlpack(data))


def zeros(shape: int | Sequence[int], dtype: Any = None) -> Tensor:
    """An array of zeros.

    Example:
        >>> from lamina import ops
        >>> ops.zeros((2, 3)).shape
        (2, 3)
    """
    return Tensor(jnp.zeros(shape, dtype or floatx()))


def ones(shape: int | Sequence[int], dtype: Any = None) -> Tensor:
    """An array of ones.

    Example:
        >>> from lamina import ops
        >>> ops.ones(2)
        Tensor([1., 1.], float32)
    """
    return Tensor(jnp.ones(shape, dtype or floatx()))


@composite
def full(shape: int | Sequence[int], fill_value: Any, dtype: Any = None) -> Tensor:
    """An array that is `fill_value` everywhere; the gradient of a Tensor as value is the sum.

    Example:
        >>> from lamina import ops
        >>> ops.full(2, 7.0)
        Tensor([7., 7.], float32)
    """
    return broadcast_to(asarray(fill_value, dtype), (shape,) if isinstance(shape, int) else tuple(shape))


def eye(n: int, m: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on the diagonal that lies k to the right, zeros elsewhere: (n, m), m = n by default.

    Example:
        >>> from lamina import ops
        >>> ops.eye(2)
        Tensor([[1., 0.], [0., 1.]], float32)
    """
    return Tensor(jnp.eye(n, m, k, dtype or floatx()))


def tri(n: int, m: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on and below the diagonal that lies k to the right, zeros above: (n, m).

    Example:
        >>> from lamina import ops
        >>> ops.tri(2)
        Tensor([[1., 0.], [1., 1.]], float32)
    """
    return Tensor(jnp.tri(n, m, k, dtype or floatx()))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """Numbers from `start` (0 if only one is given) up to, but without, `stop`.

    Example:
        >>> from lamina import ops
        >>> ops.arange(3), ops.arange(1.0, 2.0, 0.5)
        (Tensor([0, 1, 2], int32), Tensor([1. , 1.5], float32))
    """
    start, stop = (0, start) if stop is None else (start, stop)
    if dtype is None and not np.issubdtype(np.result_type(start, stop, step), np.integer):
        dtype = floatx()
    return Tensor(jnp.arange(start, stop, step, dtype))


def linspace(start: float, stop: float, num: int = 50, endpoint: bool = True, dtype: Any = None) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, which is the last one if `endpoint`.

    Example:
        >>> from lamina import ops
        >>> ops.linspace(0.0, 1.0, 3)
        Tensor([0. , 0.5, 1. ], float32)
    """
    return Tensor(np.linspace(start, stop, num, endpoint), dtype or floatx())


def logspace(
    start: float, stop: float, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: Any = None
) -> Tensor:
    """`num` numbers at equal ratios from base^start to base^stop.

    Example:
        >>> from lamina import ops
        >>> ops.logspace(0.0, 2.0, 3)
        Tensor([  1.,  10., 100.], float32)
    """
    return Tensor(np.logspace(start, stop, num, endpoint, base), dtype or floatx())


@op
def zeros_like(x: Array, dtype: Any = None) -> Any:
    """Zeros of the shape and type of x; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.zeros_like([1.0, 2.0])
        Tensor([0., 0.], float32)
    """
    return jnp.zeros(x.shape, dtype or x.dtype), ()


@op
def ones_like(x: Array, dtype: Any = None) -> Any:
    """Ones of the shape and type of x; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.ones_like([1.0, 2.0])
        Tensor([1., 1.], float32)
    """
    return jnp.ones(x.shape, dtype or x.dtype), ()


@composite
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """`fill_value` in the shape and type of x.

    Example:
        >>> from lamina import ops
        >>> ops.full_like([1.0, 2.0], 7)
        Tensor([7., 7.], float32)
    """
    x = tensor(x)
    return full(x.shape, fill_value, dtype or x.dtype)


@composite
def meshgrid(*arrays: Any, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Coordinates of all points of a grid whose axes are the vectors given.

    Args:
        arrays: vectors of lengths n₁, n₂, …
        indexing: "ij" gives shape (n₁, n₂, …); "xy" exchanges the first two.

    Example:
        >>> from lamina import ops
        >>> ops.meshgrid([1.0, 2.0], [3.0, 4.0])
        (Tensor([[1., 2.], [1., 2.]], float32), Tensor([[3., 3.], [4., 4.]], float32))
    """
    vectors = [reshape(a, (-1,)) for a in arrays]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = [vectors[i].shape[0] for i in order]
    along = [[n if order[axis] == i else 1 for axis, n in enumerate(shape)] for i in range(len(vectors))]
    return tuple(broadcast_to(reshape(v, sizes), shape) for v, sizes in zip(vectors, along, strict=True))


@op
def one_hot(x: Array, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Class numbers as vectors with one 1: y_{…c} = 1 where x = c, else 0; all 0 for a number outside. No gradient.

    Args:
        x: (N, ...) integers.
        num_classes: C.
        axis: where the axis of size C is put.

    Example:
        >>> from lamina import ops
        >>> ops.one_hot([0, 2], 3)
        Tensor([[1., 0., 0.], [0., 0., 1.]], float32)
    """
    classes = jnp.arange(num_classes, dtype=x.dtype)
    return jnp.moveaxis(x[..., None] == classes, -1, axis).astype(dtype or floatx()), ()
