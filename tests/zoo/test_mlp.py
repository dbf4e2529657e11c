"""A hidden layer learns what no line can separate, and handwritten digits."""

import numpy as np
import pytest

import lamina
from lamina import datasets
from lamina.core import ArgumentError
from lamina.zoo import MLP, linear_separability

X, Y = datasets.synthetic.xor(4, noise=0.0)


def trained_on_xor(seed: int) -> MLP:
    lamina.set_seed(seed)
    model = MLP([2, 4, 1], activation="tanh", output_activation="sigmoid")
    model.compile(lamina.optimizers.Adam(0.1), "binary_crossentropy")
    model.fit(X, Y, batch_size=4, epochs=300, verbose=0)
    return model


@pytest.mark.slow
def test_2_4_1_learns_exclusive_or_from_nine_of_ten_seeds():
    models = [trained_on_xor(seed) for seed in range(10)]
    solved = [model for model in models if ((model.predict(X)[:, 0] > 0.5) == Y).all()]
    assert len(solved) >= 9
    hidden = np.asarray(solved[0].hidden[0](X))
    assert not linear_separability(X, Y).separable and linear_separability(hidden, Y).separable


def test_digits():
    (x, y), (x_test, y_test) = datasets.digits()
    model = MLP([64, 256, 128, 10], dropout=0.4)
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = lamina.optimizers.schedules.CosineDecay(3e-3, decay_steps=60 * 45)
    model.compile(lamina.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(x.reshape(-1, 64) / 16.0, y, epochs=60, verbose=0)
    _, accuracy = model.evaluate(x_test.reshape(-1, 64) / 16.0, y_test, verbose=0)
    assert accuracy >= 0.97


def test_sizes_and_parts():
    model = MLP([3, 5, 4, 2], activation="elu", dropout=0.5)
    assert [w.shape for w in model.get_weights()] == [(3, 5), (5,), (5, 4), (4,), (4, 2), (2,)]
    assert MLP([3, 2]).count_params() == 8
    with pytest.raises(ArgumentError, match="at least two sizes"):
        MLP([3])


def test_it_can_be_saved(tmp_path):
    model = MLP([2, 4, 3], activation="tanh")
    model.save(tmp_path / "mlp.lamina")
    assert np.array_equal(lamina.load_model(tmp_path / "mlp.lamina").predict(X), model.predict(X))
