"""Gradient clipping: what keeps one bad batch from throwing the weights away."""

from collections.abc import Callable, Sequence
from functools import partial, reduce

import jax
import jax.numpy as jnp

from ..core import ArgumentError, promote


def clip_by_value(gradients: Sequence[jax.Array], limit: float) -> list[jax.Array]:
    """Each element limited to [-limit, limit].

    Example:
        >>> clip_by_value([jnp.array([-3.0, 0.5])], 1.0)[0].tolist()
        [-1.0, 0.5]
    """
    return [jnp.clip(g, -limit, limit) for g in gradients]


def global_norm(gradients: Sequence[jax.Array]) -> jax.Array:
    """sqrt(Σ g²) over all elements of all gradients.

    Example:
        >>> float(global_norm([jnp.array([3.0]), jnp.array([[4.0]])]))
        5.0
    """
    return jnp.sqrt(reduce(jnp.add, promote(*(jnp.sum(g * g) for g in gradients))))


def _shrink(gradients: Sequence[jax.Array], limit: float) -> list[jax.Array]:
    """All gradients by one factor, so that their common norm is at most `limit`."""
    factor = limit / jnp.maximum(global_norm(gradients), limit)
    return [g * factor.astype(g.dtype) for g in gradients]


def clip_by_norm(gradients: Sequence[jax.Array], limit: float) -> list[jax.Array]:
    """Each gradient g · min(1, limit / |g|).

    Example:
        >>> clip_by_norm([jnp.array([3.0, 4.0])], 1.0)[0].round(2).tolist()
        [0.6, 0.8]
    """
    return [_shrink([g], limit)[0] for g in gradients]


def clip_by_global_norm(gradients: Sequence[jax.Array], limit: float) -> list[jax.Array]:
    """All gradients · min(1, limit / norm of all together): their direction stays.

    Example:
        >>> [g.round(2).tolist() for g in clip_by_global_norm([jnp.array([3.0]), jnp.array([4.0])], 1.0)]
        [[0.6], [0.8]]

    Reference: Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063.
    """
    return _shrink(gradients, limit)


def clipping(
    who: str, clipnorm: float | None, clipvalue: float | None, global_clipnorm: float | None
) -> Callable[[list[jax.Array]], list[jax.Array]]:
    """The one way of clipping that was asked for; gradients pass unchanged if none was.

    Raises:
        ArgumentError: more than one limit is given.

    Example:
        >>> clip = clipping("SGD", clipnorm=None, clipvalue=1.0, global_clipnorm=None)
        >>> clip([jnp.array([-3.0, 0.5])])[0].tolist()
        [-1.0, 0.5]
    """
    limits = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    if len(given) > 1:
        raise ArgumentError(
            who,
            "gradients are clipped in one way",
            expected="at most one of clipnorm, clipvalue, global_clipnorm",
            received=" and ".join(f"{name}={value}" for name, value in given.items()),
            remedy="Remove the others",
        )
    ways = {"clipnorm": clip_by_norm, "clipvalue": clip_by_value, "global_clipnorm": clip_by_global_norm}
    for name, limit in given.items():
        return partial(ways[name], limit=limit)
    return list
