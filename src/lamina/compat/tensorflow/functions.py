"""TensorFlow's spelling of a few ops."""

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...core import Tensor, as_array


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """The matrix product a·b of the last two axes, either factor transposed first if asked.

    Example:
        >>> matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True)
        Tensor([[11.]], float32)
    """
    left = ops.swapaxes(a, -1, -2) if transpose_a else a
    right = ops.swapaxes(b, -1, -2) if transpose_b else b
    return ops.matmul(left, right)


def cast(x: Any, dtype: Any) -> Tensor:
    """`x`, a tensor or a number, as a tensor of `dtype`.

    Example:
        >>> cast(3, "float32")
        Tensor(3., float32)
    """
    return ops.cast(x, dtype)


def shape(x: Any) -> tuple[int, ...]:
    """The sizes of `x` as integers; inside `call` all of them are known, the batch size too.

    Example:
        >>> shape([[1.0, 2.0, 3.0]])
        (1, 3)
    """
    return tuple(x.shape) if hasattr(x, "shape") else as_array(x).shape


def reshape(tensor: Any, shape: Sequence[int]) -> Tensor:
    """`tensor` with other sizes; one of them may be -1.

    Example:
        >>> reshape([1, 2, 3, 4], (2, -1)).shape
        (2, 2)
    """
    return ops.reshape(tensor, tuple(shape))


def transpose(a: Any, perm: Sequence[int] | None = None) -> Tensor:
    """`a` with its axes in the order `perm`, by default reversed.

    Example:
        >>> transpose([[1, 2, 3]], perm=[1, 0]).shape
        (3, 1)
    """
    return ops.transpose(a, perm if perm is None else tuple(perm))
