"""Every loss: its value and its gradient with respect to the prediction."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from lamina import Tensor, gradients, losses

from .asking import Keras, assert_same
from .loss_table import BEYOND_KERAS, CASES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_loss_is_keras_loss(case: Case, keras: Keras) -> None:
    loss_class = getattr(losses, case.name, None)
    if loss_class is None:
        pytest.skip(f"losses has no {case.name}")
    arrays = case.arrays()
    expected = keras.ask("loss", arrays, name=case.name, config=case.config)
    loss = loss_class(**case.config)

    y_pred = Tensor(arrays["y_pred"], requires_grad=True)
    value = loss(arrays["y_true"], y_pred, sample_weight=arrays.get("sample_weight"))
    assert_same(value, expected["value"], "loss")
    (gradient,) = gradients(value, [y_pred], np.ones_like(expected["value"]))
    assert_same(gradient, expected["gradient"], "gradient")


def test_every_public_loss_is_in_the_table() -> None:
    public = {made.__name__ for name in losses.__all__ if inspect.isclass(made := getattr(losses, name))}
    assert public - {"Loss", "FunctionLoss"} - BEYOND_KERAS <= {case.name for case in CASES}
