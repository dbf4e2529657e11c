"""Activation functions by the names that layers take: the ops of the same names, and `get` to find them.

A user's own function joins them through `registry`, so that a saved model can name it:

    >>> @registry.register()
    ... def doubled(x):
    ...     return 2.0 * x
    >>> get("doubled")(3.0)
    6.0
"""

from collections.abc import Callable
from typing import Any

from .core import ArgumentError, Registry
from .core import serialize as name_of
from .ops import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    step,
    step_straight_through,
    tanh,
    tanh_shrink,
    threshold,
)

swish, hard_swish = silu, hard_silu

registry: Registry[Callable[..., Any]] = Registry("activation")
__all__ = [
    "get", "registry", "serialize",
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
    "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
    "step", "step_straight_through", "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip
for _name in __all__[3:]:
    registry.add(globals()[_name], _name)


def get(identifier: Any) -> Callable[..., Any]:
    """The activation that `identifier` means: a name, or a function, which is returned as it is; None is `linear`.

    Raises:
        UnknownNameError: no activation has this name.
        ArgumentError: it is neither.

    Example:
        >>> get("relu")([-1.0, 2.0]), get(None)([-1.0, 2.0])
        (Tensor([0., 2.], float32), Tensor([-1., 2.], float32))
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        return registry[identifier]
    if callable(identifier):
        return identifier
    raise ArgumentError(
        "activation",
        "it must be given by name or as a function",
        expected="a name such as 'relu', a function of one tensor, or None",
        received=repr(identifier),
        remedy="Pass one of these",
    )


def serialize(activation: Callable[..., Any]) -> str:
    """The name of `activation`, for a config.

    Raises:
        ArgumentError: it has no name, as a lambda has none.

    Example:
        >>> serialize(relu)
        'relu'
    """
    return name_of(activation)
