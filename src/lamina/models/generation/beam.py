"""Beam search as one XLA program."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ...core import Array, DataError
from .decoding import Decoding, arrays, values
from .prompts import bucket, padded


class _Search(NamedTuple):
    """N searches with B beams each; M is the room for new tokens."""

    i: Array  # tokens in every live beam
    live: Array  # (N, B) sums of log probabilities, −∞ where there is no beam
    tokens: Array  # (N, B, M)
    ended: Array  # (N, B) scores of complete continuations, best first, −∞ where there is none
    ended_tokens: Array  # (N, B, M)
    ended_lengths: Array  # (N, B)
    logp: Array  # (N, B, V) of the next token
    cache: Any


class BeamSearch:
    """Keeps the B best prefixes of each row, and apart from them the B best complete continuations.

    Args:
        decoding: the model's weights and prefill.

    Attributes:
        compilations: how many programs have been made.
    """

    def __init__(self, decoding: Decoding) -> None:
        self.decoding, self.model = decoding, decoding.model
        self.compilations = 0
        self._search = jax.jit(self._run, static_argnames=("beams", "length", "room"))

    def __call__(
        self,
        prompts: Sequence[Sequence[int]],
        most: int,
        beams: int,
        length_penalty: float,
        end: int | None,
        source: Any,
    ) -> list[list[tuple[list[int], float, str]]]:
        """For each prompt up to `beams` (ids, score, "stop" or "length"), the best first."""
        context, longest = self.model.context, max(map(len, prompts))
        if context is not None and longest + most > context:
            raise DataError(
                "beam_search",
                "prompt and result together fit the model's context",
                expected=f"at most {context} tokens",
                received=f"{longest} tokens of the prompt and {most} new ones",
                remedy=f"Shorten the prompt, or lower max_new_tokens to {max(1, context - longest)}",
            )
        length = bucket(longest + most, context)
        numbers = np.int32(most), np.float32(length_penalty), np.int32(-1 if end is None else end)
        scores, tokens, lengths, stopped = map(np.asarray, self._search(
            values(self.decoding.variables), *padded(prompts, length), source, *numbers,
            beams=beams, length=length, room=bucket(most),
        ))  # fmt: skip
        if np.isnan(scores).any():
            raise DataError(
                "beam_search",
                "the model gives a number for every token",
                expected="finite logits",
                received="NaN",
                remedy="The weights have become NaN: train again with a smaller learning rate, or load an older file",
            )
        return [
            [
                (tokens[n, b, : lengths[n, b]].tolist(), float(scores[n, b]), "stop" if stopped[n, b] else "length")
                for b in range(beams)
                if scores[n, b] > -np.inf
            ]
            for n in range(len(prompts))
        ]

    def _run(
        self, weights: Any, tokens: Array, lengths: Array, source: Any, most: Array, penalty: Array, end: Array,
        beams: int, length: int, room: int,
    ) -> Any:  # fmt: skip
        self.compilations += 1
        n = len(tokens)
        with self.decoding.reading(weights):
            logits, cache = self.decoding.read(tokens, lengths, source, length)
            start = _Search(
                i=jnp.int32(0),
                live=jnp.full((n, beams), -jnp.inf).at[:, 0].set(0.0),
                tokens=jnp.zeros((n, beams, room), jnp.int32),
                ended=jnp.full((n, beams), -jnp.inf),
                ended_tokens=jnp.zeros((n, beams, room), jnp.int32),
                ended_lengths=jnp.zeros((n, beams), jnp.int32),
                logp=jnp.repeat(_log_softmax(logits)[:, None], beams, axis=1),
                cache=_pick(cache, jnp.repeat(jnp.arange(n), beams)),
            )

            def going(s: _Search) -> Array:
                return (s.i < most) & _can_improve(s, most, penalty).any()

            def step(s: _Search) -> _Search:
                return self._step(s, lengths, penalty, end)

            return _results(jax.lax.while_loop(going, step, start), penalty)

    def _step(self, s: _Search, lengths: Array, penalty: Array, end: Array) -> _Search:
        n, beams, size = s.logp.shape
        sums = (s.live[:, :, None] + s.logp).reshape(n, beams * size)
        best, flat = jax.lax.top_k(sums, min(2 * beams, beams * size))  # one end a beam: B of them go on at least
        beam, token = flat // size, (flat % size).astype(jnp.int32)
        tokens = _rows(s.tokens, beam).at[:, :, s.i].set(token)
        is_end = token == end
        s = _collect(s, jnp.where(is_end, best / _power(s.i + 1, penalty), -jnp.inf), tokens)
        live, kept = jax.lax.top_k(jnp.where(is_end, -jnp.inf, best), beams)
        beam, token = _rows(beam, kept), _rows(token, kept)
        rows = (jnp.arange(n)[:, None] * beams + beam).reshape(-1)
        position = jnp.repeat(lengths, beams) + s.i
        logits, cache = arrays(self.model.step(token.reshape(-1), _pick(s.cache, rows), position))
        logp = _log_softmax(logits).reshape(n, beams, size)
        return s._replace(i=s.i + 1, live=live, tokens=_rows(tokens, kept), logp=logp, cache=cache)


def _log_softmax(logits: Array) -> Array:
    return jax.nn.log_softmax(logits.astype(jnp.float32), axis=-1)


def _power(length: Array, penalty: Array) -> Array:
    return length.astype(jnp.float32) ** penalty


def _rows(x: Array, places: Array) -> Array:
    """x[n, places[n]] for each row n."""
    return x[jnp.arange(len(x))[:, None], places]


def _pick(cache: Any, rows: Array) -> Any:
    """The cache of these rows, in this order."""
    return jax.tree.map(lambda leaf: jnp.take(leaf, rows, axis=0), cache)


def _collect(s: _Search, scores: Array, tokens: Array) -> _Search:
    """The best B of the complete continuations so far and those of this step, which end with their last token."""
    everything = jnp.concatenate([s.ended, scores], axis=1)
    ended, places = jax.lax.top_k(everything, s.ended.shape[1])
    lengths = jnp.concatenate([s.ended_lengths, jnp.full(scores.shape, s.i, jnp.int32)], axis=1)
    all_tokens = jnp.concatenate([s.ended_tokens, tokens], axis=1)
    return s._replace(ended=ended, ended_tokens=_rows(all_tokens, places), ended_lengths=_rows(lengths, places))


def _can_improve(s: _Search, most: Array, penalty: Array) -> Array:
    """(N,) whether some prefix can still end better than the worst kept: sums only fall, and lengths are bounded."""
    length = jnp.where(penalty > 0, most, s.i + 1)
    return (s.live[:, 0] / _power(length, penalty) > s.ended[:, -1]) | jnp.isnan(s.logp).any(axis=(1, 2))


def _results(s: _Search, penalty: Array) -> tuple[Array, Array, Array, Array]:
    """Scores, tokens, lengths, and whether it ended: the best B of the complete continuations and the live prefixes."""
    stopped = jnp.arange(2 * s.live.shape[1]) < s.live.shape[1]
    scores = jnp.concatenate([s.ended, s.live / _power(s.i, penalty)], axis=1)
    tokens = jnp.concatenate([s.ended_tokens, s.tokens], axis=1)
    lengths = jnp.concatenate([s.ended_lengths, jnp.full(s.live.shape, s.i, jnp.int32)], axis=1)
    best, places = jax.lax.top_k(scores, s.live.shape[1])
    return best, _rows(tokens, places), _rows(lengths, places), stopped[places]
