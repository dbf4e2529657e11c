"""Models with known probabilities, to draw from."""

import jax.numpy as jnp
import numpy as np

from lamina.models.generation import StepModel


class Table(StepModel):
    """p(next | last token) is a row of a table."""

    def __init__(self, logits, context=None):
        self.logits, self.vocabulary_size, self.context = jnp.asarray(logits, jnp.float32), len(logits), context

    def initial_cache(self, rows, length):
        return ()

    def prefill(self, tokens, lengths, cache):
        return self.step(tokens[jnp.arange(len(lengths)), lengths - 1], cache, lengths)

    def step(self, tokens, cache, position):
        return self.logits[tokens], cache


class Remembering(StepModel):
    """Logits depend on every token and its place, through a cache that has a slot for each, as attention's has."""

    vocabulary_size = 13

    def __init__(self, context=None):
        rng = np.random.default_rng(0)
        self.context = context
        self.vectors = jnp.asarray(rng.normal(size=(13, 8)), jnp.float32)
        self.places = jnp.asarray(rng.normal(size=(256, 8)), jnp.float32)
        self.out = jnp.asarray(rng.normal(size=(8, 13)), jnp.float32)

    def initial_cache(self, rows, length):
        return jnp.zeros((rows, length, 8))

    def prefill(self, tokens, lengths, cache):
        read = self.vectors[tokens] * self.places[: tokens.shape[1]]
        return self.look(cache.at[:, : tokens.shape[1]].set(read), lengths - 1)

    def step(self, tokens, cache, position):
        read = self.vectors[tokens] * self.places[position]
        return self.look(cache.at[jnp.arange(len(tokens)), position].set(read), position)

    def look(self, cache, position):
        visible = jnp.arange(cache.shape[1]) <= position[:, None]
        return jnp.tanh(jnp.where(visible[:, :, None], cache, 0.0).sum(axis=1)) @ self.out, cache

    def logits(self, ids):
        """The same from the formula, for one row."""
        vectors, places, out = map(np.asarray, (self.vectors, self.places, self.out))
        return np.tanh((vectors[list(ids)] * places[: len(ids)]).sum(axis=0)) @ out


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


class Bytes:
    """A tokenizer: the bytes of UTF-8."""

    def encode(self, text):
        return list(text.encode())

    def decode(self, ids):
        return bytes(ids).decode("utf-8", "replace")


def recite(text, size=256):
    """A model that, after the first byte of a text without repeated bytes, says the rest of it for certain."""
    ids = list(text.encode())
    logits = np.full((size, size), -30.0)
    for now, after in zip(ids, [*ids[1:], 0], strict=True):
        logits[now, after] = 30.0
    return Table(logits)
