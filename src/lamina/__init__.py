"""Lamina: deep learning with every gradient written down.

The front door: tensors and derivatives, models, and the rooms of the house by name.
"""

import contextlib as _contextlib
import gc as _gc
from collections.abc import Iterator as _Iterator


@_contextlib.contextmanager
def _without_garbage_collection() -> _Iterator[None]:
    """Modules stay: to look through all that they have made, 65 times, is a third of what importing them takes."""
    was_on = _gc.isenabled()
    _gc.disable()
    try:
        yield
    finally:
        if was_on:
            _gc.enable()


with _without_garbage_collection():
    from . import (
        activations,
        callbacks,
        constraints,
        core,
        data,
        datasets,
        explain,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        regularizers,
        training,
        tune,
        zoo,
    )
    from .core import (
        Tensor,
        Variable,
        checkpoint,
        compile,
        from_jax,
        get_random_state,
        grad,
        gradcheck,
        gradients,
        hessian,
        hvp,
        jacobian,
        jvp,
        no_grad,
        set_dtype_policy,
        set_random_state,
        set_seed,
        stop_gradient,
        value_and_grad,
        vjp,
    )
    from .models import Model, Sequential, load_model, register

__version__ = "0.1.0"

__all__ = [
    "Model",
    "Sequential",
    "Tensor",
    "Variable",
    "activations",
    "callbacks",
    "checkpoint",
    "compile",
    "constraints",
    "core",
    "data",
    "datasets",
    "explain",
    "from_jax",
    "get_random_state",
    "grad",
    "gradcheck",
    "gradients",
    "hessian",
    "hvp",
    "initializers",
    "jacobian",
    "jvp",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "models",
    "no_grad",
    "ops",
    "optimizers",
    "register",
    "regularizers",
    "set_dtype_policy",
    "set_random_state",
    "set_seed",
    "stop_gradient",
    "training",
    "tune",
    "value_and_grad",
    "vjp",
    "zoo",
]
