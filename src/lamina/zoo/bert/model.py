"""`BERT`: the Transformer that reads a text in both directions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from ... import ops
from ...core import ArgumentError, Tensor, lookup
from ...data.tokenizers.tokenizer import registry as tokenizers
from ...initializers import TruncatedNormal
from ...layers import Dense, Dropout, Embedding, Input, LayerNormalization, PositionEmbedding, ReversibleEmbedding
from ...layers.arguments import whole
from ...layers.layer import registry
from ...models import Model
from .block import BERTBlock
from .folder import fill, sizes_from

_OUTPUTS = ("sequence", "pooled", "tokens", "next_sentence")


@registry.register()
class BERT(Model):
    """Vectors for tokens in their context, and the two heads with which they are learned from plain text.

    x = norm(E[tokens] + P[0 ... T−1] + S[types]), then L blocks (`BERTBlock`, norms after attention and network).
    "sequence" is x, (N, T, F). "pooled" is tanh(x₀ W + b) of the first token, (N, F). "tokens" is
    norm(gelu(x W' + b')) Eᵀ + c, (N, T, V), logits of the token that stands at each place, for masked places.
    "next_sentence" is pooled W'' + b'', (N, 2), logits of whether the second sentence follows the first (0) or not.

    Args:
        vocabulary_size: V; ids are 0 ... V − 1.
        layers: L, blocks.
        heads: A, heads of each.
        width: F, numbers per token; a multiple of A.
        context: most tokens that it can see.
        types: kinds of segments; 0 for the first sentence, 1 for the second.
        dropout: share of the embeddings, attention probabilities and block outputs that is dropped in training.
        inner: units of each block's network; 4 F if None.
        epsilon: of the norms.
        outputs: which of the four to compute.
        tokenizer: has encode and decode; saved with the model if it is one of Lamina's.
        name: by default "bert".

    Input: ids (N, T) with T <= context, or a dict with "tokens" (N, T) and perhaps "types" (N, T), by default 0, and
    "mask" (N, T), true for real tokens. Output: dict by the names in `outputs`.

    Raises:
        ArgumentError: a size below 1, a width that is no multiple of the heads, or an unknown output.
        ShapeError: more tokens than the context has places.

    Example:
        >>> import lamina
        >>> model = BERT(vocabulary_size=11, layers=1, heads=2, width=8, context=16)
        >>> found = model({"tokens": lamina.Tensor([[1, 2, 3]]), "types": lamina.Tensor([[0, 0, 1]])})
        >>> found["tokens"].shape, found["next_sentence"].shape
        ((1, 3, 11), (1, 2))

    Reference: Devlin et al. 2018, arXiv 1810.04805.
    """

    def __init__(
        self,
        vocabulary_size: int,
        layers: int,
        heads: int,
        width: int,
        context: int,
        types: int = 2,
        dropout: float = 0.0,
        inner: int | None = None,
        epsilon: float = 1e-12,
        outputs: Sequence[str] = ("tokens", "next_sentence"),
        tokenizer: Any = None,
        name: str | None = None,
    ) -> None:
        sizes = {"layers": layers, "heads": heads, "width": width, "context": context, "types": types}
        for size, value in sizes.items():
            whole(value, "BERT", size)
        _check(width, heads, outputs)
        super().__init__(name=name)
        self.vocabulary_size, self.context, self.tokenizer = vocabulary_size, context, tokenizer
        self.chosen = tuple(outputs)
        start = TruncatedNormal(stddev=0.02)
        self.embedding = ReversibleEmbedding(vocabulary_size, width, embeddings_initializer=start)
        self.positions = PositionEmbedding(context, initializer=start)
        self.types = Embedding(types, width, embeddings_initializer=start)
        self.norm, self.dropout = LayerNormalization(epsilon=epsilon), Dropout(dropout)
        self.blocks = [BERTBlock(heads, inner, dropout, epsilon) for _ in range(layers)]
        if {"pooled", "next_sentence"} & set(outputs):
            self.pooler = Dense(width, "tanh", kernel_initializer=start)
        if "next_sentence" in outputs:
            self.next_sentence = Dense(2, kernel_initializer=start)
        if "tokens" in outputs:
            self.transform = Dense(width, "gelu", kernel_initializer=start)
            self.transform_norm = LayerNormalization(epsilon=epsilon)
            self.token_bias = self.add_weight((vocabulary_size,), "zeros", "token_bias")
        self(Input((context,), dtype="int32"))  # builds it

    @classmethod
    def from_folder(cls, path: str | Path, tokenizer: bool = True) -> Self:
        """A model with the weights of a local Hugging Face folder of the type bert; no code in it is run.

        It gets the heads that the file has: both, one, or for the bare encoder the outputs "sequence" and "pooled".

        Args:
            path: holds config.json and model.safetensors (or the parts that model.safetensors.index.json names), and
                perhaps tokenizer.json.
            tokenizer: read tokenizer.json if it is there, which needs the package `tokenizers`.

        Raises:
            FileNotFoundError: no folder, or no config.json in it.
            FileFormatError: no weights, another type of model, settings that BERT has not, or tensors that are missing,
                unexpected or of another shape; all of them are listed.
        """
        config, weights, reader = sizes_from(path, tokenizer)
        model = cls(**config, tokenizer=reader)
        fill(model, weights)
        return model

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described, with new weights."""
        return super().from_config({**config, "tokenizer": lookup(tokenizers, config.get("tokenizer"))})

    def call(self, inputs: Any) -> dict[str, Tensor]:
        given = inputs if isinstance(inputs, Mapping) else {"tokens": inputs}
        x = self._encode(given["tokens"], given.get("types"), given.get("mask"))
        found = {"sequence": x}
        if hasattr(self, "pooler"):
            found["pooled"] = self.pooler(x[:, 0])
        if hasattr(self, "next_sentence"):
            found["next_sentence"] = self.next_sentence(found["pooled"])
        if hasattr(self, "transform"):
            hidden = self.transform_norm(self.transform(x))
            found["tokens"] = self.embedding(hidden, reverse=True) + self.token_bias
        return {name: found[name] for name in self.chosen}

    def _encode(self, tokens: Any, types: Any, mask: Any) -> Tensor:
        x = self.embedding(tokens)
        segments = self.types(ops.zeros(tokens.shape, "int32") if types is None else types)
        x = self.dropout(self.norm(x + segments + self.positions(x)))
        for block in self.blocks:
            x = block(x, mask=mask)
        return x


def _check(width: int, heads: int, outputs: Sequence[str]) -> None:
    if width % heads:
        raise ArgumentError(
            "BERT",
            "each head takes the same share of the width",
            expected=f"a multiple of {heads}",
            received=width,
            remedy=f"For example width={-(-width // heads) * heads}",
        )
    unknown = set(outputs) - set(_OUTPUTS)
    if unknown or not outputs:
        raise ArgumentError(
            "BERT",
            "outputs names what the model computes",
            expected="one or more of " + ", ".join(_OUTPUTS),
            received=list(outputs),
            remedy='For example ("sequence",)',
        )
