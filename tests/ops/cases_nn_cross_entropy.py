"""Contract cases of the cross-entropies.

Losses from logits come back in float32 at least; `test_nn_cross_entropy.py` looks at narrower logits.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.cross_entropy import softmax_cross_entropy_with_log, sparse_softmax_cross_entropy_with_log
from ops.contract import Case, Inputs

WIDE = ("float32",)


def numbers_of(array: Any) -> Any:
    return jnp if isinstance(array, jax.Array) else np


def log_softmax(logits: Any, axis: int = -1) -> Any:
    n = numbers_of(logits)
    return logits - n.log(n.exp(logits).sum(axis, keepdims=True))


def softmax_loss(logits: Any, labels: Any, axis: int = -1, label_smoothing: float = 0.0) -> Any:
    labels = labels * (1 - label_smoothing) + label_smoothing / labels.shape[axis]
    return -(labels * log_softmax(logits, axis)).sum(axis)


def one_hot(labels: Any, like: Any, axis: int) -> Any:
    return np.moveaxis(np.eye(like.shape[axis])[np.asarray(labels)], -1, axis)


def sparse_softmax_loss(logits: Any, labels: Any, axis: int = -1) -> Any:
    return softmax_loss(logits, one_hot(labels, logits, axis), axis)


def sigmoid_loss(logits: Any, labels: Any) -> Any:
    n = numbers_of(logits)
    p = 1 / (1 + n.exp(-logits))
    return -labels * n.log(p) - (1 - labels) * n.log(1 - p)


def binary_loss(probabilities: Any, labels: Any) -> Any:
    n = numbers_of(probabilities)
    return -labels * n.log(probabilities) - (1 - labels) * n.log(1 - probabilities)


def categorical_loss(probabilities: Any, labels: Any, axis: int = -1, label_smoothing: float = 0.0) -> Any:
    n = numbers_of(probabilities)
    labels = labels * (1 - label_smoothing) + label_smoothing / labels.shape[axis]
    return -(labels * n.log(probabilities / probabilities.sum(axis, keepdims=True))).sum(axis)


def sparse_categorical_loss(probabilities: Any, labels: Any, axis: int = -1) -> Any:
    return categorical_loss(probabilities, one_hot(labels, probabilities, axis), axis)


def soft(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(4, 5)) * 2, rng.dirichlet(np.ones(5), 4)]


def hard(shape: tuple[int, ...], axis: int, draw: Any = lambda rng, shape: rng.normal(size=shape)) -> Inputs:
    rest = shape[:axis] + shape[axis + 1 :]
    return lambda rng: [draw(rng, shape), rng.integers(0, shape[axis], rest)]


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.uniform(0.1, 0.9, shape)


def same(name: str, op: Any, inputs: Inputs, reference: Any, dtypes: tuple[str, ...] = WIDE, **settings: Any) -> Case:
    return Case(name, op, inputs, settings, reference, reference, dtypes=dtypes)


def with_log(loss: Any) -> Any:
    return lambda logits, labels, **s: (loss(logits, labels, **s), log_softmax(logits, **s))


CASES = [
    same("softmax_cross_entropy_with_log", softmax_cross_entropy_with_log, soft, with_log(softmax_loss)),
    same(
        "sparse_softmax_cross_entropy_with_log",
        sparse_softmax_cross_entropy_with_log,
        hard((4, 5), 1),
        with_log(sparse_softmax_loss),
    ),
    same("softmax_cross_entropy", ops.softmax_cross_entropy, soft, softmax_loss),
    same(
        "softmax_cross_entropy smoothed, axis 0",
        ops.softmax_cross_entropy,
        soft,
        softmax_loss,
        axis=0,
        label_smoothing=0.2,
    ),
    same(
        "softmax_cross_entropy of labels that do not sum to 1",
        ops.softmax_cross_entropy,
        lambda rng: [rng.normal(size=(3, 4)), rng.uniform(size=(3, 4))],
        softmax_loss,
    ),
    Case(
        "sparse_softmax_cross_entropy",
        ops.sparse_softmax_cross_entropy,
        hard((4, 3, 5), 2),
        {},
        sparse_softmax_loss,
        sparse_softmax_loss,
        dtypes=WIDE,
        also=("cross_entropy_kernel", "cross_entropy_pull"),
    ),
    same(
        "sparse_softmax_cross_entropy axis 1",
        ops.sparse_softmax_cross_entropy,
        hard((4, 5, 3), 1),
        sparse_softmax_loss,
        axis=1,
    ),
    same("sigmoid_cross_entropy", ops.sigmoid_cross_entropy, soft, sigmoid_loss),
    same(
        "binary_cross_entropy",
        ops.binary_cross_entropy,
        lambda rng: [uniform(rng, (4, 5)), uniform(rng, (4, 5))],
        binary_loss,
        ("float32", "bfloat16"),
    ),
    same(
        "categorical_cross_entropy",
        ops.categorical_cross_entropy,
        lambda rng: [uniform(rng, (4, 5)), uniform(rng, (4, 5))],
        categorical_loss,
        ("float32", "bfloat16"),
        label_smoothing=0.1,
    ),
    same(
        "sparse_categorical_cross_entropy",
        ops.sparse_categorical_cross_entropy,
        hard((4, 5), 1, uniform),
        sparse_categorical_loss,
        ("float32", "bfloat16"),
    ),
]
