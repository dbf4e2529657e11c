"""Lamina: deep learning with every gradient written down.

The front door: tensors and derivatives, models, and the rooms of the house by name.
"""

from . import activations, callbacks, constraints, data, datasets, initializers, layers, losses, metrics, ops, optimizers
from . import core, models, regularizers, training
from .core import (
    Tensor,
    Variable,
    checkpoint,
    compile,
    from_jax,
    grad,
    gradcheck,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    set_dtype_policy,
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
    "from_jax",
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
    "set_seed",
    "stop_gradient",
    "training",
    "value_and_grad",
    "vjp",
]
