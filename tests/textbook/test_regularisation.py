"""The chapters' normalisation and regularisation: batch normalisation (1.3, second rule), dropout, L1 and L2."""

import numpy as np
import pytest

import lamina
from lamina import layers


@pytest.fixture
def x(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(3, 5, (64, 4)).astype("float32")


def test_batch_normalisation_while_training(x: np.ndarray) -> None:
    """x̂ = (x - μ_B) / √(σ²_B + ε), y = γ x̂ + β (Ioffe and Szegedy, arXiv 1502.03167, algorithm 1)."""
    layer = layers.BatchNormalization()
    layer.build(x.shape)
    gamma, beta = np.array([1, 2, 0.5, -1], "float32"), np.array([0, 1, 2, 3], "float32")
    layer.set_weights([gamma, beta, *layer.get_weights()[2:]])
    expected = gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3) + beta
    np.testing.assert_allclose(layer(x, training=True).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_the_chapters_batch_normalisation_has_no_unit_variance(x: np.ndarray) -> None:
    """It divides by √σ where σ is the standard deviation."""
    chapter = (x - x.mean(0)) / np.sqrt(x.std(0))
    ours = layers.BatchNormalization()(x, training=True).numpy()
    np.testing.assert_allclose(ours.std(0), 1, atol=1e-3)
    assert (chapter.std(0) > 1.5).all()


def test_batch_normalisation_after_training_uses_running_statistics(x: np.ndarray) -> None:
    """The chapter knows the batch's statistics only: one sample alone would always become β."""
    layer = layers.BatchNormalization(momentum=0.0)
    layer(x, training=True)
    expected = (x[:1] - x.mean(0)) / np.sqrt(x.var(0) + 1e-3)
    np.testing.assert_allclose(layer(x[:1], training=False).numpy(), expected, rtol=1e-3)


def test_dropout() -> None:
    """Each value is 0 with probability p, else divided by 1 - p, so that the mean stays; nothing happens afterwards
    (Srivastava et al. 2014). A chapter calls it "random flattening"."""
    x, p = np.ones((400, 250), "float32"), 0.3
    y = layers.Dropout(p)(x, training=True).numpy()
    assert sorted(set(y.ravel().tolist())) == pytest.approx([0.0, 1 / (1 - p)])
    assert (y == 0).mean() == pytest.approx(p, abs=0.01) and y.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(layers.Dropout(p)(x, training=False).numpy(), x)


def test_l1_and_l2_penalties() -> None:
    """λ Σ|w| and λ Σ w², with gradients λ sign(w) and 2 λ w."""
    w = np.array([[1.0, -2.0], [3.0, -4.0]], "float32")
    for penalty, value, slope in (("L1", 0.1 * 10, 0.1 * np.sign(w)), ("L2", 0.1 * 30, 0.2 * w)):
        regularizer = getattr(lamina.regularizers, penalty)(0.1)
        assert regularizer(lamina.Tensor(w)).item() == pytest.approx(value)
        np.testing.assert_allclose(lamina.grad(regularizer)(lamina.Tensor(w)).numpy(), slope, rtol=1e-6)


def test_a_penalty_is_told_apart_from_the_loss_of_the_data(x: np.ndarray) -> None:
    """4.3.3 二次惩罚项 lists it as a loss: it is a term added to one."""
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(1, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    target = np.zeros((64, 1), "float32")
    data = float(((model.predict(x, verbose=0) - target) ** 2).mean())
    penalty = 0.01 * float((model.get_weights()[0] ** 2).sum())
    assert model.evaluate(x, target, verbose=0) == pytest.approx(data + penalty, rel=1e-5)
