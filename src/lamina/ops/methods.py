"""What Tensor's operators and methods find: the ops under the names that the tensor asks for."""

from typing import Any

from ..core import Tensor, methods
from .arithmetic import add, divide, multiply, negative, subtract
from .bitwise import bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_or, bitwise_right_shift, bitwise_xor
from .casting import cast
from .comparison import equal, greater, greater_equal, less, less_equal, not_equal
from .extrema import abs, clip
from .indexing import getitem, take
from .joining import stack
from .matmul import matmul
from .powers import power
from .reduction import all, any, argmax, argmin, max, mean, min, prod, std, sum, var
from .rounding import floor_divide, remainder
from .scan import cumsum
from .shape import reshape, squeeze, swapaxes, transpose


def _sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one, or as one tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes


def _reshape(x: Tensor, *sizes: Any) -> Tensor:
    return reshape(x, _sizes(sizes))


def _transpose(x: Tensor, *axes: Any) -> Tensor:
    return transpose(x, _sizes(axes) if axes and axes[0] is not None else None)


methods.update(
    abs=abs,
    add=add,
    all=all,
    any=any,
    argmax=argmax,
    argmin=argmin,
    bitwise_and=bitwise_and,
    bitwise_invert=bitwise_invert,
    bitwise_left_shift=bitwise_left_shift,
    bitwise_or=bitwise_or,
    bitwise_right_shift=bitwise_right_shift,
    bitwise_xor=bitwise_xor,
    cast=cast,
    clip=clip,
    cumsum=cumsum,
    divide=divide,
    equal=equal,
    floor_divide=floor_divide,
    getitem=getitem,
    greater=greater,
    greater_equal=greater_equal,
    less=less,
    less_equal=less_equal,
    matmul=matmul,
    max=max,
    mean=mean,
    min=min,
    multiply=multiply,
    negative=negative,
    not_equal=not_equal,
    power=power,
    prod=prod,
    remainder=remainder,
    reshape=_reshape,
    squeeze=squeeze,
    stack=stack,
    std=std,
    subtract=subtract,
    sum=sum,
    swapaxes=swapaxes,
    take=take,
    transpose=_transpose,
    var=var,
)
