"""From logits to a token: pure functions of arrays."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ...core import ArgumentError, Array
from ...core.random import Key, random_bits


def keep_top_k(logits: Array, k: int) -> tuple[Array, Array]:
    """The k largest logits in falling order, and their ids; of equal ones the lower id comes first.

    Args:
        logits: (N, V).
        k: how many; all if there are fewer.

    Returns:
        Two arrays (N, min(k, V)).

    Example:
        >>> keep_top_k(jnp.array([[1.0, 3.0, 2.0]]), 2)
        (Array([[3., 2.]], dtype=float32), Array([[1, 2]], dtype=int32))

    Reference: Fan, Lewis and Dauphin 2018, Hierarchical neural story generation.
    """
    values, ids = jax.lax.top_k(logits, min(k, logits.shape[-1]))
    return values, ids


def keep_top_p(logits: Array, p: Any) -> Array:
    """The logits of the nucleus, the smallest set of most probable tokens whose probabilities add up to p; others −∞.

    A token stays if those more probable than it add up to less than p, so at least one does; equals stay together.

    Args:
        logits: (N, V).
        p: in (0, 1].

    Example:
        >>> keep_top_p(jnp.log(jnp.array([[0.5, 0.3, 0.2]])), 0.7)
        Array([[-0.69314..., -1.20397...,        -inf]], dtype=float32)

    Reference: Holtzman et al. 2020, The curious case of neural text degeneration.
    """
    ranked = jnp.sort(logits, axis=-1, descending=True)
    probabilities = jax.nn.softmax(ranked, axis=-1)
    more_probable = jnp.cumsum(probabilities, axis=-1) - probabilities
    least = jnp.where(more_probable < p, ranked, jnp.inf).min(axis=-1, keepdims=True)
    return jnp.where(logits >= least, logits, -jnp.inf)


def penalize(logits: Array, seen: Array, penalty: Any) -> Array:
    """Make tokens that have been there less probable: z / penalty for z > 0, z · penalty below.

    Args:
        logits: z, (N, V).
        seen: (N, V), whether the token has occurred in the row.
        penalty: 1 changes nothing.

    Example:
        >>> penalize(jnp.array([[2.0, -2.0, 2.0]]), jnp.array([[True, True, False]]), 2.0)
        Array([[ 1., -4.,  2.]], dtype=float32)

    Reference: Keskar et al. 2019, CTRL, arXiv 1909.05858.
    """
    return jnp.where(seen, jnp.where(logits > 0, logits / penalty, logits * penalty), logits)


def draw(logits: Array, key: Key) -> Array:
    """A token with probability softmax(logits): argmax of logits + g, g = −log(−log u) with u uniform in (0, 1).

    Args:
        logits: (N, V); −∞ is never drawn.
        key: two words, from `core.random`.

    Returns:
        (N,) of int32.

    Example:
        >>> key = jnp.array([1, 2], jnp.uint32)
        >>> draw(jnp.array([[0.0, -jnp.inf], [-jnp.inf, 0.0]]), key)
        Array([0, 1], dtype=int32)

    Reference: Gumbel 1954, Statistical theory of extreme values.
    """
    uniform = (random_bits(key, logits.shape).astype(jnp.float32) + 0.5) * jnp.float32(2**-32)
    exponential = -jnp.log1p(-jnp.minimum(uniform, jnp.float32(1 - 2**-24)))
    return jnp.argmax(logits - jnp.log(exponential), axis=-1).astype(jnp.int32)


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; made by `sampling_of`. None switches a rule off.

    A tree of arrays for JAX: the numbers may change without a new program; which rules are on, and top_k, choose it.

    Args:
        temperature: divides the logits; None takes the most probable token.
        top_k: draw among the k most probable.
        top_p: draw among the most probable that add up to this.
        repetition_penalty: see `penalize`.

    Example:
        >>> key = jnp.array([1, 2], jnp.uint32)
        >>> Sampling(temperature=0.5, top_k=1).choose(jnp.array([[1.0, 3.0, 2.0]]), key, None)
        Array([1], dtype=int32)
    """

    temperature: Any = None
    top_k: int | None = None
    top_p: Any = None
    repetition_penalty: Any = None

    def choose(self, logits: Array, key: Key, seen: Array | None) -> Array:
        """One token a row, (N,) of int32; −2 where the logits are not numbers.

        Args:
            logits: (N, V).
            key: for the draw.
            seen: (N, V), for the penalty; None without one.
        """
        logits = logits.astype(jnp.float32)
        broken = jnp.isnan(logits).any(axis=-1)
        if seen is not None:
            logits = penalize(logits, seen, self.repetition_penalty)
        token = self._pick(logits, key)
        return jnp.where(broken, -2, token)

    def _pick(self, logits: Array, key: Key) -> Array:
        if self.temperature is None:
            return jnp.argmax(logits, axis=-1).astype(jnp.int32)
        logits, ids = logits / self.temperature, None
        if self.top_k is not None:
            logits, ids = keep_top_k(logits, self.top_k)
        if self.top_p is not None:
            logits = keep_top_p(logits, self.top_p)
        place = draw(logits, key)
        return place if ids is None else jnp.take_along_axis(ids, place[:, None], axis=1)[:, 0]


jax.tree_util.register_dataclass(Sampling, ["temperature", "top_p", "repetition_penalty"], ["top_k"])


def sampling_of(
    temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0, repetition_penalty: float = 1.0
) -> Sampling:
    """The rules in force for these arguments.

    Args:
        temperature: 0 is greedy: always the most probable token, so that top_k and top_p have no effect.
        top_k: at least 1, or None.
        top_p: in (0, 1]; 1 keeps all.
        repetition_penalty: above 0; 1 is none.

    Raises:
        ArgumentError: a number outside these bounds.

    Example:
        >>> sampling_of(0.8, top_k=40)
        Sampling(temperature=0.8, top_k=40, top_p=None, repetition_penalty=None)
        >>> sampling_of(-1.0)
        Traceback (most recent call last):
        lamina.core.errors.ArgumentError: generate: temperature divides the logits. Expected a number >= 0,
        received -1.0. Take 0 for the most probable token, 1 for the model's own probabilities.
    """
    bounds = [
        (0 <= temperature < float("inf"), "temperature divides the logits", "a number >= 0", temperature,
         "Take 0 for the most probable token, 1 for the model's own probabilities"),
        (top_k is None or isinstance(top_k, int) and top_k >= 1, "top_k is a number of tokens",
         "an integer >= 1, or None", top_k, "Leave it out to draw among all tokens"),
        (0 < top_p <= 1, "top_p is a probability", "a number in (0, 1]", top_p,
         "Leave it out to draw among all tokens"),
        (0 < repetition_penalty < float("inf"), "repetition_penalty divides logits", "a number > 0", repetition_penalty,
         "Take 1 for none, 1.2 for a mild one"),
    ]  # fmt: skip
    for fine, rule, expected, received, remedy in bounds:
        if not fine:
            raise ArgumentError("generate", rule, expected=expected, received=received, remedy=remedy)
    greedy = temperature == 0
    return Sampling(
        None if greedy else float(temperature),
        None if greedy else top_k,
        None if greedy or top_p == 1 else float(top_p),
        None if repetition_penalty == 1 else float(repetition_penalty),
    )
