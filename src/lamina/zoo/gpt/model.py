"""`GPT`: the decoder-only Transformer that predicts the next token."""

import math
from pathlib import Path
from typing import Any, Self

import jax.numpy as jnp

from ...core import ArgumentError, Array, Tensor, lookup
from ...data.tokenizers.tokenizer import registry as tokenizers
from ...initializers import RandomNormal
from ...layers import Dropout, Input, LayerNormalization, PositionEmbedding, ReversibleEmbedding
from ...layers.arguments import whole
from ...layers.layer import registry
from ...models import Model
from ...models.generation import TextModel
from .block import GPTBlock
from .folder import fill, sizes_from
from .presets import presets


@registry.register()
class GPT(TextModel, Model):
    """Logits of the next token at every place, in the layout of GPT-2: what it was trained on, it can go on writing.

    x = E[tokens] + P[0 ... T−1], then L blocks (`GPTBlock`: norm before attention and network), then a norm, and
    logits = x Eᵀ: the embedding and the way back share E. No place sees a later one. Weights start from N(0, 0.02²);
    those that write into the sum x are smaller by √(2 L), so that it does not grow with the depth.

    Train it on pairs of ids, (N, T) and the same moved on by one, with the loss
    `SparseCategoricalCrossentropy(from_logits=True)`; then `generate`, `stream`, `beam_search` and `perplexity` take
    text, if there is a tokenizer, or ids.

    Args:
        vocabulary_size: V; ids are 0 ... V − 1.
        layers: L, blocks.
        heads: A, heads of each.
        width: F, numbers per token; a multiple of A.
        context: most tokens that it can see.
        dropout: share of the embeddings, attention probabilities and block outputs that is dropped in training.
        inner: units of each block's network; 4 F if None.
        epsilon: of the norms.
        tokenizer: has encode and decode; saved with the model if it is one of Lamina's.
        name: by default "gpt".

    Input (N, T) of ids with T <= context, output (N, T, V).

    Raises:
        ArgumentError: a size below 1, or a width that is no multiple of the heads.
        ShapeError: more tokens than the context has places.

    Example:
        >>> import lamina
        >>> model = GPT(vocabulary_size=11, layers=1, heads=2, width=8, context=16)
        >>> model(lamina.Tensor([[1, 2, 3]])).shape, model.count_params()
        ((1, 3, 11), 1104)
        >>> len(model.generate([1, 2, 3], max_new_tokens=5, seed=0).ids)
        5

    Reference: Radford et al. 2019, Language models are unsupervised multitask learners. Press and Wolf 2017,
    arXiv 1608.05859, for the shared E.
    """

    def __init__(
        self,
        vocabulary_size: int,
        layers: int,
        heads: int,
        width: int,
        context: int,
        dropout: float = 0.0,
        inner: int | None = None,
        epsilon: float = 1e-5,
        tokenizer: Any = None,
        name: str | None = None,
    ) -> None:
        sizes = {"vocabulary_size": vocabulary_size, "layers": layers, "heads": heads, "context": context}
        for size, value in sizes.items():
            whole(value, "GPT", size)
        _check_width(whole(width, "GPT", "width"), heads)
        super().__init__(name=name)
        self.vocabulary_size, self.context, self.tokenizer = vocabulary_size, context, tokenizer
        start = RandomNormal(stddev=0.02)
        self.embedding = ReversibleEmbedding(vocabulary_size, width, embeddings_initializer=start)
        self.positions = PositionEmbedding(context, initializer=start)
        self.dropout = Dropout(dropout)
        self.blocks = [GPTBlock(heads, inner, dropout, epsilon) for _ in range(layers)]
        self.norm = LayerNormalization(epsilon=epsilon)
        self(Input((context,), dtype="int32"))  # builds it
        for block in self.blocks:
            for kernel in (block.attention.output_dense.kernel, block.project.kernel):
                kernel.assign(kernel / math.sqrt(2 * layers))

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """A new model with the sizes of that name, and weights that are drawn, not learned.

        Args:
            name: "tiny", "mini", "small" (up to 3M parameters), "distilgpt2", "gpt2" (124M), "gpt2-medium",
                "gpt2-large", "gpt2-xl" (1.6G).
            changes: arguments of `GPT` that differ, such as vocabulary_size and tokenizer.

        Raises:
            UnknownNameError: no such preset.

        Example:
            >>> GPT.preset("tiny", vocabulary_size=100).count_params()
            110592
        """
        return cls(**{**presets[name], **changes})

    @classmethod
    def from_folder(cls, path: str | Path, tokenizer: bool = True) -> Self:
        """A model with the weights of a local Hugging Face folder of the type gpt2; no code in it is run.

        Args:
            path: holds config.json and model.safetensors (or the parts that model.safetensors.index.json names), and
                perhaps tokenizer.json.
            tokenizer: read tokenizer.json if it is there, which needs the package `tokenizers`.

        Raises:
            FileNotFoundError: no folder, or no config.json in it.
            FileFormatError: no weights, another type of model, settings that GPT-2 has not, or tensors that are
                missing, unexpected or of another shape; all of them are listed.
        """
        config, weights, reader = sizes_from(path, tokenizer)
        model = cls(**config, tokenizer=reader)
        fill(model, weights)
        return model

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described, with new weights."""
        return super().from_config({**config, "tokenizer": lookup(tokenizers, config.get("tokenizer"))})

    def call(self, inputs: Tensor) -> Tensor:
        x = self._embed(inputs)
        for block in self.blocks:
            x = block(x)
        return self._logits(x)

    def _embed(self, tokens: Any, places: Array | None = None) -> Tensor:
        x = self.embedding(tokens)
        return self.dropout(x + self.positions(x, positions=places))

    def _logits(self, x: Tensor) -> Tensor:
        return self.embedding(self.norm(x), reverse=True)

    # -- token by token: see models.generation.StepModel -----------------------------------------
    def initial_cache(self, rows: int, length: int) -> Any:
        """Room for keys and values of `length` tokens in each block."""
        return [block.make_cache(rows, length) for block in self.blocks]

    def prefill(self, tokens: Array, lengths: Array, cache: Any) -> tuple[Tensor, Any]:
        """Logits (N, V) after prompts that are padded on the right, and the cache."""
        places = jnp.arange(tokens.shape[1])
        x, cache = self._cached(self._embed(tokens), cache, 0, places < lengths[:, None])
        return self._logits(x[jnp.arange(len(lengths)), lengths - 1][:, None])[:, 0], cache

    def step(self, tokens: Array, cache: Any, position: Array) -> tuple[Tensor, Any]:
        """Logits (N, V) after one token more in each row, and the cache."""
        x, cache = self._cached(self._embed(tokens[:, None], position[:, None]), cache, position, None)
        return self._logits(x)[:, 0], cache

    def _cached(self, x: Tensor, cache: Any, position: Any, mask: Any) -> tuple[Tensor, Any]:
        new = []
        for block, old in zip(self.blocks, cache, strict=True):
            x, changed = block(x, mask=mask, cache=old, position=position)
            new.append(changed)
        return x, new


def _check_width(width: int, heads: int) -> None:
    if width % heads:
        raise ArgumentError(
            "GPT",
            "each head takes the same share of the width",
            expected=f"a multiple of {heads}",
            received=width,
            remedy=f"For example width={-(-width // heads) * heads}",
        )
