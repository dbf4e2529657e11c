"""`MultiOptimizer`: each variable walks as with its own optimizer alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Variable, layers
from lamina.core import ArgumentError
from lamina.optimizers import SGD, SWA, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap, get, serialize


def walk(optimizer: Any, names: list[str], steps: int = 5) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    variables = {name: Variable(np.float32([1.0, -2.0]), name=name) for name in ("body", "head")}
    for _ in range(steps):
        gradients = {name: rng.normal(size=2).astype("float32") for name in variables}
        optimizer.apply([gradients[n] for n in names], [variables[n] for n in names])
    return {name: variables[name].numpy() for name in names}


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.5, "use_ema": True, "gradient_accumulation_steps": 2}])
def test_each_variable_walks_as_with_its_optimizer_alone(options: dict[str, Any]) -> None:
    many = MultiOptimizer(OptimizerMap(SGD(0.1, momentum=0.9, **options), {"he.d": Adam(0.01, **options)}))
    together = walk(many, ["body", "head"])
    np.testing.assert_array_equal(together["body"], walk(SGD(0.1, momentum=0.9, **options), ["body"])["body"])
    np.testing.assert_array_equal(together["head"], walk(Adam(0.01, **options), ["head"])["head"])
    assert int(many.iterations) == 5


def model(optimizer: Any) -> lamina.Sequential:
    lamina.set_seed(0)
    made = lamina.Sequential([layers.Input((3,)), layers.Dense(4, name="body"), layers.Dense(1, name="head")])
    made.compile(optimizer, "mse")
    return made


X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")


def many(**options: Any) -> MultiOptimizer:
    return MultiOptimizer(OptimizerMap(SGD(0.01), {"head/.*": Adam(0.1, use_ema=True)}), **options)


def test_in_fit_saved_and_trained_on(tmp_path: Path) -> None:
    one, other = model(many()), model(many(loss_scale_factor=8.0))
    for trained in (one, other):
        trained.fit(X, X[:, :1], epochs=2, verbose=0)
    for found, expected in zip(other.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    one.save(tmp_path / "m.lamina")
    again = lamina.load_model(tmp_path / "m.lamina")
    assert [type(o) for o in again.optimizer.optimizers] == [SGD, Adam] and int(again.optimizer.iterations) == 4
    histories = [m.fit(X, X[:, :1], epochs=3, initial_epoch=2, shuffle=False, verbose=0).history for m in (one, again)]
    assert histories[0]["loss"] == pytest.approx(histories[1]["loss"], rel=1e-6)
    assert get(serialize(one.optimizer)).get_config() == one.optimizer.get_config()


def test_averages_of_each_are_kept() -> None:
    optimizer = many()
    trained = model(optimizer)
    for _ in range(3):
        trained.train_on_batch(X, X[:, :1])
    body, head = trained.layers[0].kernel, trained.layers[1].kernel
    raw = body.numpy(), head.numpy()
    with trained.averaged_weights():
        np.testing.assert_array_equal(body.numpy(), raw[0])
        assert not np.allclose(head.numpy(), raw[1], rtol=1e-3)
    np.testing.assert_array_equal(head.numpy(), raw[1])


def test_rates_and_decay_reach_every_optimizer() -> None:
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.1), {"head": SGD(0.2)}))
    optimizer.scale_learning_rate(0.0, var_names=["head"])
    walked = walk(optimizer, ["body", "head"])
    assert walked["head"].tolist() == [1.0, -2.0] and walked["body"].tolist() != [1.0, -2.0]
    assert float(optimizer.learning_rate) == pytest.approx(0.1)


def test_refused() -> None:
    for inner in (SWA(SGD(), start=1), LossScaleOptimizer("sgd"), many(), SGD(loss_scale_factor=2.0), "lbfgs"):
        with pytest.raises(ArgumentError, match="MultiOptimizer: an optimizer for some variables is a plain one"):
            MultiOptimizer(OptimizerMap("sgd", {"x": inner}))
    with pytest.raises(ArgumentError, match="each optimizer has its own learning rate"):
        many().learning_rate = 0.1
    with pytest.raises(ArgumentError, match=r"a variable has one optimizer.*received .'h.\*', '.\*d'. for 'head'"):
        OptimizerMap("sgd", {"h.*": "adam", ".*d": "adam"})["head"]
    assert OptimizerMap("sgd", {"head": "adam", ".*d": "rmsprop"})["head"].name == "adam"
