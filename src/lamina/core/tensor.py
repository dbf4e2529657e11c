"""`Tensor`: an array with a memory of how it was made."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .dtypes import floatx
from .errors import ArgumentError, DTypeError, GradientError
from .tape import Edge, Node, leaves, sweep

# The bench (ops) enters its functions here when it is loaded; the ground does not know the bench.
methods: dict[str, Callable[..., Any]] = {}


def _method(name: str) -> Callable[..., Any]:
    def call(self: "Tensor", *args: Any, **kwargs: Any) -> Any:
        return methods[name](self, *args, **kwargs)

    call.__doc__ = f"`lamina.ops.{name}` with this tensor as the first argument."
    return call


def _reflected(name: str) -> Callable[..., Any]:
    def call(self: "Tensor", other: Any) -> Any:
        return methods[name](other, self)

    return call


def as_array(value: Any, dtype: Any = None, copy: bool = False) -> jax.Array:
    """The JAX array in `value`: a Tensor, a JAX or NumPy array, a number or nested lists.

    Python floats and float64 NumPy data become the default float type (see `floatx`).

    Example:
        >>> as_array(np.ones(2)).dtype, as_array([1, 2]).dtype
        (dtype('float32'), dtype('int32'))
    """
    if isinstance(value, Tensor):
        value = value.array
    if isinstance(value, jax.Array):
        value = value if dtype is None or value.dtype == dtype else value.astype(dtype)
        return jnp.array(value) if copy else value
    host = np.asarray(value)
    if host.dtype.kind in "OSUM":
        raise DTypeError(
            "Tensor",
            "the data must be numbers of one shape",
            expected="a number, an array or nested lists of equal lengths",
            received=f"data of NumPy type {host.dtype}",
            remedy="Convert it first, for example text by a vocabulary",
        )
    if dtype is None and host.dtype == np.float64:
        dtype = floatx()
    # JAX would compile a program for each shape; what is put as it is may share the memory of the host.
    if dtype is not None and jnp.dtype(dtype).itemsize <= 4:
        return jax.device_put(host.astype(jnp.dtype(dtype), copy=copy))
    if dtype is None and host.dtype.itemsize <= 4:
        return jax.device_put(np.array(host))
    return jnp.array(host, dtype) if copy else jnp.asarray(host, dtype)


def _rebuild(data: np.ndarray) -> "Tensor":
    return Tensor(data)


class Tensor:
    """An array that remembers how it was made, so that gradients can flow back through it.

    Semantics follow NumPy and the Python array API; the storage is a JAX array. Tensors are
    immutable; mutable state lives in `Variable`.

    Args:
        data: a number, nested lists, a NumPy or JAX array, or a Tensor.
        dtype: number type; by default that of the data, with float64 NumPy data taken as `floatx()`.
        requires_grad: whether gradients are collected here by `backward`.

    Raises:
        DTypeError: the data are not numbers, or the lists are ragged.

    Example:
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        Tensor([2., 4., 6.], float32)

    PyTorch differs: its tensors can be changed in place, which Lamina's cannot.
    """

    __slots__ = ("__weakref__", "_array", "_edge", "_counting")
    __array_priority__ = 1000  # numpy_array + tensor is a Tensor, with its history

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False) -> None:
        self._array = as_array(data, dtype)
        self._edge: Edge | None = Edge(Node(), 0) if requires_grad else None
        self._counting: Tensor | None = None

    @classmethod
    def _of(cls, array: jax.Array, edge: Edge | None = None, mask: "Tensor | None" = None) -> "Tensor":
        """Wrap an array that is known to be one, without checks: the path of every op's result."""
        tensor = Tensor.__new__(Tensor)
        tensor._array, tensor._edge, tensor._counting = array, edge, mask
        return tensor

    # -- what it is ---------------------------------------------------------------------------
    @property
    def array(self) -> jax.Array:
        """The JAX array below."""
        return self._array

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self.array.shape

    @property
    def dtype(self) -> Any:
        """Number type of the elements."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.array.size

    @property
    def mask(self) -> "Tensor | None":
        """Which places of a sequence count, booleans (N, T); None for all. Layers pass it on, ops do not."""
        return self._counting

    @property
    def requires_grad(self) -> bool:
        """Whether some leaf behind this value collects gradients."""
        return self._edge is not None

    def numpy(self) -> np.ndarray:
        """The values as a NumPy array."""
        return np.asarray(self.array)

    def item(self) -> Any:
        """The single element as a Python number."""
        return self.numpy().item()

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        return self.numpy().tolist()

    def __repr__(self) -> str:
        if isinstance(self.array, jax.core.Tracer):
            return f"{type(self).__name__}(traced, shape={self.shape}, {self.dtype})"
        body = np.array2string(self.numpy(), separator=", ", prefix=f"{type(self).__name__}(")
        return f"{type(self).__name__}({body}, {self.dtype})"

    # -- gradients ----------------------------------------------------------------------------
    @property
    def grad(self) -> "Tensor | None":
        """The gradient that `backward` has summed up here; None before."""
        return None if self._edge is None else self._edge.node.grad

    @grad.setter
    def grad(self, value: "Tensor | None") -> None:
        if self._edge is not None:
            self._edge.node.grad = value

    def backward(self, gradient: Any = None) -> None:
        """Add the gradient of this value to `.grad` of every leaf behind it.

        Args:
            gradient: the incoming gradient, of this tensor's shape; 1 for a scalar.

        Raises:
            GradientError: nothing behind this value needs a gradient, or it is no scalar and
                no `gradient` was given.
        """
        if self._edge is None:
            raise GradientError(
                "Tensor.backward",
                "the value must depend on something that requires a gradient",
                expected="a result computed from a Variable or a Tensor(..., requires_grad=True)",
                received="a constant",
                remedy="Check for no_grad or stop_gradient on the way",
            )
        if gradient is None and self.size != 1:
            raise GradientError(
                "Tensor.backward",
                "only a scalar has a gradient of its own",
                expected="one element, or a gradient argument",
                received=f"shape {self.shape}",
                remedy="Sum or average first, or pass gradient=",
            )
        seed = jnp.ones(self.shape, self.dtype) if gradient is None else as_array(gradient, self.dtype)
        ends = leaves([self._edge])
        found = sweep([self._edge], [Tensor._of(seed)], [Edge(node, 0) for node in ends])
        for node, grad in zip(ends, found, strict=True):
            if grad is not None:
                node.grad = grad if node.grad is None else node.grad + grad

    def register_hook(self, hook: Callable[["Tensor"], "Tensor | None"]) -> Callable[[], None]:
        """Let `hook` see the gradient that reaches this value, and replace it if it returns one.

        Returns:
            A function that removes the hook.

        Example:
            >>> x = Tensor(3.0, requires_grad=True)
            >>> y = x * 2.0
            >>> remove = y.register_hook(lambda g: g * 10.0)
            >>> y.backward(); x.grad
            Tensor(20., float32)
        """
        if self._edge is None:
            raise GradientError(
                "Tensor.register_hook",
                "no gradient will pass here",
                expected="a tensor that requires a gradient",
                received="a constant",
                remedy="Make it from a Variable or with requires_grad=True",
            )
        hooks = self._edge.node.hooks.setdefault(self._edge.place, [])
        hooks.append(hook)
        return lambda: hooks.remove(hook)

    # -- working with NumPy, JAX and Python ----------------------------------------------------
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.array, dtype=dtype, copy=copy)

    def __jax_array__(self) -> jax.Array:
        return self.array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __index__(self) -> int:
        return self.array.__index__()

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __reduce__(self) -> Any:  # copy.deepcopy and worker processes: the values, not the history
        return _rebuild, (self.numpy(),)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise ArgumentError(
            "Tensor",
            "values cannot be changed in place",
            expected="a new tensor",
            received=f"an assignment to [{key}]",
            remedy="Use lamina.ops.scatter_update or lamina.ops.where, or keep state in a Variable",
        )

    # -- operators and methods: each is the op of that name --------------------------------------
    __hash__ = object.__hash__
    __neg__, __abs__, __invert__ = _method("negative"), _method("abs"), _method("bitwise_invert")
    __add__, __radd__ = _method("add"), _reflected("add")
    __sub__, __rsub__ = _method("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _method("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _method("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _method("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _method("remainder"), _reflected("remainder")
    __pow__, __rpow__ = _method("power"), _reflected("power")
    __matmul__, __rmatmul__ = _method("matmul"), _reflected("matmul")
    __and__, __rand__ = _method("bitwise_and"), _reflected("bitwise_and")
    __or__, __ror__ = _method("bitwise_or"), _reflected("bitwise_or")
    __xor__, __rxor__ = _method("bitwise_xor"), _reflected("bitwise_xor")
    __lshift__, __rshift__ = _method("bitwise_left_shift"), _method("bitwise_right_shift")
    __eq__, __ne__ = _method("equal"), _method("not_equal")
    __lt__, __le__, __gt__, __ge__ = (
        _method("less"),
        _method("less_equal"),
        _method("greater"),
        _method("greater_equal"),
    )
    __getitem__, astype = _method("getitem"), _method("cast")
    reshape, transpose, squeeze, swapaxes = (
        _method("reshape"), _method("transpose"), _method("squeeze"), _method("swapaxes"),
    )  # fmt: skip
    sum, mean, prod, max, min = _method("sum"), _method("mean"), _method("prod"), _method("max"), _method("min")
    var, std, argmax, argmin = _method("var"), _method("std"), _method("argmax"), _method("argmin")
    all, any, cumsum, clip, take = _method("all"), _method("any"), _method("cumsum"), _method("clip"), _method("take")

    @property
    def T(self) -> "Tensor":
        """The transpose of a matrix: all axes in reverse order."""
        return self.transpose()
