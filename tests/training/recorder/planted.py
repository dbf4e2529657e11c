"""Small models with one mistake each, and what the recorder must say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

import lamina
from lamina import layers, ops, optimizers
from lamina.core import Op

N, F = 8, 3
Data = tuple[np.ndarray, np.ndarray]


class Bend(layers.Layer):
    """`function` of the inputs, each feature times a weight that starts at 1."""

    def __init__(self, function: Callable[[Any], Any], name: str) -> None:
        super().__init__(name=name)
        self.function = function

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return self.function(inputs * self.factor)


@dataclass(frozen=True)
class Case:
    """A mistake.

    Attributes:
        make: the model, compiled, and the arguments of its `fit`.
        phase, op, of, layer: of the story.
        rows: of the batch.
        remedy: a word of it.
    """

    name: str
    make: Callable[[], tuple[Any, dict[str, Any]]]
    phase: str
    op: str = ""
    of: str = ""
    layer: str = ""
    rows: tuple[int, ...] = ()
    remedy: str = ""


def data(planted: dict[int, float] | None = None) -> Data:
    """Positive features; feature 1 of some rows is planted."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.5, 1.5, (N, F)).astype(np.float32), rng.normal(size=(N, 1)).astype(np.float32)
    for row, value in (planted or {}).items():
        x[row, 1] = value
    return x, y


def fit_arguments(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    return {"x": x, "y": y, "batch_size": N, "shuffle": False, "verbose": 0}


def bent(function: Callable[[Any], Any], planted: dict[int, float]) -> Callable[[], tuple[Any, dict[str, Any]]]:
    """A model that bends its inputs."""

    def make() -> tuple[Any, dict[str, Any]]:
        model = lamina.Sequential([Bend(function, "bend"), layers.Dense(1, name="out")], name="net")
        model.compile("sgd", "mse")
        return model, fit_arguments(*data(planted))

    return make


def dense(
    optimizer: Callable[[], Any], x: np.ndarray | None = None, **compile_arguments: Any
) -> Callable[[], tuple[Any, dict[str, Any]]]:
    """A linear model."""

    def make() -> tuple[Any, dict[str, Any]]:
        model = lamina.Sequential([layers.Dense(1, kernel_initializer="ones", name="out")], name="net")
        model.compile(optimizer(), "mse", **compile_arguments)
        given, y = data()
        return model, fit_arguments(given if x is None else x, y)

    return make


def weighted_classes() -> tuple[Any, dict[str, Any]]:
    """An infinite weight for the class of three rows, as a division by the count of another data set would give."""
    model = lamina.Sequential([layers.Dense(2, name="out")], name="net")
    model.compile("sgd", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, _ = data()
    y = np.zeros(N, np.int32)
    y[[2, 3, 5]] = 1
    return model, fit_arguments(x, y) | {"class_weight": {0: 1.0, 1: np.inf}}


class Normed(optimizers.Optimizer):
    """Steps of one length for each element, and no thought of gradients that are 0."""

    def update(self, value: Any, gradient: Any, slots: Any, learning_rate: Any, step: Any) -> Any:
        return value - learning_rate * gradient / jnp.sqrt(gradient * gradient), slots


def _careless(x: lamina.core.Array) -> Any:
    y = jnp.exp(x)
    return y, (y,)


careless = Op(_careless, promotes=False)
careless.backward(lambda kept, g: g * kept[0])  # 0 · ∞ where nothing depends on the result


@lamina.core.from_jax
def masked_log(x: Any) -> Any:
    """JAX differentiates both branches: 0 · ∞ where x = 0."""
    return jnp.where(x > 0, jnp.log(x), 0.0)


def constant_feature() -> tuple[Any, dict[str, Any]]:
    x, y = data()
    x[:, 2] = 1.0
    model = lamina.Sequential([layers.BatchNormalization(epsilon=0.0, name="norm"), layers.Dense(1)], name="net")
    model.compile("sgd", "mse")
    return model, fit_arguments(x, y)


def recurrent() -> tuple[Any, dict[str, Any]]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, 4, 2)).astype(np.float32), rng.normal(size=(N, 1)).astype(np.float32)
    x *= 0.1
    x[2, 1] = 200.0
    memory = layers.LSTM(3, activation="exponential", kernel_initializer="ones", name="memory")
    model = lamina.Sequential([memory, layers.Dense(1)], name="net")
    model.compile("sgd", "mse")
    return model, fit_arguments(x, y)


class Block(layers.Layer):
    """Attention with a residual connection, as in a transformer."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.attention = layers.MultiHeadAttention(2, 2, name="attention")

    def call(self, inputs: Any) -> Any:
        return inputs + self.attention(inputs, inputs)


def attentive() -> tuple[Any, dict[str, Any]]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, 4, 4)).astype(np.float32), rng.normal(size=(N, 4, 1)).astype(np.float32)
    x[4] *= 1e25
    model = lamina.Sequential([Block("block_2"), layers.Dense(1)], name="net")
    model.compile("sgd", "mse")
    return model, fit_arguments(x, y)


def spoiled() -> tuple[Any, dict[str, Any]]:
    model, arguments = dense(optimizers.SGD)()
    model(arguments["x"])
    model.layers[0].kernel.assign(np.array([[1.0], [np.nan], [1.0]]))
    return model, arguments


def growing() -> tuple[Any, dict[str, Any]]:
    """Gradient descent that grows by a factor of some thousands at every step."""
    model, arguments = dense(lambda: optimizers.SGD(1e3))()
    return model, arguments | {"epochs": 50}


def with_zeros() -> np.ndarray:
    """Feature 1 is 0 everywhere, and so is the gradient of its weight."""
    return data(dict.fromkeys(range(N), 0.0))[0]


CASES = [
    Case("log of 0", bent(ops.log, {5: 0.0}), "forward", "log", "", "net/bend", (5,), "logarithm"),
    Case("0 / 0", bent(lambda x: x / x, {2: 0.0, 7: 0.0}), "forward", "divide", "", "net/bend", (2, 7), "divisor"),
    Case("exp overflow", bent(ops.exp, {1: 100.0}), "forward", "exp", "", "net/bend", (1,), "exponential"),
    Case("sqrt of -1", bent(ops.sqrt, {3: -1.0}), "forward", "sqrt", "", "net/bend", (3,), "root"),
    Case("sqrt at 0", bent(ops.sqrt, {3: 0.0}), "backward", "divide", "sqrt", "net/bend", (3,), "slope of a root"),
    Case(
        "norm at 0",
        bent(lambda x: ops.sqrt(ops.sum(x[:, 1:2] ** 2, axis=-1, keepdims=True)), {6: 0.0}),
        "backward", "divide", "sqrt", "net/bend", (6,), "slope of a root",
    ),
    Case("where in JAX", bent(masked_log, {4: 0.0}), "backward", "jax_pull", "masked_log", "net/bend", (4,)),
    Case(
        "unharmed infinity",
        bent(lambda x: ops.tanh(careless(x)), {6: 100.0}),
        "backward", "multiply", "_careless", "net/bend", (6,),
    ),
    Case("class weight", weighted_classes, "data", layer="sample_weight", rows=(2, 3, 5), remedy="Remove"),
    Case("rate", dense(lambda: optimizers.SGD(3e38)), "optimizer", "SGD.update", layer="out", remedy="learning rate"),
    Case("zero by zero", dense(lambda: Normed(0.1), with_zeros()), "optimizer", "Normed.update", layer="out/kernel"),
    Case("growth", growing, "forward", remedy="Lower the learning rate"),
    Case("loss weight", dense(optimizers.SGD, loss_weights=[np.nan]), "forward", "multiply", layer="loss_weights"),
    Case("state", spoiled, "state", layer="out/kernel", remedy="Load weights"),
    Case("normalisation", constant_feature, "forward", "standardize", "", "net/norm", tuple(range(N)), "epsilon"),
    Case("LSTM", recurrent, "forward", "exp", "", "net/memory", (2,), "exponential"),
    Case("attention", attentive, "forward", layer="net/block_2/attention", rows=(4,)),
]  # fmt: skip
