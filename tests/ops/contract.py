"""What every op promises, as checks over a table of cases.

A case is one call of an op: how its inputs are drawn, and the same thing in NumPy and in plain JAX. The tables
are the lists `CASES` in the files `cases_*.py` beside this one; `test_contract.py` puts every check to every case.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import lamina
from lamina import Tensor
from lamina.core import is_float, ops

Inputs = Callable[[np.random.Generator], Sequence[Any]]
TOLERANCE = {"float64": 1e-9, "float32": 1e-5, "bfloat16": 4e-2, "float16": 5e-3}
EPSILON = 1e-6  # the step of central differences


@dataclass(frozen=True)
class Case:
    """One call of an op, with references.

    Args:
        name: of the test; starts with the op's name.
        op: the op or composite function.
        inputs: generator -> arrays inside the domain in which the op is smooth; float64 ones are differentiated.
        settings: keyword arguments, also of the references.
        numpy: the forward pass in NumPy (or SciPy): the same call.
        jax: the plain formula in jax.numpy, whose derivatives JAX takes; None if there is none.
        differentiable: whether the op has a gradient; if not, results must not require one.
        second: whether the second derivative is checked, too.
        dtypes: float types of the inputs that are tried.
        sequence: the op takes its arrays as one list.
        broadcasts: the op broadcasts its (two or more) inputs against each other.
        loose: factor on all tolerances of the result, for ops that lose digits.
        also: names of other entries of the op table that the case runs through.
    """

    name: str
    op: Callable[..., Any]
    inputs: Inputs
    settings: dict[str, Any] = field(default_factory=dict)
    numpy: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = None
    differentiable: bool = True
    second: bool = True
    dtypes: tuple[str, ...] = ("float32", "bfloat16")
    sequence: bool = False
    broadcasts: bool = False
    loose: float = 1.0
    also: tuple[str, ...] = ()

    def draw(self) -> list[np.ndarray]:
        """The inputs; the same each time."""
        return [np.asarray(a) for a in self.inputs(np.random.default_rng(zlib.crc32(self.name.encode())))]

    def call(self, function: Callable[..., Any], arrays: Sequence[Any]) -> Any:
        """`function` (the op or a reference) called as the op is."""
        return function(list(arrays), **self.settings) if self.sequence else function(*arrays, **self.settings)

    def run(self, *arrays: Any) -> tuple[Tensor, ...]:
        """The op's results, always as a tuple."""
        return as_tuple(self.call(self.op, arrays))


def as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def float_type(array: Any) -> bool:
    return is_float(array.dtype)


def tensors(arrays: Sequence[Any], dtype: str = "float64") -> list[Tensor]:
    return [Tensor(a, dtype if float_type(a) else None) for a in arrays]


def close(actual: Any, expected: Any, tolerance: float, what: str = "") -> None:
    """Equal shapes, and values equal within the tolerance, relative to the largest one and absolute."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what} shape {actual.shape}, expected {expected.shape}"
    if not float_type(actual):
        np.testing.assert_array_equal(actual, expected, err_msg=what)
        return
    actual, expected = actual.astype("float64"), expected.astype("float64")
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * max(scale, 1e-3), err_msg=what)


def all_close(actual: Any, expected: Any, tolerance: float, what: str = "") -> None:
    """Two trees of the same form, array by array."""
    pairs = zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True)
    for i, (one, other) in enumerate(pairs, 1):
        close(one, other, tolerance, f"{what}, array {i}")


def check_forward(case: Case) -> None:
    """Values, shapes and kinds of number agree with NumPy in float64."""
    arrays = case.draw()
    with jax.enable_x64(True):
        found = case.run(*tensors(arrays))
    expected = as_tuple(case.call(case.numpy, arrays))  # type: ignore[arg-type]
    assert len(found) == len(expected)
    for result, reference in zip(found, expected, strict=True):
        assert np.asarray(result).dtype.kind == np.asarray(reference).dtype.kind or result.dtype == reference.dtype
        close(result, reference, TOLERANCE["float64"] * case.loose)


def check_dtypes(case: Case) -> None:
    """In a narrower type the results have that type, and the digits that it can hold; gradients have it, too."""
    rounded = {dtype: [x.array for x in tensors(case.draw(), dtype)] for dtype in case.dtypes}
    narrow = jax.jit(lambda: {dtype: [r.array for r in case.run(*rounded[dtype])] for dtype in case.dtypes})()
    for dtype, arrays in rounded.items():
        with jax.enable_x64(True):
            exact = in_float64([np.asarray(a) for a in arrays])
            expected = as_tuple(case.call(case.numpy, exact)) if case.numpy else case.run(*tensors(exact))
        for result, reference in zip(narrow[dtype], map(np.asarray, expected), strict=True):
            assert not float_type(reference) or result.dtype == jnp.dtype(dtype), f"{dtype} gives {result.dtype}"
            close(result, reference, TOLERANCE[dtype] * case.loose, dtype)
        for x, gradient in zip(floats_of(arrays), gradient_types(case, arrays), strict=True):
            assert (gradient.shape, gradient.dtype) == (x.shape, jnp.dtype(dtype))


def gradient_types(case: Case, arrays: Sequence[Any]) -> list[Any]:
    """Shapes and types of the gradients of the float inputs, without computing them."""

    def gradients(*floats: Any) -> list[Any]:
        inputs = [Tensor(x, requires_grad=True) for x in floats]
        roots = [r.sum() for r in case.run(*filled(arrays, inputs)) if r.requires_grad]
        return [g.array for g in lamina.gradients(sum(roots), inputs)] if roots else list(floats)

    return jax.eval_shape(gradients, *floats_of(arrays))


def in_float64(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [a.astype("float64") if float_type(a) else a for a in arrays]


def floats_of(arrays: Sequence[Any]) -> list[Any]:
    return [a for a in arrays if float_type(a)]


def filled(arrays: Sequence[Any], floats: Sequence[Any]) -> list[Any]:
    """The arrays, with `floats` in the places of those of a float type."""
    rest = iter(floats)
    return [next(rest) if float_type(a) else a for a in arrays]


def directions(arrays: Sequence[Any], seed: int) -> list[np.ndarray]:
    """A random array in the shape of each."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=a.shape) for a in arrays]


def once_backward(case: Case, inputs: Sequence[Any]) -> tuple[Any, Any]:
    """The results f, and g = Jᵀu for random u, by the rules of the ops."""
    results, pull = lamina.vjp(lambda *x: case.run(*filled(inputs, x)), *floats_of(inputs))
    return results, pull(*tensors(directions(results, seed=1)))


def twice_backward(case: Case, inputs: Sequence[Any], order: int) -> tuple[Any, Any, Any]:
    """f, g, and for order 2 the gradients of <w, g> for random w."""
    results: list[Any] = []

    def first(*floats: Any) -> Any:
        results[:], gradients = once_backward(case, filled(inputs, floats))
        return gradients

    if order == 1:
        return results, first(*floats_of(inputs)), ()
    gradients, pull = lamina.vjp(first, *floats_of(inputs))
    return results, gradients, pull(*tensors(directions(gradients, seed=2)))


def twice_backward_by_jax(case: Case, inputs: Sequence[Any], order: int) -> tuple[Any, Any]:
    """g, and for order 2 the gradients of <w, g>, as JAX takes them of the plain formula."""

    def plain(*floats: Any) -> tuple[Any, ...]:
        return as_tuple(case.call(case.jax, filled(inputs, floats)))  # type: ignore[arg-type]

    def first(*floats: Any) -> Any:
        results, pull = jax.vjp(plain, *floats)
        pairs = zip(results, directions(results, seed=1), strict=True)
        return pull(tuple(u if float_type(r) else np.zeros(r.shape, jax.dtypes.float0) for r, u in pairs))

    if order == 1:
        return first(*floats_of(inputs)), ()
    gradients, pull = jax.vjp(first, *floats_of(inputs))
    return gradients, pull(tuple(map(jnp.asarray, directions(gradients, seed=2))))


def check_derivatives(case: Case, order: int = 2) -> None:
    """Derivatives up to `order` agree with central differences and with JAX; results and gradients with eager calls.

    Compiling is what costs time here. So f, g = Jᵀu, the gradients of <w, g> and JAX's are one program, called at
    three points on a line, along which differences of f and of g give the slopes that the derivatives must have.
    """
    order = min(order, 2 if case.second else 1)
    arrays = in_float64(case.draw())

    @lamina.compile
    def program(*inputs: Tensor) -> Any:
        plain = filled(arrays, [x.array for x in floats_of(inputs)])
        return twice_backward(case, inputs, order), twice_backward_by_jax(case, plain, order) if case.jax else ()

    with jax.enable_x64(True):
        line = directions(floats_of(arrays), seed=3)
        (f, g, h), by_jax = program(*tensors(arrays))
        low, high = (program(*tensors(moved(arrays, line, step)))[0] for step in (-EPSILON, EPSILON))
        eager = once_backward(case, tensors(arrays))
    all_close((f, g), eager, 1e-9 * case.loose, "compiled")
    if case.jax:
        all_close((g, h), by_jax, 1e-8 * case.loose, "derivative by JAX")
    check_slope(low[0], high[0], g, line, 1)
    if order == 2:
        check_slope(low[1], high[1], h, line, 2)


def moved(arrays: Sequence[np.ndarray], line: Sequence[np.ndarray], step: float) -> list[np.ndarray]:
    """The arrays, the floats among them a step further along the line."""
    return filled(arrays, [x + step * v for x, v in zip(floats_of(arrays), line, strict=True)])


def check_slope(low: Any, high: Any, gradients: Any, line: Sequence[np.ndarray], order: int) -> None:
    """A random sum rises from `low` to `high`, its terms at the ends of the line, as its `gradients` say."""
    terms = zip(directions(low, seed=order), low, high, strict=True)
    rise = sum(np.vdot(w, b.numpy() - a.numpy()) for w, a, b in terms if float_type(a))
    slope = sum(np.vdot(g, v) for g, v in zip(gradients, line, strict=True))
    message = f"derivative {order} by its rule (actual) and by central differences (desired)"
    np.testing.assert_allclose(slope, rise / (2 * EPSILON), rtol=1e-5, atol=1e-6, err_msg=message)


def check_no_gradient(case: Case) -> None:
    """An op that is declared flat gives results through which no gradient could flow."""
    results = case.run(*[Tensor(a, requires_grad=bool(float_type(a))) for a in case.draw()])
    assert not any(r.requires_grad for r in results)


def check_broadcast(case: Case) -> None:
    """Inputs of sizes 1 act as if they were repeated; the gradient of a repeated element is the sum."""
    arrays = [
        a[tuple(slice(0, 1) if (axis + i) % 2 else slice(None) for axis in range(a.ndim))]
        for i, a in enumerate(case.draw())
    ]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    repeated = [np.broadcast_to(a, shape) for a in arrays]

    def gradients(values: Sequence[np.ndarray]) -> tuple[Any, Any]:
        inputs = [Tensor(v, v.dtype, requires_grad=True) for v in values]
        (result,) = case.run(*inputs)
        return result, lamina.gradients(result.sum(), inputs) if case.differentiable else []

    with jax.enable_x64(True):
        result, small = gradients(arrays)
        expected, large = gradients(repeated)
        close(result, expected, 1e-12)
        for a, gradient, full in zip(arrays, small, large, strict=False):
            axes = tuple(i for i, n in enumerate(a.shape) if n == 1)
            close(gradient, np.asarray(full).sum(axes, keepdims=True).reshape(a.shape), 1e-12)


def check_inputs_unmodified(case: Case) -> None:
    """Neither the forward nor the backward pass writes into the arrays that the user passed."""
    arrays = in_float64(case.draw())
    before = [a.copy() for a in arrays]
    with jax.enable_x64(True):
        once_backward(case, [Tensor(a, a.dtype) for a in arrays])
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def check_compiled(case: Case) -> None:
    """Inside `lamina.compile` the results of an op without gradients are the same numbers, too."""
    with jax.enable_x64(True):
        inputs = tensors(case.draw())
        all_close(lamina.compile(case.run)(*inputs), case.run(*inputs), 1e-9 * case.loose, "compiled")


def names_covered(cases: Sequence[Case]) -> set[str]:
    """The entries of the op table that a table of cases calls."""
    known = {id(ops[name]): name for name in ops}
    return {known[id(c.op)] for c in cases if id(c.op) in known} | {name for c in cases for name in c.also}
