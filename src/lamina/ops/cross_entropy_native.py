"""Cross-entropy with class numbers by kernels: no array of probabilities is written."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, as_array, op
from ..native import run_kernel
from .absent import total
from .exponential import exp
from .shape import expand_dims


def _flat(logits: Array, *rows: Any) -> list[Array]:
    """Rows of classes, and one number for each of them."""
    return [logits.reshape(-1, logits.shape[-1]), *(jnp.asarray(r).reshape(-1) for r in rows)]


@op
def cross_entropy_kernel(logits: Array, labels: Array) -> Any:
    """−log p at the label, NaN where it is no class, and log Σ e^z; logits z (..., C), class numbers (...)."""
    rows = _flat(logits, labels.astype(jnp.int32))
    loss, log_sum = (r.reshape(labels.shape) for r in run_kernel("cross_entropy", [rows[1].shape] * 2, *rows))
    return (loss, log_sum), (logits, labels, log_sum)


@cross_entropy_kernel.backward
def _(kept: Any, g: Tensor | None, g_log_sum: Tensor | None) -> Any:
    logits, labels, log_sum = kept
    none = log_sum * 0.0
    of_sum = total(g, g_log_sum)
    return cross_entropy_pull(
        logits, log_sum, none if of_sum is None else of_sum, none if g is None else g, labels
    ), None


@op
def cross_entropy_pull(logits: Array, log_sum: Array, of_sum: Array, of_label: Array, labels: Any) -> Any:
    """e^{z − log_sum}·of_sum, less of_label at the label: the gradient of the logits."""
    x, *rows = _flat(logits, log_sum, of_sum, of_label)
    numbers = as_array(labels).astype(jnp.int32).reshape(-1)
    g = run_kernel("cross_entropy_pull", [x.shape], x, numbers, *rows)[0].reshape(logits.shape)
    return g, (logits, log_sum, of_sum, labels)


@cross_entropy_pull.backward
def _(kept: Any, u: Tensor) -> Any:
    logits, log_sum, of_sum, labels = kept
    p = exp(logits - expand_dims(log_sum, -1))
    slope = u * p * expand_dims(of_sum, -1)
    hit = jnp.expand_dims(as_array(labels), -1) == jnp.arange(logits.shape[-1])
    return slope, -slope.sum(-1), (u * p).sum(-1), -(u * hit).sum(-1)
