"""The networks in Flax NNX, written as its users write them."""

from __future__ import annotations

import functools
import itertools
import os
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from workloads import Workload

Array = jax.Array
GLOROT = nnx.initializers.glorot_uniform()
"""The textbook's initial weights, as in the other peers."""

DTYPE = jnp.dtype(os.environ.get("PEER_DTYPE", "float32"))  # of the arithmetic; weights are float32
Linear = functools.partial(nnx.Linear, kernel_init=GLOROT, dtype=DTYPE)
Conv = functools.partial(nnx.Conv, kernel_init=GLOROT, dtype=DTYPE)
LayerNorm = functools.partial(nnx.LayerNorm, dtype=DTYPE)


def uniform(key: Array, shape: Any, dtype: Any = jnp.float32, **_: Any) -> Array:
    return jax.random.uniform(key, shape, dtype, -0.05, 0.05)


Embed = functools.partial(nnx.Embed, embedding_init=uniform, dtype=DTYPE)


def textbook_network(workload: Workload, rngs: nnx.Rngs) -> nnx.Module:
    width = workload.width
    return nnx.Sequential(Linear(10, width, rngs=rngs), nnx.relu, Linear(width, 1, rngs=rngs), nnx.sigmoid)


class TextbookCNN(nnx.Module):
    def __init__(self, workload: Workload, rngs: nnx.Rngs) -> None:
        width, side = workload.width, ((workload.side - 2) // 2 - 2) // 2 - 2
        self.conv1 = Conv(1, width, (3, 3), padding="VALID", rngs=rngs)
        self.conv2 = Conv(width, 2 * width, (3, 3), padding="VALID", rngs=rngs)
        self.conv3 = Conv(2 * width, 2 * width, (3, 3), padding="VALID", rngs=rngs)
        self.dense1, self.dense2 = (
            Linear(2 * width * side**2, 2 * width, rngs=rngs),
            Linear(2 * width, 10, rngs=rngs),
        )

    def __call__(self, x: Array) -> Array:
        pool = functools.partial(nnx.max_pool, window_shape=(2, 2), strides=(2, 2))
        x = nnx.relu(self.conv3(pool(nnx.relu(self.conv2(pool(nnx.relu(self.conv1(x))))))))
        return self.dense2(nnx.relu(self.dense1(x.reshape(len(x), -1))))


def autoencoder(workload: Workload, rngs: nnx.Rngs) -> nnx.Module:
    width, pixels = workload.width, workload.side**2
    sizes = (pixels, width, width // 4, width // 16, width // 4, width)
    hidden = [part for a, b in itertools.pairwise(sizes) for part in (Linear(a, b, rngs=rngs), nnx.relu)]
    return nnx.Sequential(*hidden, Linear(width, pixels, rngs=rngs), nnx.sigmoid)


def convolved(inputs: int, filters: int, rngs: nnx.Rngs, size: int = 3, stride: int = 1) -> nnx.Module:
    """A convolution without bias and the normalisation after it."""
    convolution = Conv(inputs, filters, (size, size), strides=stride, use_bias=False, rngs=rngs)
    return nnx.Sequential(convolution, nnx.BatchNorm(filters, momentum=0.9, epsilon=1e-5, dtype=DTYPE, rngs=rngs))


class ResidualBlock(nnx.Module):
    def __init__(self, inputs: int, filters: int, stride: int, rngs: nnx.Rngs) -> None:
        self.first, self.second = convolved(inputs, filters, rngs, stride=stride), convolved(filters, filters, rngs)
        self.straight = convolved(inputs, filters, rngs, size=1, stride=stride) if stride > 1 else lambda x: x

    def __call__(self, x: Array) -> Array:
        return nnx.relu(self.second(nnx.relu(self.first(x))) + self.straight(x))


def resnet20(workload: Workload, rngs: nnx.Rngs) -> nnx.Module:
    """He et al. for CIFAR: three stages of three blocks, each stage with half the side and twice the filters."""
    width = workload.width
    blocks = [ResidualBlock(width, width, 1, rngs) for _ in range(3)]
    for filters in (2 * width, 4 * width):
        blocks.append(ResidualBlock(filters // 2, filters, 2, rngs))
        blocks += [ResidualBlock(filters, filters, 1, rngs) for _ in range(2)]
    pooled = functools.partial(jnp.mean, axis=(1, 2))
    return nnx.Sequential(convolved(3, width, rngs), nnx.relu, *blocks, pooled, Linear(4 * width, 10, rngs=rngs))


class RecurrentLanguageModel(nnx.Module):
    """An embedding, one LSTM or GRU of twice its size, and a score for every token."""

    def __init__(self, workload: Workload, rngs: nnx.Rngs) -> None:
        width = workload.width
        cell = nnx.OptimizedLSTMCell if workload.model == "lstm" else nnx.GRUCell
        self.tokens = Embed(workload.vocabulary, width // 2, rngs=rngs)
        self.recurrent = nnx.RNN(cell(width // 2, width, kernel_init=GLOROT, rngs=rngs))
        self.scores = Linear(width, workload.vocabulary, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.scores(self.recurrent(self.tokens(x)))


class FeedForward(nnx.Module):
    def __init__(self, dim: int, activation: Any, rngs: nnx.Rngs) -> None:
        self.wide, self.back = Linear(dim, 4 * dim, rngs=rngs), Linear(4 * dim, dim, rngs=rngs)
        self.activation = activation

    def __call__(self, x: Array) -> Array:
        return self.back(self.activation(self.wide(x)))


def attention(dim: int, heads: int, rngs: nnx.Rngs) -> nnx.MultiHeadAttention:
    return nnx.MultiHeadAttention(heads, dim, kernel_init=GLOROT, decode=False, dtype=DTYPE, rngs=rngs)


class TextbookTransformer(nnx.Module):
    """The chapter's listing: one block with the normalisation last, dropout 0.1, no causal mask."""

    def __init__(self, workload: Workload, rngs: nnx.Rngs, heads: int = 8) -> None:
        dim = workload.width
        self.tokens, self.scores = (
            Embed(workload.vocabulary, dim, rngs=rngs),
            Linear(dim, workload.vocabulary, rngs=rngs),
        )
        self.attention, self.ffn = attention(dim, heads, rngs), FeedForward(dim, nnx.relu, rngs)
        self.norm1, self.norm2 = LayerNorm(dim, rngs=rngs), LayerNorm(dim, rngs=rngs)
        self.dropout1, self.dropout2 = nnx.Dropout(0.1, rngs=rngs), nnx.Dropout(0.1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.tokens(x)
        x = self.norm1(x + self.dropout1(self.attention(x)))
        return self.scores(self.norm2(x + self.dropout2(self.ffn(x))))


class Block(nnx.Module):
    def __init__(self, dim: int, heads: int, rngs: nnx.Rngs) -> None:
        self.norm1, self.norm2 = (LayerNorm(dim, epsilon=1e-5, rngs=rngs) for _ in range(2))
        self.attention, self.ffn = attention(dim, heads, rngs), FeedForward(dim, GELU, rngs)

    def __call__(self, x: Array) -> Array:
        x = x + self.attention(self.norm1(x), mask=nnx.make_causal_mask(x[..., 0]))
        return x + self.ffn(self.norm2(x))


GELU = functools.partial(nnx.gelu, approximate=False)


class GPT(nnx.Module):
    """A decoder-only Transformer: blocks with the normalisation first, causal attention, gelu, learned positions."""

    def __init__(self, workload: Workload, rngs: nnx.Rngs, depth: int = 4, heads: int = 8, tied: bool = False) -> None:
        dim = workload.width
        self.tokens, self.places = (Embed(count, dim, rngs=rngs) for count in (workload.vocabulary, workload.time))
        self.blocks = nnx.List([Block(dim, heads, rngs) for _ in range(depth)])
        self.norm = LayerNorm(dim, epsilon=1e-5, rngs=rngs)
        self.scores = None if tied else Linear(dim, workload.vocabulary, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.tokens(x) + self.places(jnp.arange(x.shape[1]))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.tokens.attend(x) if self.scores is None else self.scores(x)


gpt2 = functools.partial(GPT, depth=12, heads=12, tied=True)
"""The same as large as GPT-2, whose embedding is the way back, too."""

NETWORKS = {
    "mlp": textbook_network,
    "cnn": TextbookCNN,
    "autoencoder": autoencoder,
    "lstm": RecurrentLanguageModel,
    "gru": RecurrentLanguageModel,
    "transformer": TextbookTransformer,
    "gpt": GPT,
    "gpt2": gpt2,
    "resnet20": resnet20,
}
