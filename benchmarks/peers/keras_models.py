"""The networks in Keras' names. Keras and Lamina run these very lines: only the module that is handed in differs."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from worker import Workload


def textbook_network(framework: ModuleType, workload: Workload) -> Any:
    """The 10-10-1 network of the chapter, as a subclass of Model."""

    class Network(framework.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense1 = framework.layers.Dense(10, activation="relu")
            self.dense2 = framework.layers.Dense(1, activation="sigmoid")

        def call(self, inputs: Any) -> Any:
            return self.dense2(self.dense1(inputs))

    return Network()


def textbook_cnn(framework: ModuleType, workload: Workload) -> Any:
    """The chapter's convolutional network, 93,322 parameters."""
    layers = framework.layers
    return framework.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )


def recurrent_language_model(framework: ModuleType, workload: Workload) -> Any:
    """Embedding 128, one LSTM or GRU of 256 units, and a score for every token."""
    layers = framework.layers
    recurrent = layers.LSTM if workload.name == "lstm" else layers.GRU
    return framework.Sequential(
        [
            layers.Input((None,), dtype="int32"),
            layers.Embedding(workload.vocabulary, 128),
            recurrent(256, return_sequences=True),
            layers.Dense(workload.vocabulary),
        ]
    )


def textbook_transformer(framework: ModuleType, workload: Workload, dim: int = 128, heads: int = 8) -> Any:
    """The chapter's listing: attention written out in one class, a block after it, dropout 0.1, no causal mask."""
    layers, ops = framework.layers, framework.ops

    class MultiHeadSelfAttention(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.query_dense, self.key_dense, self.value_dense = (layers.Dense(dim) for _ in range(3))
            self.combine_heads = layers.Dense(dim)

        def separate_heads(self, x: Any) -> Any:
            return ops.transpose(ops.reshape(x, (-1, workload.time, heads, dim // heads)), (0, 2, 1, 3))

        def call(self, inputs: Any) -> Any:
            query = self.separate_heads(self.query_dense(inputs))
            key = self.separate_heads(self.key_dense(inputs))
            value = self.separate_heads(self.value_dense(inputs))
            scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / (dim // heads) ** 0.5
            attention = ops.matmul(ops.softmax(scores, axis=-1), value)
            attention = ops.transpose(attention, (0, 2, 1, 3))
            return self.combine_heads(ops.reshape(attention, (-1, workload.time, dim)))

    class TransformerBlock(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.att = MultiHeadSelfAttention()
            self.ffn = framework.Sequential([layers.Dense(4 * dim, activation="relu"), layers.Dense(dim)])
            self.norm1, self.norm2 = layers.LayerNormalization(epsilon=1e-6), layers.LayerNormalization(epsilon=1e-6)
            self.dropout1, self.dropout2 = layers.Dropout(0.1), layers.Dropout(0.1)

        def call(self, inputs: Any, training: bool = False) -> Any:
            first = self.norm1(inputs + self.dropout1(self.att(inputs), training=training))
            return self.norm2(first + self.dropout2(self.ffn(first), training=training))

    return framework.Sequential(
        [
            layers.Input((workload.time,), dtype="int32"),
            layers.Embedding(workload.vocabulary, dim),
            TransformerBlock(),
            layers.Dense(workload.vocabulary),
        ]
    )


def gpt(framework: ModuleType, workload: Workload, depth: int = 4, dim: int = 256, heads: int = 8) -> Any:
    """A decoder-only Transformer: blocks with the normalisation first, causal attention, gelu, learned positions."""
    layers, ops = framework.layers, framework.ops

    class Block(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = layers.LayerNormalization(epsilon=1e-5), layers.LayerNormalization(epsilon=1e-5)
            self.attention = layers.MultiHeadAttention(heads, dim // heads)
            self.wide, self.back = layers.Dense(4 * dim, activation="gelu"), layers.Dense(dim)

        def call(self, inputs: Any) -> Any:
            normal = self.norm1(inputs)
            inputs = inputs + self.attention(normal, normal, use_causal_mask=True)
            return inputs + self.back(self.wide(self.norm2(inputs)))

    class Network(framework.Model):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = layers.Embedding(workload.vocabulary, dim)
            self.places = layers.Embedding(workload.time, dim)
            self.blocks = [Block() for _ in range(depth)]
            self.norm, self.scores = layers.LayerNormalization(epsilon=1e-5), layers.Dense(workload.vocabulary)

        def call(self, inputs: Any) -> Any:
            x = self.tokens(inputs) + self.places(ops.arange(workload.time))
            for block in self.blocks:
                x = block(x)
            return self.scores(self.norm(x))

    return Network()


NETWORKS = {
    "mlp": textbook_network,
    "cnn32": textbook_cnn,
    "cnn128": textbook_cnn,
    "mnist99": textbook_cnn,
    "lstm": recurrent_language_model,
    "gru": recurrent_language_model,
    "transformer": textbook_transformer,
    "gpt": gpt,
}


def compiled(framework: ModuleType, workload: Workload) -> Any:
    """The workload's network, ready for `fit`: Adam, cross-entropy, accuracy."""
    model = NETWORKS[workload.name](framework, workload)
    losses = framework.losses
    binary = workload.name == "mlp"
    loss = losses.BinaryCrossentropy() if binary else losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model
