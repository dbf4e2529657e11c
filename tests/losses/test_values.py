"""Losses against NumPy in float64: values, gradients, logits of any size, reductions and weights."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, losses

EPS = 1e-7


def bce(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    p = np.clip(p, EPS, 1 - EPS)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(-1)


def cce(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -(y * np.log(np.clip(p / p.sum(-1, keepdims=True), EPS, 1 - EPS))).sum(-1)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def huber(y: np.ndarray, p: np.ndarray, delta: float) -> np.ndarray:
    e = np.abs(y - p)
    return np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)).mean(-1)


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def smoothed(y: np.ndarray, amount: float) -> np.ndarray:
    return y * (1 - amount) + amount / y.shape[-1]


def focal(y: np.ndarray, p: np.ndarray, gamma: float, alpha: float | None = None) -> np.ndarray:
    q = np.where(y == 1, p, 1 - p)
    weight = 1.0 if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    return -(weight * (1 - q) ** gamma * np.log(q)).mean(-1)


def categorical_focal(y: np.ndarray, p: np.ndarray, gamma: float, alpha: float) -> np.ndarray:
    q = (y * p / p.sum(-1, keepdims=True)).sum(-1)
    return -alpha * (1 - q) ** gamma * np.log(q)


def tversky(y: np.ndarray, p: np.ndarray, alpha: float, beta: float, axis: Any = None) -> np.ndarray:
    hits = (y * p).sum(axis)
    return 1 - hits / (hits + alpha * ((1 - y) * p).sum(axis) + beta * (y * (1 - p)).sum(axis))


def pinball(y: np.ndarray, p: np.ndarray, q: float) -> np.ndarray:
    return np.where(y > p, q * (y - p), (1 - q) * (p - y)).mean(-1)


Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
CASES: dict[str, tuple[Any, str, Formula]] = {
    "bce": (losses.BinaryCrossentropy(), "binary", bce),
    "bce smoothed": (losses.BinaryCrossentropy(label_smoothing=0.2), "binary", lambda y, p: bce(y * 0.8 + 0.1, p)),
    "bce logits": (losses.BinaryCrossentropy(True), "logits", lambda y, z: bce((y > 0) * 1.0, sigmoid(z))),
    "cce": (losses.CategoricalCrossentropy(), "classes", cce),
    "cce smoothed": (
        losses.CategoricalCrossentropy(label_smoothing=0.2),
        "classes",
        lambda y, p: cce(smoothed(y, 0.2), p),
    ),
    "cce logits": (losses.CategoricalCrossentropy(True), "class logits", lambda y, z: cce(y, softmax(z))),
    "focal": (losses.BinaryFocalCrossentropy(), "binary", lambda y, p: focal(y, p, 2.0)),
    "focal balanced": (losses.BinaryFocalCrossentropy(True, 0.4, 1.5), "binary", lambda y, p: focal(y, p, 1.5, 0.4)),
    "focal logits": (
        losses.BinaryFocalCrossentropy(from_logits=True),
        "logits",
        lambda y, z: focal(y, sigmoid(z), 2.0),
    ),
    "categorical focal": (
        losses.CategoricalFocalCrossentropy(0.3, 1.5),
        "classes",
        lambda y, p: categorical_focal(y, p, 1.5, 0.3),
    ),
    "categorical focal logits": (
        losses.CategoricalFocalCrossentropy(from_logits=True),
        "class logits",
        lambda y, z: categorical_focal(y, softmax(z), 2.0, 0.25),
    ),
    "mse": (losses.MeanSquaredError(), "values", lambda y, p: ((y - p) ** 2).mean(-1)),
    "mae": (losses.MeanAbsoluteError(), "values", lambda y, p: np.abs(y - p).mean(-1)),
    "mape": (losses.MeanAbsolutePercentageError(), "values", lambda y, p: 100 * (np.abs(y - p) / np.abs(y)).mean(-1)),
    "msle": (losses.MeanSquaredLogarithmicError(), "positive", lambda y, p: (np.log((1 + y) / (1 + p)) ** 2).mean(-1)),
    "huber": (losses.Huber(), "values", lambda y, p: huber(y, p, 1.0)),
    "huber 0.3": (losses.Huber(0.3), "values", lambda y, p: huber(y, p, 0.3)),
    "log_cosh": (losses.LogCosh(), "values", lambda y, p: np.log(np.cosh(p - y)).mean(-1)),
    "poisson": (losses.Poisson(), "positive", lambda y, p: (p - y * np.log(p + EPS)).mean(-1)),
    "kld": (losses.KLDivergence(), "classes soft", lambda y, p: (y * np.log(y / p)).sum(-1)),
    "cosine": (losses.CosineSimilarity(), "values", lambda y, p: -(unit(y) * unit(p)).sum(-1)),
    "quantile": (losses.Quantile(), "values", lambda y, p: np.abs(y - p).mean(-1) / 2),
    "quantile 0.9": (losses.Quantile(0.9), "values", lambda y, p: pinball(y, p, 0.9)),
    "hinge": (losses.Hinge(), "signs", lambda y, p: np.maximum(1 - y * p, 0).mean(-1)),
    "hinge 0 and 1": (losses.Hinge(), "zero-one", lambda y, p: np.maximum(1 - (2 * y - 1) * p, 0).mean(-1)),
    "squared hinge": (losses.SquaredHinge(), "signs", lambda y, p: (np.maximum(1 - y * p, 0) ** 2).mean(-1)),
    "categorical hinge": (
        losses.CategoricalHinge(),
        "class logits",
        lambda y, p: np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0),
    ),
}


def draw(kind: str, rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    one_hot = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    normal, unit_interval = rng.normal(size=shape) * 2, rng.uniform(0.02, 0.98, shape)
    other = rng.normal(size=shape)
    return {
        "binary": (rng.integers(0, 2, shape) * 1.0, unit_interval),
        "logits": (rng.integers(0, 2, shape) * 1.0, normal),
        "classes": (one_hot, unit_interval),
        "classes soft": (softmax(other), softmax(normal)),
        "class logits": (one_hot, normal),
        "values": (other, normal),
        "positive": (rng.uniform(0.2, 3, shape), unit_interval * 3),
        "signs": (rng.choice([-1.0, 1.0], shape), normal),
        "zero-one": (rng.integers(0, 2, shape) * 1.0, normal),
    }[kind]


@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient(name: str, shape: tuple[int, ...], rng: np.random.Generator, x64: None) -> None:
    loss, kind, formula = CASES[name]
    y, p = draw(kind, rng, shape)
    per_sample = formula(y, p)
    y_, p_ = Tensor(y, "float64"), Tensor(p, "float64")
    np.testing.assert_allclose(loss.call(y_, p_).numpy(), per_sample, rtol=1e-9, atol=1e-11)
    assert loss(y_, p_).item() == pytest.approx(per_sample.mean(), rel=1e-9)
    lamina.gradcheck(lambda p: loss(y_, p), p)


@pytest.mark.parametrize("name", CASES)
def test_float32(name: str, rng: np.random.Generator) -> None:
    loss, kind, formula = CASES[name]
    y, p = draw(kind, rng, (6, 4))
    value = loss(np.float32(y), np.float32(p))
    assert value.dtype == "float32" and value.item() == pytest.approx(formula(y, p).mean(), rel=1e-5)


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)])
def test_sparse_equals_one_hot(logits: bool, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    labels = rng.integers(0, 4, shape[:-1])
    p = (rng.normal(size=shape) if logits else rng.uniform(0.1, 1, shape)).astype("float32")
    one_hot = np.eye(4, dtype="float32")[labels]
    sparse, dense = losses.SparseCategoricalCrossentropy(logits), losses.CategoricalCrossentropy(logits)
    wanted = dense(one_hot, p).item()
    for given in (labels, labels[..., None], labels.astype("float32"), labels.astype("uint8")):
        assert sparse(given, p).item() == pytest.approx(wanted, rel=1e-6)


def test_ignored_class_leaves_the_mean(rng: np.random.Generator) -> None:
    labels, z = np.array([0, 1, 2, 1]), rng.normal(size=(4, 3)).astype("float32")
    ignoring = losses.SparseCategoricalCrossentropy(True, ignore_class=1)
    kept = losses.SparseCategoricalCrossentropy(True)(labels[[0, 2]], z[[0, 2]]).item()
    assert ignoring(labels, z).item() == pytest.approx(kept, rel=1e-6)
    weights = [1.0, 5.0, 3.0, 5.0]
    weighted = losses.SparseCategoricalCrossentropy(True)(labels[[0, 2]], z[[0, 2]], [1.0, 3.0]).item()
    assert ignoring(labels, z, weights).item() == pytest.approx(weighted, rel=1e-6)
    void = losses.SparseCategoricalCrossentropy(True, ignore_class=-1)([-1, -1, -1, -1], z)
    assert void.item() == 0.0
    gradient = lamina.grad(lambda z: ignoring(labels, z))(z).numpy()
    assert (gradient[[1, 3]] == 0).all() and (gradient[[0, 2]] != 0).all()


def test_extreme_logits_stay_finite() -> None:
    z = [[1e4, -1e4], [-1e4, 1e4]]
    assert losses.CategoricalCrossentropy(True)([[0.0, 1.0], [0.0, 1.0]], z).item() == pytest.approx(1e4)
    assert losses.BinaryCrossentropy(True)([[0.0, 1.0], [0.0, 1.0]], z).item() == pytest.approx(5e3)
    gradient = lamina.grad(lambda z: losses.CategoricalCrossentropy(True)([[0.0, 1.0], [0.0, 1.0]], z))(z)
    np.testing.assert_allclose(gradient.numpy(), [[0.5, -0.5], [0, 0]])
    for loss in (losses.BinaryCrossentropy(), losses.CategoricalCrossentropy()):
        assert np.isfinite(loss([[0.0, 1.0]], [[1.0, 0.0]]).item())


def test_reductions() -> None:
    y, p, w = np.zeros((3, 1)), np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 3.0])

    def value(reduction: str | None, weight: Any = None) -> Any:
        return losses.MeanSquaredError(reduction=reduction)(y, p, weight).tolist()

    for mean in ("mean", "sum_over_batch_size"):
        assert value(mean) == pytest.approx(14 / 3) and value(mean, w) == pytest.approx(28 / 3)
    assert value("sum") == 14 and value("sum", w) == 28
    assert value("mean_with_sample_weight") == pytest.approx(14 / 3)
    assert value("mean_with_sample_weight", w) == 7
    assert value("mean_with_sample_weight", 0 * w) == 0
    assert value("none") == value(None) == [1, 4, 9] and value("none", w) == [1, 0, 27]


def test_sample_weights_reach_all_that_belongs_to_a_sample(rng: np.random.Generator) -> None:
    y, p = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 5, 2))
    each = ((y - p) ** 2).mean(-1)
    loss = losses.MeanSquaredError()
    for w in (rng.uniform(size=3), rng.uniform(size=(3, 1)), rng.uniform(size=(3, 5)), rng.uniform(size=(3, 5, 1))):
        grid = w.reshape(3, -1)
        assert loss(y, p, w).item() == pytest.approx((each * grid).mean(), rel=1e-5)


def test_a_function_is_a_loss() -> None:
    loss = losses.get(lambda y_true, y_pred: (y_true - y_pred) ** 4)
    assert loss([1.0, 2.0], [2.0, 4.0], sample_weight=[1.0, 2.0]).item() == (1 + 32) / 2


def test_sixteen_bit_predictions_are_summed_in_float32() -> None:
    p = Tensor(np.full((3000, 1), 0.1), "bfloat16")
    value = losses.MeanSquaredError(reduction="sum")(np.zeros((3000, 1)), p)
    assert value.dtype == "float32" and value.item() == pytest.approx(3000 * float(p[0, 0]) ** 2, rel=1e-5)


def test_overlap(rng: np.random.Generator, x64: None) -> None:
    y, p = draw("binary", rng, (3, 5, 4))
    y_, p_ = Tensor(y, "float64"), Tensor(p, "float64")
    assert losses.Dice()(y_, p_).item() == pytest.approx(tversky(y, p, 0.5, 0.5), rel=1e-6)
    assert losses.Tversky(0.3, 0.8)(y_, p_).item() == pytest.approx(tversky(y, p, 0.3, 0.8), rel=1e-6)
    for axes in ((1, 2), [1, 2], -1):
        each = tversky(y, p, 0.3, 0.8, tuple(axes) if isinstance(axes, list) else axes)
        np.testing.assert_allclose(losses.tversky(y_, p_, 0.3, 0.8, axes).numpy(), each, rtol=1e-6)
        assert losses.Tversky(0.3, 0.8, axis=axes)(y_, p_).item() == pytest.approx(each.mean(), rel=1e-6)
    lamina.gradcheck(lambda p: losses.Dice()(y_, p), p)
    lamina.gradcheck(lambda p: losses.Tversky(0.3, 0.8, axis=(1, 2))(y_, p), p)
