"""`compile`: a Python function that reads and writes Variables becomes one XLA program.

The function is traced twice at most: once to see which Variables it touches, once to make the
program, in which their values go in and come out and the memory of those it writes is reused.
Who knows the Variables beforehand saves the first of these.
"""

import contextlib
import functools
import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from .._garbage import no_garbage_collection
from .errors import DTypeError, RecompilationError
from .one_kernel import as_one_kernel
from .symbolic import _arrays
from .tensor import Tensor
from .variable import Variable, _listener

log = logging.getLogger("lamina.compile")
Touched = tuple[list[Variable], list[Variable]]  # the Variables that are written, and those that are only read


@contextlib.contextmanager
def bound(variables: Sequence[Variable], values: Sequence[Any]) -> Iterator[None]:
    """Let `variables` hold `values` (arrays or tracers) inside the block, and their own values after it.

    Example:
        >>> w = Variable(1.0)
        >>> with bound([w], [jax.numpy.float32(5.0)]): inside = float(w)
        >>> inside, float(w)
        (5.0, 1.0)
    """
    saved = [(v._array, v._leaf.node.grad) for v in variables]
    for variable, value in zip(variables, values, strict=True):
        variable._array = value
    try:
        yield
    finally:
        for variable, (array, gradient) in zip(variables, saved, strict=True):
            variable._array, variable._leaf.node.grad = array, gradient


@contextlib.contextmanager
def lent(variables: Sequence[Variable], tensors: Sequence[Tensor]) -> Iterator[None]:
    """Let `variables` stand for `tensors`, values and history, inside the block: cells without a value of their own.

    Who listens for state that is read or written does not hear of them.

    Example:
        >>> w, x = Variable(1.0), Tensor(5.0, requires_grad=True)
        >>> with lent([w], [x]): (w * w).backward()
        >>> x.grad, w.grad, float(w)
        (Tensor(10., float32), None, 1.0)
    """
    saved, listener, names = [(v._array, v._edge) for v in variables], _listener.get(), set(map(id, variables))

    def others(variable: Variable) -> None:
        if listener is not None and id(variable) not in names:
            listener(variable)

    token = _listener.set(others)
    try:
        for variable, tensor in zip(variables, tensors, strict=True):
            variable._array, variable._edge = tensor.array, tensor._edge
        yield
    finally:
        _listener.reset(token)
        for variable, (array, edge) in zip(variables, saved, strict=True):
            variable._array, variable._edge = array, edge


def functional(function: Callable[..., Any], variables: Sequence[Variable]) -> Callable[..., Any]:
    """The pure form of `function`: (values of `variables`, *args) -> (result arrays, new values).

    Example:
        >>> counter = Variable(1.0, trainable=False)
        >>> step = functional(lambda by: counter.assign_add(by), [counter])
        >>> step([10.0], 5.0)[1], counter
        ([Array(15., dtype=float32...)], Variable(1., float32))
    """

    def pure(values: Sequence[Any], *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
        with bound(variables, [jax.numpy.asarray(v) for v in values]):
            result = _arrays(function(*args, **kwargs))
            return result, [v._array for v in variables]

    return pure


def owned(arrays: Sequence[Any]) -> list[Any]:
    """The arrays, each once: memory that two Variables share cannot be given away twice."""
    seen: set[int] = set()
    return [jax.numpy.array(a) if id(a) in seen or seen.add(id(a)) else a for a in arrays]  # type: ignore[func-returns-value]


@no_garbage_collection()
def touched(run: Callable[[], Any]) -> Touched:
    """The Variables that `run` writes, and those it only reads; run abstractly, nothing changes.

    Example:
        >>> a, b = Variable(1.0), Variable(2.0)
        >>> touched(lambda: a.assign(b * 3.0))
        ([Variable(1., float32)], [Variable(2., float32)])
    """
    seen: dict[int, tuple[Variable, Any, Any]] = {}

    def note(variable: Variable) -> None:
        seen.setdefault(id(variable), (variable, variable._array, variable._leaf.node.grad))

    token = _listener.set(note)
    try:
        jax.eval_shape(lambda: _arrays(run()))
    finally:
        _listener.reset(token)
        written = {key for key, (variable, array, _) in seen.items() if variable._array is not array}
        for variable, array, gradient in seen.values():
            variable._array, variable._leaf.node.grad = array, gradient
    return (
        [variable for key, (variable, *_) in seen.items() if key in written],
        [variable for key, (variable, *_) in seen.items() if key not in written],
    )


class _Unforeseen(Exception):
    """A function touches other Variables than was said."""


@contextlib.contextmanager
def _only(known: Sequence[Variable], read: Sequence[Variable]) -> Iterator[None]:
    """Refuse, at its end, a block that touches other Variables than the known ones, or writes those that are read."""
    names, held, outer = set(map(id, known)), [v._array for v in read], _listener.get()
    others: dict[int, tuple[Variable, Any]] = {}

    def note(variable: Variable) -> None:
        if id(variable) not in names:
            others.setdefault(id(variable), (variable, variable._array))
        if outer is not None:
            outer(variable)

    token = _listener.set(note)
    try:
        yield
    finally:
        _listener.reset(token)
        for variable, array in others.values():
            variable._array = array
    if others or any(v._array is not array for v, array in zip(read, held, strict=True)):
        raise _Unforeseen


def _is_dynamic(leaf: Any) -> bool:
    """Arrays and numbers go into the program; booleans, strings and the rest shape it."""
    return isinstance(leaf, (Tensor, np.ndarray, np.number, int, float, jax.Array)) and not isinstance(leaf, bool)


def _describe(leaf: Any) -> str:
    if not _is_dynamic(leaf):
        return repr(leaf)
    return f"{leaf.dtype}{list(leaf.shape)}" if hasattr(leaf, "dtype") else type(leaf).__name__


def _identity(leaf: Any) -> Any:
    """What of an argument decides which program runs: shape and type of arrays, all other things themselves."""
    if _is_dynamic(leaf):
        return (leaf.shape, leaf.dtype) if hasattr(leaf, "dtype") else type(leaf)
    return leaf if isinstance(leaf, Hashable) else id(leaf)  # the program made for it keeps it alive


class Compiled:
    """A function made into XLA programs, one per combination of shapes, types and settings.

    Args:
        function, max_compiles, donate: as of `compile`.
        touches: the Variables that the function will most likely write, and those that it will only read. If it turns
            out to touch others, they are searched for.

    Attributes:
        compilations: why each program was compiled, in order.

    Example:
        >>> double = Compiled(lambda x: x * 2.0, max_compiles=8, donate=True)
        >>> double(Tensor(3.0)), double.compilations
        (Tensor(6., float32), ['first call'])
    """

    def __init__(
        self,
        function: Callable[..., Any],
        max_compiles: int,
        donate: bool,
        touches: Callable[[], Touched] | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.__name__: str = getattr(function, "__name__", "function")
        self.function, self.max_compiles, self.donate, self._touches = function, max_compiles, donate, touches
        self.compilations: list[str] = []
        self._variables: dict[Any, Touched] = {}
        self._programs: dict[Any, Callable[..., Any]] = {}
        self._last: dict[str, str] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves, tree = jax.tree.flatten((args, kwargs))
        call = (tree, tuple(map(_identity, leaves)))
        arrays = [leaf.array if isinstance(leaf, Tensor) else leaf for leaf in leaves if _is_dynamic(leaf)]
        program = self._programs.get((call, self._state(call)))
        if program is not None:
            return self._run(program, call, arrays)
        self._require_numbers((args, kwargs))
        self._note((args, kwargs))
        with no_garbage_collection():
            return self._first_run(call, tree, leaves, arrays)

    def _first_run(self, call: Any, tree: Any, leaves: list[Any], arrays: list[Any]) -> Any:
        foreseen = self._touches() if self._touches is not None else None
        try:
            return self._run(self._build(call, tree, leaves, arrays, foreseen), call, arrays)
        except _Unforeseen:  # while it was traced: nothing has been computed
            return self._run(self._build(call, tree, leaves, arrays, None), call, arrays)

    def _state(self, call: Any) -> tuple[Any, ...]:
        """What a program takes for granted about the Variables, whose shapes and types never change."""
        written, read = self._variables.get(call, ([], []))
        return tuple([v._edge is None for v in (*written, *read)])

    def _build(
        self, call: Any, tree: Any, leaves: list[Any], arrays: list[Any], foreseen: Touched | None
    ) -> Callable[..., Any]:
        places = {i: hasattr(leaf, "dtype") for i, leaf in enumerate(leaves) if _is_dynamic(leaf)}
        settings = [None if i in places else leaf for i, leaf in enumerate(leaves)]  # data is not kept alive

        def run(*dynamic: Any) -> Any:
            filled = list(settings)
            for (place, is_array), array in zip(places.items(), dynamic, strict=True):
                filled[place] = Tensor._of(jax.numpy.asarray(array)) if is_array else array
            args, kwargs = jax.tree_util.tree_unflatten(tree, filled)
            return self.function(*args, **kwargs)

        written, read = foreseen or touched(lambda: run(*arrays))
        self._variables[call] = written, read

        def program(changed: Any, held: Any, *dynamic: Any) -> Any:
            with bound(read, held), _only([*written, *read], read) if foreseen else contextlib.nullcontext():
                return functional(run, written)(changed, *dynamic)

        values = [v._array for v in written], [v._array for v in read]
        compiled = as_one_kernel(program, [*values, *arrays], donate=[0] if self.donate else [])
        self._programs[call, self._state(call)] = compiled
        return compiled

    def _run(self, program: Callable[..., Any], call: Any, dynamic: list[Any]) -> Any:
        written, read = self._variables[call]
        result, values = program(owned([v._array for v in written]), [v._array for v in read], *dynamic)
        for variable, value in zip(written, values, strict=True):
            variable._array = value
        if isinstance(result, jax.Array):
            return Tensor._of(result)
        arrays, tree = jax.tree.flatten(result)
        return jax.tree.unflatten(tree, [Tensor._of(array) for array in arrays])

    def _require_numbers(self, arguments: Any) -> None:
        for path, leaf in jax.tree_util.tree_leaves_with_path(arguments):
            if isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biufcV":  # V: bfloat16 and other small floats
                raise DTypeError(
                    self.__name__,
                    "a compiled function takes numbers",
                    expected="arrays of numbers or booleans",
                    received=f"{leaf.dtype} at {jax.tree_util.keystr(path)}",
                    remedy="Turn text into numbers first, for example with StringLookup",
                )

    def _note(self, arguments: Any) -> None:
        """Write down why a program is needed, and refuse when there are too many."""
        paths = jax.tree_util.tree_leaves_with_path(arguments)
        now = {jax.tree_util.keystr(path): _describe(leaf) for path, leaf in paths}
        changes = [f"{p} is {d}, was {self._last.get(p, 'absent')}" for p, d in now.items() if self._last.get(p) != d]
        reason = "first call" if not self._programs else "; ".join(changes) or "a Variable has been frozen or freed"
        self._last = now
        self.compilations.append(reason)
        log.info("%s: compiling (%d): %s", self.__name__, len(self.compilations), reason)
        if len(self.compilations) > self.max_compiles:
            raise RecompilationError(
                self.__name__,
                "the function was compiled too often",
                expected=f"at most {self.max_compiles} programs",
                received=f"one more, because {reason}",
                remedy="Pad to a few shapes, pass numbers as arrays, or raise max_compiles",
            )


def compile(function: Callable[..., Any] | None = None, *, max_compiles: int = 8, donate: bool = True) -> Any:
    """Turn a step that reads and writes Variables into one XLA program per set of argument shapes.

    Arrays and numbers in the arguments are inputs of the program; booleans, strings and None choose
    it. Python code runs only while the program is made. Results are Tensors without a history.

    Args:
        function: tensors (and trees of them) in, tensors out.
        max_compiles: how many programs are allowed before an error.
        donate: reuse the memory of the Variables' old values.

    Returns:
        A callable with the same arguments; `.compilations` says why each program was compiled.

    Raises:
        RecompilationError: the shapes changed more often than `max_compiles` allows.

    Example:
        >>> total = Variable(0.0, name="total", trainable=False)
        >>> @compile
        ... def add(x):
        ...     return total.assign_add((x * x).sum())
        >>> _ = add(Tensor([1.0, 2.0])); add(Tensor([3.0, 4.0])), add.compilations
        (Tensor(30., float32), ['first call'])
    """

    def make(function: Callable[..., Any]) -> Compiled:
        return Compiled(function, max_compiles, donate)

    return make(function) if function is not None else make
