"""Lamina: deep learning with every gradient written down."""

from . import ops
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
    set_seed,
    stop_gradient,
    value_and_grad,
    vjp,
)
