"""Whole training runs from the same weights over the same rows: history, weights, evaluation, prediction."""

from __future__ import annotations

import pytest

from lamina import layers, losses, optimizers
from lamina.models import Sequential

from .asking import Keras, assert_same, numbered, seed_of
from .fit_table import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fit_is_keras_fit(case: Case, keras: Keras) -> None:
    arrays = case.arrays()
    expected = keras.ask(
        "fit", arrays, layers=case.layers, compiled=case.compiled, fitted=case.fitted, seed=seed_of(case.title)
    )
    model = Sequential([getattr(layers, name)(**config) for name, config in case.layers])
    model(arrays["x"][:1])
    model.set_weights(numbered(expected, "weight"))
    (optimizer, optimizer_config), (loss, loss_config) = case.compiled["optimizer"], case.compiled["loss"]
    settings = {key: value for key, value in case.compiled.items() if key not in ("optimizer", "loss")}
    model.compile(
        optimizer=getattr(optimizers, optimizer)(**optimizer_config),
        loss=getattr(losses, loss)(**loss_config),
        **settings,
    )
    validation = {"validation_data": (arrays["x_val"], arrays["y_val"])} if case.validated else {}
    weights = {"sample_weight": arrays["sample_weight"]} if case.weighted else {}
    history = model.fit(
        arrays["x"], arrays["y"], shuffle=False, verbose=0, **weights, **validation, **case.fitted
    ).history

    for key, values in history_of(expected).items():
        assert_same(history[key], values, f"history of {key}")
    for i, value in enumerate(numbered(expected, "after")):
        assert_same(model.get_weights()[i], value, f"weight {i} after fit")
    found = model.evaluate(arrays["x"], arrays["y"], verbose=0, return_dict=True)
    for key in found.keys() & {"loss", "accuracy", "mae"}:
        assert_same(found[key], expected[f"evaluate_{key}"], f"evaluation of {key}")
    assert_same(model.predict(arrays["x"], verbose=0), expected["prediction"], "prediction")


def history_of(expected: dict) -> dict:
    return {key.removeprefix("history_"): value for key, value in expected.items() if key.startswith("history_")}
