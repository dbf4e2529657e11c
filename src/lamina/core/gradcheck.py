"""Is a gradient right? Compare it with central differences, along random directions, in float64."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .dtypes import is_float
from .errors import GradientError
from .tensor import Tensor
from .transforms import vjp


def gradcheck(
    function: Callable[..., Any],
    *args: Any,
    order: int = 2,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    seed: int = 0,
) -> None:
    """Compare derivatives of `function` with central differences; silent when they agree.

    For random directions u (of the output) and v (of the arguments) the two numbers
    <u, J v> = <Jᵀu, v> and <u, f(x + εv) − f(x − εv)> / 2ε must agree within
    atol + rtol·|number|. Order 2 checks in the same way the function x -> Jᵀu.

    Args:
        function: tensors to a tensor or a tuple of tensors; called with float64 data.
        args: where to check; float arrays are differentiated, others held.
        order: 1 or 2: the highest derivative that is checked.
        eps: the step ε.
        rtol, atol: relative and absolute tolerance.
        seed: of the random directions.

    Raises:
        GradientError: the numbers differ; the message shows both.

    Example:
        >>> gradcheck(lambda x: x * x * x, [1.0, 2.0])
        >>> from lamina.core import stop_gradient
        >>> gradcheck(lambda x: x * stop_gradient(x), [1.0])
        Traceback (most recent call last):
        lamina.core.errors.GradientError: ... Expected -0.0332... (central differences), received -0.0166...
    """
    with jax.enable_x64(True):
        values = [np.asarray(a) for a in args]
        values = [v.astype(np.float64) if is_float(v.dtype) else v for v in values]
        _check(function, values, order, 1, eps, rtol, atol, np.random.default_rng(seed))


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _check(
    function: Callable[..., Any],
    values: list[Any],
    order: int,
    level: int,
    eps: float,
    rtol: float,
    atol: float,
    rng: Any,
) -> None:
    places = [i for i, v in enumerate(values) if v.dtype == np.float64]

    def filled(chosen: Any) -> list[Any]:
        full = [Tensor(v, v.dtype) for v in values]
        for place, value in zip(places, chosen, strict=True):
            full[place] = value if isinstance(value, Tensor) else Tensor(value, np.float64)
        return full

    def float_outputs(*chosen: Any) -> tuple[Tensor, ...]:
        return tuple(o for o in _as_tuple(function(*filled(chosen))) if is_float(o.dtype))

    point = [values[i] for i in places]
    outputs, pullback = vjp(float_outputs, *(Tensor(p, np.float64) for p in point))
    u = [rng.normal(size=o.shape) for o in outputs]
    v = [rng.normal(size=p.shape) for p in point]
    pulled = pullback(*(Tensor(a, np.float64) for a in u))
    analytic = sum(float(np.vdot(g.numpy(), d)) for g, d in zip(pulled, v, strict=True))

    def along(step: float) -> list[np.ndarray]:
        return [o.numpy() for o in float_outputs(*(p + step * d for p, d in zip(point, v, strict=True)))]

    pairs = zip(u, along(eps), along(-eps), strict=True)
    numeric = sum(float(np.vdot(a, (high - low) / (2 * eps))) for a, high, low in pairs)
    if not abs(analytic - numeric) <= atol + rtol * abs(numeric):
        raise GradientError(
            getattr(function, "__name__", "function"),
            f"derivative {level} must agree with central differences",
            expected=f"{numeric!r} (central differences)",
            received=f"{analytic!r} (backward rule), difference {analytic - numeric:.3g}",
            remedy="Check the backward rule, or raise the tolerance near a kink",
        )
    if order > level:

        def next_level(*chosen: Any) -> tuple[Tensor, ...]:
            return vjp(float_outputs, *chosen)[1](*(Tensor(a, np.float64) for a in u))

        next_level.__name__ = getattr(function, "__name__", "function")
        _check(next_level, point, order, level + 1, eps, rtol, atol, rng)
