"""Contract cases of normalisation and dropout.

Statistics come back in float32 at least, so those cases leave bfloat16 to `test_nn_normalization.py`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.normalization import standardize_by_mean_square
from ops import nn_references as naive
from ops.contract import Case, Inputs

WIDE = ("float32",)


def normal(*shapes: tuple[int, ...]) -> Inputs:
    """Values with a mean, to tell variance from mean square; the last arrays (scales) with them."""
    return lambda rng: [rng.normal(size=shape) * 2 + 0.5 for shape in shapes]


def positive_variance(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(4, 3)), rng.normal(size=3), rng.uniform(0.5, 2, 3), rng.normal(size=3), rng.normal(size=3)]


def by_mean_square(x: Any, axis: Any, epsilon: float) -> Any:
    np_ = jnp if isinstance(x, jax.Array) else np
    square = (x * x).mean(axis, keepdims=True)
    return x / np_.sqrt(square + epsilon), square


def same(
    name: str,
    op: Any,
    inputs: Inputs,
    reference: Any,
    dtypes: tuple[str, ...] = ("float32", "bfloat16"),
    **settings: Any,
) -> Case:
    return Case(name, op, inputs, settings, reference, reference, dtypes=dtypes)


def group(x: Any, gamma: Any, beta: Any, groups: int = 0, **settings: Any) -> Any:
    return naive.group_norm(x, gamma, beta, groups or x.shape[-1], **settings)


KEY = np.array([3, 5], np.uint32)


def dropout(x: Any, key: Any) -> Any:
    return ops.dropout(x, 0.4, key)


def spatial_dropout(x: Any, key: Any) -> Any:
    return ops.dropout(x, 0.4, key, noise_shape=(None, 1, None))


CASES = [
    same("standardize", ops.standardize, normal((4, 3, 5)), naive.standardize, WIDE, axis=(0, 1), epsilon=1e-3),
    same("standardize one axis", ops.standardize, normal((4, 5)), naive.standardize, WIDE, axis=-1, epsilon=0.1),
    same(
        "standardize_by_mean_square",
        standardize_by_mean_square,
        normal((4, 5)),
        by_mean_square,
        WIDE,
        axis=-1,
        epsilon=0.1,
    ),
    Case(
        "batch_norm",
        ops.batch_norm,
        normal((4, 2, 3), (3,), (3,)),
        {},
        naive.batch_norm,
        naive.batch_norm,
        dtypes=WIDE,
        also=("batch_norm_kernel", "batch_norm_pull"),
    ),
    same(
        "batch_norm axis 1", ops.batch_norm, normal((4, 3, 2), (3,), (3,)), naive.batch_norm, WIDE, axis=1, epsilon=0.1
    ),
    same("batch_norm_inference", ops.batch_norm_inference, positive_variance, naive.batch_norm_inference),
    Case(
        "layer_norm",
        ops.layer_norm,
        normal((4, 5), (5,), (5,)),
        {},
        naive.layer_norm,
        naive.layer_norm,
        dtypes=("float32", "bfloat16"),
        also=("layer_norm_kernel", "layer_norm_pull"),
    ),
    same(
        "layer_norm two axes",
        ops.layer_norm,
        normal((4, 3, 2), (3, 2), (3, 2)),
        naive.layer_norm,
        axis=(1, 2),
        epsilon=0.1,
    ),
    same("rms_norm", ops.rms_norm, normal((4, 5), (5,)), naive.rms_norm),
    Case(
        "group_norm",
        lambda x, gamma, beta: ops.group_norm(x, 2, gamma, beta),
        normal((3, 4, 6), (6,), (6,)),
        numpy=lambda *a: group(*a, groups=2),
        jax=lambda *a: group(*a, groups=2),
        also=("group_norm",),
    ),
    same("instance_norm", ops.instance_norm, normal((3, 5, 2), (2,), (2,)), group, epsilon=0.1),
    Case("dropout", dropout, lambda rng: [rng.normal(size=(4, 5)), KEY], also=("dropout",)),
    Case("dropout of whole maps", spatial_dropout, lambda rng: [rng.normal(size=(3, 4, 5)), KEY]),
]
