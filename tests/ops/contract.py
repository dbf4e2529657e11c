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
    drawn = [jnp.asarray(a) for a in case.draw()]
    rounded = {dtype: [a.astype(dtype) if float_type(a) else a for a in drawn] for dtype in case.dtypes}
    narrow = jax.jit(lambda: {dtype: [r.array for r in case.run(*rounded[dtype])] for dtype in case.dtypes})()
    for dtype, arrays in rounded.items():
        exact = [np.asarray(a).astype("float64") if float_type(a) else np.asarray(a) for a in arrays]
        with jax.enable_x64(True):
            expected = [np.asarray(e) for e in case.run(*tensors(exact))]
        for result, reference in zip(narrow[dtype], expected, strict=True):
            assert not float_type(reference) or result.dtype == jnp.dtype(dtype), f"{dtype} gives {result.dtype}"
            close(result, reference, TOLERANCE[dtype] * case.loose, dtype)
        for x, gradient in zip(*gradient_types(case, arrays), strict=True):
            assert (gradient.shape, gradient.dtype) == (x.shape, jnp.dtype(dtype))


def gradient_types(case: Case, arrays: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The float inputs, and the shapes and types of their gradients, without computing these."""
    floats = [a for a in arrays if float_type(a)]

    def gradients(*floats: Any) -> list[Any]:
        inputs = [Tensor(x, requires_grad=True) for x in floats]
        roots = [r.sum() for r in with_floats(case, arrays)(*inputs) if r.requires_grad]
        return [g.array for g in lamina.gradients(sum(roots), inputs)] if roots else list(floats)

    return floats, jax.eval_shape(gradients, *floats)


def with_floats(case: Case, arrays: Sequence[Any]) -> Callable[..., tuple[Any, ...]]:
    """The case as a function of its float inputs alone, returning its float results."""

    def function(*floats: Any) -> tuple[Any, ...]:
        rest = iter(floats)
        full = [next(rest) if float_type(a) else a for a in arrays]
        return tuple(r for r in case.run(*full) if float_type(r))

    return function


def check_gradient(case: Case, order: int) -> None:
    """Derivatives up to `order` agree with central differences."""
    lamina.gradcheck(case.run, *case.draw(), order=order)


def check_gradient_by_jax(case: Case) -> None:
    """First and second derivatives agree with those that JAX takes of the plain formula."""
    arrays = case.draw()
    rng = np.random.default_rng(1)

    def plain(*floats: Any) -> tuple[Any, ...]:
        rest = iter(floats)
        full = [next(rest) if float_type(a) else a for a in arrays]
        return tuple(r for r in as_tuple(case.call(case.jax, full)) if float_type(r))  # type: ignore[arg-type]

    with jax.enable_x64(True):
        point = [a for a in arrays if float_type(a)]
        weights = [rng.normal(size=r.shape) for r in jax.eval_shape(plain, *point)]
        directions = [rng.normal(size=p.shape) for p in point]
        places = tuple(range(len(point)))

        def weighted(function: Callable[..., Any], by: Sequence[Any], make: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *x: sum((r * make(w)).sum() for r, w in zip(function(*x), by, strict=True))

        def derivatives(grad: Callable[..., Any], function: Callable[..., Any], make: Callable[..., Any]) -> Any:
            first = grad(weighted(function, weights, make), places)
            second = grad(weighted(first, directions, make), places)
            return lambda *x: (first(*x), second(*x) if case.second else ())

        ours = derivatives(lamina.grad, with_floats(case, arrays), lambda w: Tensor(w, w.dtype))
        theirs = derivatives(jax.grad, plain, jnp.asarray)
        found = jax.jit(lambda *x: (_arrays(ours(*map(Tensor, x))), theirs(*x)))(*point)
        for level, (mine, other) in enumerate(zip(*found, strict=True), 1):
            for one, reference in zip(mine, other, strict=True):
                close(one, reference, 1e-8 * case.loose, f"derivative {level}")


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
    arrays = case.draw()
    before = [a.copy() for a in arrays]
    with jax.enable_x64(True):
        inputs = [Tensor(a, a.dtype, requires_grad=bool(float_type(a))) for a in arrays]
        for result in case.run(*inputs):
            if result.requires_grad:
                result.sum().backward()
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def check_compiled(case: Case) -> None:
    """Inside `lamina.compile` values and gradients are the same numbers."""
    arrays = case.draw()

    def step(*inputs: Tensor) -> Any:
        leaves = [Tensor(x, requires_grad=bool(float_type(x))) for x in inputs]
        results = case.run(*leaves)
        roots = [r for r in results if r.requires_grad]
        wrt = [x for x in leaves if x.requires_grad]
        return results, [lamina.gradients(r.sum(), wrt) for r in roots]

    with jax.enable_x64(True):
        eager, compiled = step(*tensors(arrays)), lamina.compile(step)(*tensors(arrays))
        for one, other in zip(jax.tree.leaves(_arrays(eager)), jax.tree.leaves(_arrays(compiled)), strict=True):
            close(other, one, 1e-9 * case.loose)


def _arrays(tree: Any) -> Any:
    return jax.tree.map(jnp.asarray, tree, is_leaf=lambda x: isinstance(x, Tensor))


def names_covered(cases: Sequence[Case]) -> set[str]:
    """The entries of the op table that a table of cases calls."""
    known = {id(ops[name]): name for name in ops}
    return {known[id(c.op)] for c in cases if id(c.op) in known} | {name for c in cases for name in c.also}
