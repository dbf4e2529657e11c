"""Symbols: tensors that have a shape and a history, but no values yet.

A functional model is described by calling layers and ops on symbols. Unknown sizes are None.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import jax

from .errors import NotBuiltError
from .tensor import Tensor

# An unknown size is tried with two values; a result size that differs between them is unknown too.
# Both are rich in factors of 2, so that halving the space several times stays possible.
_GUESSES = (192, 320)
_shapes_only: ContextVar[bool] = ContextVar("shapes_only", default=False)


class Symbol(Tensor):
    """A tensor to be: its shape (None where a size is unknown), its dtype, and the call that makes it.

    Args:
        shape: sizes, None where unknown.
        dtype: number type.
        call: what makes it; None for an input.
        index: which of the call's results it is.
        name: shown in summaries and errors.

    Example:
        >>> x = Symbol((None, 3), "float32", name="x")
        >>> x * 2.0
        Symbol('multiply', shape=(None, 3), float32)
    """

    __slots__ = ("_dtype", "_shape", "call", "index", "name")

    def __init__(
        self,
        shape: tuple[int | None, ...],
        dtype: Any,
        call: "Call | None" = None,
        index: int = 0,
        name: str = "symbol",
    ) -> None:
        self._shape, self._dtype = tuple(shape), jax.numpy.dtype(dtype)
        self.call, self.index, self.name = call, index, name
        self._edge = self._counting = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes; None where unknown."""
        return self._shape  # type: ignore[return-value]

    @property
    def dtype(self) -> Any:
        """Number type of the elements to come."""
        return self._dtype

    @property
    def array(self) -> jax.Array:
        """A symbol has none."""
        raise NotBuiltError(
            self.name,
            "a symbolic tensor has no values",
            expected="a tensor with values",
            received=repr(self),
            remedy="Make a Model from the symbols and call it on data",
        )

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, shape={self.shape}, {self.dtype})"


class Call:
    """One call of a layer or op on symbols: a node of the functional graph.

    Example:
        >>> x = Symbol((None, 3), "float32", name="x")
        >>> (x * 2.0).call.inputs
        [Symbol('x', shape=(None, 3), float32)]
    """

    __slots__ = ("args", "kwargs", "results", "target")

    def __init__(self, target: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.target, self.args, self.kwargs = target, args, kwargs
        self.results: Any = None

    @property
    def inputs(self) -> list[Symbol]:
        """The symbols among the arguments, in order."""
        return [leaf for leaf in jax.tree.leaves((self.args, self.kwargs)) if isinstance(leaf, Symbol)]


def any_symbol(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a symbol is among the arguments, also one level down in a list or tuple."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, Symbol):
            return True
        if isinstance(value, (list, tuple)) and any(isinstance(item, Symbol) for item in value):
            return True
    return False


def _arrays(tree: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf.array if isinstance(leaf, Tensor) else leaf, tree)


@contextlib.contextmanager
def shapes_only() -> Iterator[None]:
    """Inside the block only shapes are worked out: a layer that could not compute values yet still has one.

    Example:
        >>> with shapes_only(): is_shapes_only()
        True
    """
    token = _shapes_only.set(True)
    try:
        yield
    finally:
        _shapes_only.reset(token)


def is_shapes_only() -> bool:
    """Whether nobody will see the values that are traced in this context."""
    return _shapes_only.get()


def infer(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Shapes and dtypes of `function`'s results for symbols in `args` and `kwargs`, without computing.

    Returns:
        The result tree, with (shape, dtype) pairs as Symbols that have no call yet.
    """
    leaves, tree = jax.tree.flatten((args, kwargs))
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Symbol)]

    def run(*arrays: jax.Array) -> Any:
        filled = list(leaves)
        for place, array in zip(places, arrays, strict=True):
            filled[place] = Tensor._of(array)
        some_args, some_kwargs = jax.tree.unflatten(tree, filled)
        return _arrays(function(*some_args, **some_kwargs))

    outcomes = []
    for guess in _GUESSES:
        specs = [
            jax.ShapeDtypeStruct([guess if n is None else n for n in leaves[i].shape], leaves[i].dtype) for i in places
        ]
        with shapes_only():
            outcomes.append(jax.eval_shape(run, *specs))
        if all(None not in leaves[i].shape for i in places):
            outcomes *= 2
            break

    def merge(one: Any, other: Any) -> Symbol:
        return Symbol(tuple(a if a == b else None for a, b in zip(one.shape, other.shape, strict=True)), one.dtype)

    return jax.tree.map(merge, *outcomes)


def record(target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], run: Callable[..., Any] | None = None) -> Any:
    """Note a call of `target` on symbols as a node of the graph; its results are symbols again.

    Args:
        target: the layer or op that is called.
        args, kwargs: its arguments, with symbols among them.
        run: what to trace for the shapes; `target` itself by default.

    Example:
        >>> record(lambda x: x[:, None], (Symbol((None, 3), "float32"),), {}).shape
        (None, 1, 3)
    """
    call = Call(target, args, kwargs)
    call.results = infer(run or target, args, kwargs)
    for index, symbol in enumerate(jax.tree.leaves(call.results)):
        symbol.call, symbol.index = call, index
        symbol.name = getattr(target, "name", None) or getattr(target, "__name__", type(target).__name__)
    return call.results
