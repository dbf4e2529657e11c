from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.data import Dataset
from lamina.models import update_batch_normalization
from lamina.optimizers import SGD, SWA

X = np.random.default_rng(0).normal(2.0, 3.0, (50, 3)).astype(np.float32)


def make(momentum: float = 0.9) -> lamina.Sequential:
    lamina.set_seed(0)
    model = lamina.Sequential(
        [layers.Input((3,)), layers.Dense(4), layers.BatchNormalization(momentum=momentum), layers.Dense(1)]
    )
    model.compile(SWA(SGD(0.05), start=3), "mse")
    return model


def by_hand(model: Any, size: int) -> tuple[Any, Any]:
    """The mean over all rows of what each batch says."""
    kernel, bias = (v.numpy().astype(np.float64) for v in model.layers[0].variables)
    hidden = X @ kernel + bias
    batches = [hidden[i : i + size] for i in range(0, len(X), size)]
    weights = np.array([len(b) for b in batches]) / len(X)
    return weights @ np.stack([b.mean(0) for b in batches]), weights @ np.stack([b.var(0) for b in batches])


SOURCES = {"array": lambda: X, "stream": lambda: Dataset.from_arrays(X, X[:, :1]).batch(16)}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_statistics_are_those_of_the_averaged_weights(source: Any) -> None:
    model = make()
    model.fit(X, X[:, :1], batch_size=16, epochs=2, verbose=0)
    before, norm = model.get_weights(), model.layers[1]
    mean, variance = by_hand(model, 16)
    assert not np.allclose(norm.moving_mean, mean, rtol=1e-2)  # fit leaves those of the single weights
    update_batch_normalization(model, source(), batch_size=16)
    np.testing.assert_allclose(norm.moving_mean.numpy(), mean, rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance.numpy(), variance, rtol=1e-5)
    assert norm.momentum == 0.9
    names = list(model.named_variables())
    for name, old, new in zip(names, before, model.get_weights(), strict=True):
        if "moving" not in name:
            np.testing.assert_array_equal(old, new)


def test_one_batch_of_everything_is_exact_and_frozen_layers_keep_theirs() -> None:
    model = make()
    model.layers[1].trainable = False
    update_batch_normalization(model, X, batch_size=50)
    np.testing.assert_array_equal(model.layers[1].moving_mean.numpy(), np.zeros(4))
    model.layers[1].trainable = True
    update_batch_normalization(model, X, batch_size=50)
    outputs = model.layers[1](model.layers[0](lamina.Tensor(X)))
    np.testing.assert_allclose(outputs.numpy().mean(0), np.zeros(4), atol=1e-5)


def test_the_number_of_batches_can_be_limited() -> None:
    some, less = make(), make()
    update_batch_normalization(some, X, batch_size=10, steps=2)
    update_batch_normalization(less, X[:20], batch_size=10)
    np.testing.assert_array_equal(some.layers[1].moving_mean.numpy(), less.layers[1].moving_mean.numpy())
