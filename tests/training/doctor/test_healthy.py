"""Sound models and data are left in peace: no error, and no warning either."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import datasets, layers
from lamina.core import set_seed
from lamina.layers import Conv2D, Dense, Dropout, Embedding, Flatten, Input, MaxPooling2D
from lamina.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from lamina.training.doctor import DoctorWarning

LOGITS = SparseCategoricalCrossentropy(from_logits=True)
HEALTHY: dict[str, Callable[[], tuple[Any, dict[str, Any]]]] = {}


def healthy(make: Any) -> Any:
    HEALTHY[make.__name__] = make
    return make


def network(*stack: Any, loss: Any = LOGITS, optimizer: Any = "adam", metrics: Any = None) -> Any:
    model = lamina.Sequential(list(stack))
    model.compile(optimizer, loss, metrics=metrics)
    return model


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@healthy
def digits_and_convolutions():
    (x, y), test = datasets.mnist()
    stack = Conv2D(8, 3, activation="relu"), MaxPooling2D(2), Flatten(), Dropout(0.3), Dense(10)
    model = network(Input((28, 28)), layers.Rescaling(1 / 255), layers.Reshape((28, 28, 1)), *stack)
    return model, {"x": x[:600], "y": y[:600], "validation_data": (test[0][:200], test[1][:200]), "batch_size": 128}


@healthy
def exclusive_or():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    stack = Dense(4, activation="tanh"), Dense(1, activation="sigmoid")
    model = network(*stack, loss="binary_crossentropy", optimizer=lamina.optimizers.Adam(0.1))
    return model, {"x": x, "y": np.array([0, 1, 1, 0]), "batch_size": 4}


@healthy
def noisy_exclusive_or():
    x, y = datasets.synthetic.xor(400)
    return network(Dense(8, activation="relu"), Dense(1, activation="sigmoid"), loss="bce"), {"x": x, "y": y}


@healthy
def regression():
    x = normal(300, 5)
    return network(Dense(16, activation="relu"), Dense(1), loss="mse", metrics=["mae"]), {
        "x": x,
        "y": x[:, 0] * x[:, 1],
    }


@healthy
def a_line_from_zero():
    x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
    model = network(Dense(1, kernel_initializer="zeros"), loss="mse", optimizer=lamina.optimizers.SGD(0.5))
    return model, {"x": x, "y": 3 * x + 1, "shuffle": False}


@healthy
def softmax_regression_from_zero():
    x = normal(300, 5)
    stack = Dense(3, activation="softmax", kernel_initializer="zeros")
    y = np.eye(3)[np.digitize(x[:, 0], [-0.5, 0.5])]
    return network(stack, loss="categorical_crossentropy", metrics=["accuracy"]), {"x": x, "y": y}


@healthy
def an_autoencoder():
    x = datasets.digits()[0][0].reshape(-1, 64)
    x = (x / x.max()).astype("float32")
    stack = Dense(16, activation="relu"), Dense(64, activation="sigmoid")
    return network(*stack, loss="mse"), {"x": x, "y": x, "validation_split": 0.1}


@healthy
def a_small_gpt():
    ids = np.random.default_rng(0).integers(0, 30, (64, 17))
    model = lamina.zoo.GPT(30, layers=1, heads=2, width=16, context=16)
    model.compile("adam", LOGITS, metrics=["accuracy"])
    return model, {"x": ids[:, :-1], "y": ids[:, 1:]}


@healthy
def padded_text():
    order = np.random.default_rng(0)
    ids = order.integers(1, 30, (200, 12))
    y = (ids[:, 0] > 15).astype("int32")
    ids[np.arange(12) >= order.integers(2, 12, (200, 1))] = 0
    return network(Embedding(30, 8, mask_zero=True), layers.LSTM(8), Dense(2)), {"x": ids, "y": y}


@healthy
def a_series_in_order():
    x = np.cumsum(normal(300, 8, 1), axis=0) / 10
    model = network(layers.GRU(8), Dense(1), loss="mae")
    return model, {"x": x, "y": x[:, -1, 0], "shuffle": False, "validation_split": 0.2}


@healthy
def a_mild_imbalance():
    x = normal(400, 4)
    model = network(
        Dense(8, activation="relu"), Dense(1), loss=BinaryCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    return model, {"x": x, "y": (x[:, 0] > 0.8).astype("int32"), "validation_split": 0.25}


@healthy
def large_numbers_that_are_normalised():
    x = 1000 * normal(300, 4)
    return network(layers.BatchNormalization(), Dense(8, activation="relu"), Dense(2)), {"x": x, "y": (x[:, 0] > 0) * 1}


@healthy
def a_warm_up_from_zero():
    x = normal(300, 4)
    rate = lamina.optimizers.schedules.CosineDecay(0.0, 1000, warmup_target=1e-3, warmup_steps=100)
    return network(Dense(8, "relu"), Dense(2), optimizer=lamina.optimizers.Adam(rate)), {"x": x, "y": (x[:, 0] > 0) * 1}


@healthy
def several_inputs_and_outputs():
    a, b = Input((4,), name="a"), Input((3,), name="b")
    both = layers.Concatenate()([Dense(8, activation="relu")(a), Dense(8, activation="relu")(b)])
    outputs = [Dense(1, name="size")(both), Dense(2, activation="softmax", name="kind")(both)]
    model = lamina.Model([a, b], outputs)
    model.compile("adam", {"size": "mse", "kind": "sparse_categorical_crossentropy"}, metrics={"kind": ["accuracy"]})
    x = normal(300, 4), normal(300, 3)
    return model, {"x": list(x), "y": [x[0].sum(axis=1), (x[1][:, 0] > 0).astype("int32")]}


@healthy
def a_stream_of_batches():
    x = normal(320, 4)
    batches = [(x[i : i + 32], (x[i : i + 32, 0] > 0).astype("int32")) for i in range(0, 320, 32)]
    return network(Dense(8, activation="relu"), Dense(2)), {"x": batches}


@pytest.mark.parametrize("make", HEALTHY.values(), ids=HEALTHY)
def test_nothing_is_found(make: Any) -> None:
    set_seed(0)
    model, data = make()
    found = [str(finding) for finding in model.check(**data, verbose=0) if finding.severity != "note"]
    assert found == []


def test_a_check_leaves_everything_as_it_was() -> None:
    model, data = regression()
    model.fit(data["x"], data["y"], verbose=0)
    before, steps = model.get_weights(), int(model.optimizer.iterations)
    model.check(**data, verbose=0)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == steps
    assert {"time", "memory"} <= {finding.code for finding in model.check(**data, verbose=0)}


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    x = normal(60, 4)
    network(Dense(2, activation="softmax")).check(x, (x[:, 0] > 0) * 1)
    said = capsys.readouterr().out
    assert "softmax-before-logits" in said and "Take the activation off" in said and "1 error" in said


def test_fit_warns_of_what_costs_nothing_to_see() -> None:
    x = normal(64, 4)
    model = network(Dense(2, activation="softmax"))
    with pytest.warns(
        DoctorWarning, match=r"ends with softmax .* Take the activation off .* \[softmax-before-logits\]"
    ):
        model.fit(x, (x[:, 0] > 0) * 1, verbose=0)
    model.fit(x, (x[:, 0] > 0) * 1, verbose=0)  # said once


def test_fit_warns_of_a_first_loss_that_is_far_off() -> None:
    x = normal(64, 4)
    model = network(Dense(2, kernel_initializer=lamina.initializers.RandomNormal(stddev=50.0)))
    with pytest.warns(DoctorWarning, match="loss-at-start"):
        model.fit(x, (x[:, 0] > 0) * 1, verbose=0)


def test_fit_refuses_ids_without_a_row() -> None:
    model = network(Embedding(5, 4), layers.GRU(4), Dense(2))
    with pytest.raises(lamina.core.DataError, match="ids from 0 to 4 are known, received 9 in row 1"):
        model.fit(np.array([[1, 2], [9, 2]]), np.array([0, 1]), verbose=0)
