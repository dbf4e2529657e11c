"""What an optimizer asks of the training loop: a second look, a scaled loss, averaged weights."""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.callbacks import LambdaCallback
from lamina.optimizers import LBFGS, SAM, SGD, SWA, Adam, LossScaleOptimizer, ScheduleFreeAdamW


def trained(optimizer: Any, epochs: int = 3, **options: Any) -> tuple[lamina.Model, dict[str, list[float]]]:
    lamina.set_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(96, 4)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5], [3.0]], "float32") + 1
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(1)])
    model.compile(optimizer, "mse")
    norms: list[float] = []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: norms.append(logs["grad_norm"]))
    history = model.fit(x, y, epochs=epochs, verbose=0, callbacks=[watch], **options)
    return model, history.history | {"grad_norm": norms}


@pytest.mark.parametrize(
    "scaled", [SGD(0.01, loss_scale_factor=64.0), LossScaleOptimizer(SGD(0.01))], ids=["fixed", "dynamic"]
)
def test_a_scaled_loss_trains_as_an_unscaled_one(scaled: Any) -> None:
    (plain_model, plain), (model, history) = trained(SGD(0.01)), trained(scaled)
    assert history["loss"] == pytest.approx(plain["loss"], rel=1e-6)
    assert history["grad_norm"] == pytest.approx(plain["grad_norm"], rel=1e-5)
    for found, expected in zip(model.get_weights(), plain_model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("make", [lambda: SAM(SGD(0.05), rho=0.05), lambda: LBFGS()], ids=["SAM", "LBFGS"])
def test_optimizers_that_look_twice(make: Any) -> None:
    _, history = trained(make(), epochs=10, batch_size=96)
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_sam_is_not_what_it_wraps() -> None:
    assert trained(SAM(SGD(0.05), rho=0.5))[1]["loss"] != pytest.approx(trained(SGD(0.05))[1]["loss"], rel=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Adam(0.01, use_ema=True, ema_momentum=0.9),
        lambda: SWA(SGD(0.05), start=3),
        lambda: ScheduleFreeAdamW(0.01),
    ],
    ids=["EMA", "SWA", "ScheduleFreeAdamW"],
)
def test_averaged_weights_are_judged_and_kept(make: Any) -> None:
    """Validation sees the averages, training does not, and after `fit` the model holds them."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(32, 4)).astype("float32")
    held_out = x, x.sum(1, keepdims=True)
    model, history = trained(make(), validation_data=held_out)
    assert model.evaluate(*held_out, verbose=0) == pytest.approx(history["val_loss"][-1], rel=1e-5)
    blind, unseen = trained(make())
    assert unseen["loss"] == pytest.approx(history["loss"], rel=1e-6)
