"""The loop over tokens as two XLA programs: one reads the prompts, one draws up to `CHUNK` tokens a call."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ...core import Array, DataError, as_array, bound, no_grad, random_scope
from ...core.random import next_key
from ...layers.context import training_phase
from .prompts import bucket, padded
from .protocol import StepModel
from .sampling import Sampling

CHUNK = 32  # most tokens in one call; a stream asks for fewer, with the same program
STREAM = 8


def arrays(tree: Any) -> Any:
    """A tree with Tensors in it as a tree of arrays, which a compiled loop can carry."""
    return jax.tree.map(as_array, tree)


def values(variables: Sequence[Any]) -> list[Array]:
    """The weights as they are now; training between two calls may have changed them."""
    return [variable.array for variable in variables]


class State(NamedTuple):
    """Where a generation stands between two calls.

    Args:
        cache: the model's.
        token: (N,), drawn and not yet read by the model.
        position: (N,), the place that the token will have.
        done: (N,), rows that have met a token of the end.
        seen: (N, V), tokens that have occurred, for the repetition penalty; or None.
        drawn: tokens drawn so far in each row, which is what random numbers are told apart by.
    """

    cache: Any
    token: Array
    position: Array
    done: Array
    seen: Array | None
    drawn: Array


class Decoding:
    """A model's compiled prefill and loop; weights go in as arguments, so training on changes nothing.

    Args:
        model: see `StepModel`.

    Attributes:
        compilations: how often each program has been made, by name.
    """

    def __init__(self, model: StepModel) -> None:
        self.model = model
        self.compilations = {"prefill": 0, "chunk": 0}
        self._prefill = jax.jit(self._read_prompts, static_argnames="length")
        self._chunk = jax.jit(self._draw_some, donate_argnames="state")

    @property
    def variables(self) -> list[Any]:
        """The model's weights; an object that is no layer has none."""
        return list(getattr(self.model, "variables", ()))

    @contextlib.contextmanager
    def reading(self, weights: Sequence[Array]) -> Iterator[None]:
        """Inside the block the model holds `weights` and runs as in `predict`."""
        with bound(self.variables, weights), no_grad(), training_phase(False):
            yield

    # -- what is compiled -------------------------------------------------------------------------
    def _read_prompts(
        self, weights: Any, sampling: Sampling, seed: Array, ends: Array, tokens: Array, lengths: Array, source: Any,
        done: Array, seen: Array | None, drawn: Array, length: int,
    ) -> State:  # fmt: skip
        self.compilations["prefill"] += 1
        with self.reading(weights):
            logits, cache = self.read(tokens, lengths, source, length)
        return self._drawn(State(cache, lengths, lengths, done, seen, drawn), logits, sampling, seed, ends)

    def read(self, tokens: Array, lengths: Array, source: Any, length: int) -> tuple[Array, Any]:
        """Logits (N, V) after the prompts, and the cache for `length` tokens a row; inside a program."""
        given = () if source is None else (source,)
        cache = self.model.initial_cache(len(tokens), length, *given)
        return arrays(self.model.prefill(tokens, lengths, arrays(cache)))

    def _drawn(self, state: State, logits: Array, sampling: Sampling, seed: Array, ends: Array) -> State:
        """The state with the next token, drawn from the logits; −1 in rows that are done."""
        with random_scope(seed, state.drawn):
            key = next_key("generation")
        token = jnp.where(state.done, -1, sampling.choose(logits, key, state.seen))
        seen = state.seen
        if seen is not None:
            seen = seen.at[jnp.arange(len(token)), jnp.maximum(token, 0)].set(True)
        done = state.done | jnp.isin(token, ends)
        return state._replace(token=token, done=done, seen=seen, drawn=state.drawn + 1)

    def _draw_some(
        self, weights: Any, sampling: Sampling, seed: Array, ends: Array, state: State, count: Array
    ) -> tuple[State, Array]:
        self.compilations["chunk"] += 1

        def going(carry: Any) -> Array:
            i, state, _ = carry
            return (i < count) & ~state.done.all()

        def step(carry: Any) -> Any:
            i, state, tokens = carry
            logits, cache = arrays(self.model.step(jnp.maximum(state.token, 0), state.cache, state.position))
            advanced = state._replace(cache=cache, position=jnp.where(state.done, state.position, state.position + 1))
            state = self._drawn(advanced, logits, sampling, seed, ends)
            return i + 1, state, tokens.at[:, i].set(state.token)

        tokens = jnp.full((len(state.token), CHUNK), -1, jnp.int32)
        with self.reading(weights):
            _, state, tokens = jax.lax.while_loop(going, step, (jnp.int32(0), state, tokens))
        return state, tokens

    # -- how it is used -----------------------------------------------------------------------------
    def run(
        self, prompts: Sequence[Sequence[int]], most: int, sampling: Sampling, seed: int, ends: Sequence[int],
        chunk: int = CHUNK, source: Any = None,
    ) -> Generator[np.ndarray, np.ndarray | None, None]:  # fmt: skip
        """Draw tokens for each prompt, some at a time.

        When a row fills the model's context, its last half is read anew, and the loop goes on from there.

        Args:
            prompts: N rows of ids, checked.
            most: tokens drawn at most in a row.
            sampling: rules of the choice.
            seed: of the draws.
            ends: ids after which a row is done.
            chunk: tokens in one call, at most `CHUNK`.
            source: what `initial_cache` is given besides, for models that read a source.

        Yields:
            (N, C) the next tokens; −1 after the end of a row. A caller that sends back (N,) booleans ends these rows.

        Raises:
            DataError: the model's output is not a number.
        """
        rows, variables = [list(row) for row in prompts], self.variables  # rows: what the model sees of each
        length = bucket(max(map(len, rows)) + most, self.model.context)
        rules = sampling, np.uint32(seed), np.array(ends, np.int32)
        done, seen = np.zeros(len(rows), bool), self._seen(rows, sampling)
        rest = source, done, seen, np.int32(0)
        state = self._prefill(values(variables), *rules, *padded(rows, length), *rest, length=length)
        tokens = np.asarray(state.token)[:, None]
        while True:
            self._check(tokens)
            most -= tokens.shape[1]
            for row, new in zip(rows, tokens, strict=True):
                row += [int(i) for i in new if i >= 0]
            ended = yield tokens
            done = np.asarray(state.done) if ended is None else np.asarray(state.done) | ended
            if most <= 0 or done.all():
                return
            room = length - int(np.asarray(state.position)[~done].max())
            if room > 0:
                count = min(chunk, most, room)
                state = state._replace(done=jnp.asarray(done))
                state, drawn = self._chunk(values(variables), *rules, state, np.int32(count))
                tokens = np.asarray(drawn)[:, :count]
            else:
                rows = [row if len(row) <= length else row[-max(1, length // 2) :] for row in rows]
                rest = source, done, state.seen, state.drawn
                state = self._prefill(values(variables), *rules, *padded(rows, length), *rest, length=length)
                tokens = np.asarray(state.token)[:, None]

    def _seen(self, rows: Sequence[Sequence[int]], sampling: Sampling) -> np.ndarray | None:
        if sampling.repetition_penalty is None:
            return None
        seen = np.zeros((len(rows), self.model.vocabulary_size), bool)
        for n, row in enumerate(rows):
            seen[n, row] = True
        return seen

    def _check(self, tokens: np.ndarray) -> None:
        if (tokens == -2).any():
            raise DataError(
                "generate",
                "the model gives a number for every token",
                expected="finite logits",
                received=f"NaN in row {int(np.argwhere(tokens == -2)[0][0])}",
                remedy="The weights have become NaN: train again with a smaller learning rate, or load an older file",
            )
