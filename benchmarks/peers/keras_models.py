"""The networks in Keras' names. Keras and Lamina run these very lines: only the module that is handed in differs."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from workloads import Workload


def textbook_network(framework: ModuleType, workload: Workload) -> Any:
    """The 10-10-1 network of the chapter, as a subclass of Model."""

    class Network(framework.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense1 = framework.layers.Dense(workload.width, activation="relu")
            self.dense2 = framework.layers.Dense(1, activation="sigmoid")

        def call(self, inputs: Any) -> Any:
            return self.dense2(self.dense1(inputs))

    return Network()


def textbook_cnn(framework: ModuleType, workload: Workload) -> Any:
    """The chapter's convolutional network: 93,322 parameters, if its first layer has 32 filters."""
    layers, width = framework.layers, workload.width
    return framework.Sequential(
        [
            layers.Input((workload.side, workload.side, 1)),
            layers.Conv2D(width, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(2 * width, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(2 * width, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(2 * width, activation="relu"),
            layers.Dense(10),
        ]
    )


def autoencoder(framework: ModuleType, workload: Workload) -> Any:
    """From the pixels down to a sixteenth of the first layer's units and up again."""
    layers, width, pixels = framework.layers, workload.width, workload.side**2
    hidden = [layers.Dense(units, activation="relu") for units in hourglass(width)]
    return framework.Sequential([layers.Input((pixels,)), *hidden, layers.Dense(pixels, activation="sigmoid")])


def hourglass(width: int) -> tuple[int, ...]:
    """The units of an autoencoder's hidden layers."""
    return width, width // 4, width // 16, width // 4, width


def resnet20(framework: ModuleType, workload: Workload) -> Any:
    """He et al. for CIFAR: three stages of three blocks, each stage with half the side and twice the filters."""
    layers = framework.layers

    def convolved(x: Any, filters: int, size: int = 3, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    def block(x: Any, filters: int, strides: int) -> Any:
        inner = layers.Activation("relu")(convolved(x, filters, strides=strides))
        straight = convolved(x, filters, size=1, strides=strides) if strides > 1 else x
        return layers.Activation("relu")(layers.Add()([convolved(inner, filters), straight]))

    images = layers.Input((workload.side, workload.side, 3))
    x = layers.Activation("relu")(convolved(images, workload.width))
    for stage in range(3):
        for place in range(3):
            x = block(x, workload.width * 2**stage, strides=2 if stage and not place else 1)
    return framework.Model(images, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def recurrent_language_model(framework: ModuleType, workload: Workload) -> Any:
    """An embedding, one LSTM or GRU of twice its size, and a score for every token."""
    layers = framework.layers
    recurrent = layers.LSTM if workload.model == "lstm" else layers.GRU
    return framework.Sequential(
        [
            layers.Input((None,), dtype="int32"),
            layers.Embedding(workload.vocabulary, workload.width // 2),
            recurrent(workload.width, return_sequences=True),
            layers.Dense(workload.vocabulary),
        ]
    )


def textbook_transformer(framework: ModuleType, workload: Workload, heads: int = 8) -> Any:
    """The chapter's listing: attention written out in one class, a block after it, dropout 0.1, no causal mask."""
    layers, ops, dim = framework.layers, framework.ops, workload.width

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


def gpt(framework: ModuleType, workload: Workload, depth: int = 4, heads: int = 8, tied: bool = False) -> Any:
    """A decoder-only Transformer: blocks with the normalisation first, causal attention, gelu, learned positions."""
    layers, ops, dim = framework.layers, framework.ops, workload.width

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
            embedding = layers.ReversibleEmbedding if tied else layers.Embedding
            self.tokens, self.places = embedding(workload.vocabulary, dim), layers.Embedding(workload.time, dim)
            self.blocks = [Block() for _ in range(depth)]
            self.norm = layers.LayerNormalization(epsilon=1e-5)
            self.scores = None if tied else layers.Dense(workload.vocabulary)

        def call(self, inputs: Any) -> Any:
            x = self.tokens(inputs) + self.places(ops.arange(workload.time))
            for block in self.blocks:
                x = block(x)
            x = self.norm(x)
            return self.tokens(x, reverse=True) if tied else self.scores(x)

    return Network()


def gpt2(framework: ModuleType, workload: Workload) -> Any:
    """The same as large as GPT-2, whose embedding is the way back, too."""
    return gpt(framework, workload, depth=12, heads=12, tied=True)


NETWORKS = {
    "mlp": textbook_network,
    "cnn": textbook_cnn,
    "autoencoder": autoencoder,
    "lstm": recurrent_language_model,
    "gru": recurrent_language_model,
    "transformer": textbook_transformer,
    "gpt": gpt,
    "gpt2": gpt2,
    "resnet20": resnet20,
}


def compiled(framework: ModuleType, workload: Workload, **settings: Any) -> Any:
    """The workload's network, ready for `fit`: Adam, cross-entropy, accuracy (of an autoencoder, the mean error)."""
    model = NETWORKS[workload.model](framework, workload)
    losses = framework.losses
    binary = workload.model in ("mlp", "autoencoder")
    loss = losses.BinaryCrossentropy() if binary else losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = "mae" if workload.model == "autoencoder" else "accuracy"
    model.compile(optimizer="adam", loss=loss, metrics=[metric], **settings)
    return model
