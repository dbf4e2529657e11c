"""Functions that take functions: gradients, products with the Jacobian, higher derivatives.

All are short uses of one thing, the reverse sweep of the tape. Forward mode is the sweep applied
twice: the pullback is linear in its cotangent, so the derivative of the pullback is the pushforward.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .dtypes import is_float
from .errors import GradientError
from .op import Array, attach, op
from .tape import Edge, Node, recording, sweep, watcher
from .tensor import Tensor, as_array, methods


@op(name="identity")
def identity(x: Array) -> Any:
    """The same value, as a result of its own."""
    return x, ()


@identity.backward
def _(kept: Any, g: Tensor) -> Tensor:
    return g


def stop_gradient(x: Any) -> Tensor:
    """The value of `x`, through which no gradient flows.

    Example:
        >>> from lamina import grad
        >>> grad(lambda x: x * stop_gradient(x))(3.0)
        Tensor(3., float32)
    """
    return Tensor._of(as_array(x))


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def _flatten(tree: Any) -> tuple[list[Any], Any]:
    return jax.tree.flatten(tree, is_leaf=_is_tensor)


def _input(value: Any) -> Tensor:
    """A tensor that collects gradients, linked to the outer history of `value` if it has one."""
    if isinstance(value, Tensor) and value.requires_grad:
        return identity(value)
    return Tensor(value, requires_grad=True)


def gradients(output: Tensor, inputs: Sequence[Tensor], gradient: Any = None) -> list[Tensor]:
    """Gradients of a computed value with respect to the tensors or variables it was made from.

    g_i = ∂<gradient, output>/∂inputs_i, in one reverse sweep. Second derivatives: the results are
    recorded in turn when they depend on something else that requires a gradient.

    Args:
        output: a value made while the tape was recording.
        inputs: tensors or Variables.
        gradient: incoming gradient of output's shape; 1 for a scalar.

    Returns:
        One gradient per input, of its shape; zeros where `output` does not depend on it.

    Raises:
        GradientError: an input collects no gradients, or output is not a scalar and `gradient` is missing.

    Example:
        >>> from lamina import Variable
        >>> w = Variable(3.0)
        >>> gradients(w * w, [w])
        [Tensor(6., float32)]
    """
    edges = [_edge(x, "gradients") for x in inputs]
    seed = _seed(output, gradient, "gradients")
    found = sweep([output._edge], [seed], edges) if output._edge is not None else [None] * len(edges)
    return [_zeros_like(x) if g is None else g for x, g in zip(inputs, found, strict=True)]


def _edge(x: Tensor, who: str) -> Edge:
    if x._edge is None:
        raise GradientError(
            who,
            "each input must collect gradients",
            expected="a trainable Variable or Tensor(..., requires_grad=True)",
            received=repr(x),
            remedy="Make it trainable, or leave it out",
        )
    return x._edge


def _seed(output: Tensor, gradient: Any, who: str) -> Tensor:
    if gradient is not None:
        return gradient if isinstance(gradient, Tensor) else Tensor(gradient, output.dtype)
    if output.size != 1 or not is_float(output.dtype):
        raise GradientError(
            who,
            "only a real scalar has a gradient of its own",
            expected="one element of a float type",
            received=f"shape {output.shape}, {output.dtype}",
            remedy="Sum or average the output first, or use vjp or jacobian",
        )
    return Tensor._of(jnp.ones(output.shape, output.dtype))


def _zeros_like(x: Tensor) -> Tensor:
    return Tensor._of(jnp.zeros(x.shape, x.dtype))


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """The value of `f` and its pullback u -> uᵀJ, J the Jacobian of f at `args`.

    Args:
        f: function of tensors (or trees of them) to a tensor or a tuple of tensors.
        args: where to evaluate it.

    Returns:
        The output, and a function from cotangents (one per output) to a tuple of gradients (one per arg).

    Example:
        >>> y, pull = vjp(lambda x: x * x, [1.0, 2.0])
        >>> pull([1.0, 10.0])
        (Tensor([ 2., 40.], float32),)

    Reference: Griewank and Walther, Evaluating Derivatives, chapter 3.
    """
    flat, tree = _flatten(tuple(a if isinstance(a, (Tensor, dict, tuple)) else Tensor(a) for a in args))
    inputs = [_input(x) for x in flat]
    with recording(True):
        output = f(*jax.tree.unflatten(tree, inputs))
    outputs = output if isinstance(output, tuple) else (output,)
    if not all(map(_is_tensor, outputs)):
        raise GradientError(
            "vjp",
            "the function must return a Tensor, or a tuple of Tensors",
            expected="Tensor",
            received=type(output).__name__,
            remedy="Compute the result with lamina.ops",
        )

    def pullback(*cotangents: Any) -> tuple[Any, ...]:
        pairs = [(o._edge, _seed(o, c, "vjp")) for o, c in zip(outputs, cotangents, strict=True) if o._edge is not None]
        roots, seeds = [edge for edge, _ in pairs], [seed for _, seed in pairs]
        found = sweep(roots, seeds, [x._edge for x in inputs])  # type: ignore[misc]
        grads = [_zeros_like(x) if g is None else g for x, g in zip(inputs, found, strict=True)]
        return jax.tree.unflatten(tree, grads)

    return output, pullback


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that returns `f`'s value and its gradient together.

    Args:
        f: function to a real scalar, or to (scalar, anything) with `has_aux`.
        argnums: which positional argument(s) to differentiate; each a tensor or a tree of tensors.
        has_aux: whether f returns something beside the scalar.

    Returns:
        Function with f's arguments; returns (value, gradient), with value = (scalar, aux) if `has_aux`.

    Raises:
        GradientError: the output is not a real scalar.

    Example:
        >>> value_and_grad(lambda x: (x * x).sum())([3.0, 4.0])
        (Tensor(25., float32), Tensor([6., 8.], float32))
    """
    places = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def run(*args: Any, **kwargs: Any) -> Any:
        aux: list[Any] = []

        def scalar(*chosen: Any) -> Tensor:
            filled = list(args)
            for place, value in zip(places, chosen, strict=True):
                filled[place] = value
            output = f(*filled, **kwargs)
            if has_aux:
                output, extra = output
                aux.append(extra)
            return output

        value, pullback = vjp(scalar, *(args[i] for i in places))
        grads = pullback(None)
        return (value, aux[0]) if has_aux else value, grads[0] if isinstance(argnums, int) else grads

    return run


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of the scalar function `f`.

    ∇f(x), with respect to the argument(s) `argnums`; see `value_and_grad`.

    Example:
        >>> f = lambda x: x * x * x
        >>> grad(f)(2.0), grad(grad(f))(2.0)
        (Tensor(12., float32), Tensor(12., float32))
    """
    both = value_and_grad(f, argnums, has_aux)

    def run(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return run


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Tensor, Tensor]:
    """The value of `f` and the pushforward Jv: the derivative along the direction v = `tangents`.

    Example:
        >>> jvp(lambda x: x * x, [[1.0, 2.0]], [[1.0, 10.0]])
        (Tensor([1., 4.], float32), Tensor([ 2., 40.], float32))
    """
    output, pullback = vjp(f, *primals)
    u = Tensor(jnp.zeros(output.shape, output.dtype), requires_grad=True)
    with recording(True):  # the pullback is linear in u: its own pullback is v -> Jv
        pulled = pullback(u)
    pairs = [(g._edge, Tensor(v, g.dtype)) for g, v in zip(pulled, tangents, strict=True) if g._edge is not None]
    (pushed,) = sweep([edge for edge, _ in pairs], [v for _, v in pairs], [u._edge])  # type: ignore[list-item]
    return stop_gradient(output), _zeros_like(output) if pushed is None else pushed


def jacobian(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Tensor]:
    """A function that returns the whole Jacobian J_{o,i} = ∂f_o/∂x_i.

    Args:
        f: function to one tensor.
        argnum: which argument is x.

    Returns:
        Function with f's arguments; its result has the shape of the output followed by that of x.

    Example:
        >>> jacobian(lambda x: x * x)([1.0, 2.0])
        Tensor([[2., 0.],
                [0., 4.]], float32)
    """

    def run(*args: Any) -> Tensor:
        def of_one(x: Any) -> Any:
            return f(*args[:argnum], x, *args[argnum + 1 :])

        output, pullback = vjp(of_one, args[argnum])
        basis = jnp.eye(output.size, dtype=output.dtype).reshape(output.size, *output.shape)
        rows = [pullback(Tensor._of(row))[0] for row in basis[:1]]
        if rows[0].requires_grad:  # somebody may differentiate further: stay on the tape
            rows += [pullback(Tensor._of(row))[0] for row in basis[1:]]
            return methods["stack"](rows).reshape((*output.shape, *rows[0].shape))
        matrix = jax.vmap(lambda row: pullback(Tensor._of(row))[0].array)(basis)
        return Tensor._of(matrix.reshape((*output.shape, *rows[0].shape)))

    return run


def hessian(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Tensor]:
    """A function that returns the Hessian H_{ij} = ∂²f/∂x_i∂x_j of a scalar function.

    Example:
        >>> hessian(lambda x: (x * x * x).sum())([1.0, 2.0])
        Tensor([[ 6.,  0.],
                [ 0., 12.]], float32)
    """
    return jacobian(grad(f, argnum), argnum)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Tensor:
    """The product Hv of a scalar function's Hessian at `x` with the vector `v`, without forming H.

    Example:
        >>> hvp(lambda x: (x * x * x).sum(), [1.0, 2.0], [1.0, 1.0])
        Tensor([ 6., 12.], float32)

    Reference: Pearlmutter 1994, Fast exact multiplication by the Hessian.
    """
    _, pullback = vjp(grad(f), x)
    return pullback(Tensor(v))[0]


def from_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make any JAX function of arrays an op; its derivative then comes from JAX.

    The way out for users who need something that Lamina does not have. Built-in ops do not use it.

    Args:
        function: arrays to one array (or a tuple of arrays); keyword arguments are settings.

    Example:
        >>> import jax.numpy as jnp
        >>> cube = from_jax(lambda x: jnp.power(x, 3))
        >>> grad(cube)(2.0)
        Tensor(12., float32)
    """

    def call(*args: Any, **settings: Any) -> Any:
        sources = [a if _is_tensor(a) else Tensor(a) for a in args]
        arrays = [s.array for s in sources]

        def apply(*arrays: Any) -> Any:
            return function(*arrays, **settings)

        def pull(node: Node, grads: list[Any]) -> Sequence[Any]:
            single = not isinstance(result, tuple)
            filled = [_zeros_like(Tensor._of(r)) if g is None else g for r, g in zip(results, grads, strict=True)]
            inputs = [Tensor._of(a, e) for a, e in zip(arrays, node.inputs, strict=True)]

            def jax_pull(*values: Any) -> Any:
                cotangents = values[len(args) :]
                return jax.vjp(apply, *values[: len(args)])[1](cotangents[0] if single else cotangents)

            return from_jax(jax_pull)(*inputs, *filled)

        result = apply(*arrays)
        results = result if isinstance(result, tuple) else (result,)
        wrapped, node = attach(results, [s._edge for s in sources], pull)
        watching = watcher()
        if watching is not None:
            watching.ran(getattr(function, "__name__", "from_jax"), arrays, results, node)
        return wrapped if isinstance(result, tuple) else wrapped[0]

    return call
