"""What `lamina train` knows how to learn."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..datasets import mnist
from ..layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D, Rescaling, Reshape
from ..losses import SparseCategoricalCrossentropy
from ..models import Sequential
from ..optimizers import Adam
from ..optimizers.schedules import CosineDecay


class Data(StrEnum):
    """Names of the data sets that there is a preset for."""

    MNIST = "mnist"


@dataclass(frozen=True)
class Preset:
    """How to learn one data set.

    Args:
        title: for people.
        load: () -> ((x_train, y_train), (x_test, y_test)).
        network: () -> a model that has not been compiled.
        rate: the largest learning rate.
        classes: names of the classes.
    """

    title: str
    load: Callable[[], Any]
    network: Callable[[], Sequential]
    rate: float
    classes: tuple[str, ...]

    def compiled(self, steps: int) -> Sequential:
        """The model, ready for `steps` updates: Adam, with a short warm-up and then a cosine down to 0."""
        warmup = min(steps // 10, 200)
        rate = CosineDecay(0.0, max(1, steps - warmup), warmup_target=self.rate, warmup_steps=warmup)
        model = self.network()
        loss = SparseCategoricalCrossentropy(from_logits=True)
        model.compile(Adam(rate), loss, metrics=["accuracy"])
        return model


def digit_network() -> Sequential:
    """The textbook's CNN for 28x28 grey images, with dropout before the last layer; 93,322 weights."""
    return Sequential(
        [
            Input((28, 28)),
            Rescaling(1 / 255),
            Reshape((28, 28, 1)),
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(64, activation="relu"),
            Dropout(0.3),
            Dense(10),
        ],
        name="digits",
    )


PRESETS = {
    Data.MNIST: Preset("MNIST handwritten digits", mnist, digit_network, 2e-3, tuple("0123456789")),
}
