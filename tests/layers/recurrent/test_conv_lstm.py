import numpy as np
import pytest

from lamina.core import ShapeError
from lamina.core.symbolic import Symbol
from lamina.layers import LSTM, ConvLSTM1D, ConvLSTM2D


def test_on_images_of_one_point_it_is_an_lstm(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 4, 3))
    lstm, conv = LSTM(2, return_sequences=True), ConvLSTM2D(2, 1, return_sequences=True)
    expected = lstm(x)
    conv(x[:, :, None, None])
    conv.set_weights([w if w.ndim == 1 else w[None, None] for w in lstm.get_weights()])
    np.testing.assert_allclose(conv(x[:, :, None, None])[:, :, 0, 0], expected, rtol=1e-5, atol=1e-6)


def test_channels_first_with_states(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 4, 6))
    last, first = ConvLSTM1D(2, 3, return_state=True), ConvLSTM1D(2, 3, return_state=True, data_format="channels_first")
    _, *states = last(np.moveaxis(x, 2, -1))
    first(x)
    first.set_weights(last.get_weights())
    expected = last(np.moveaxis(x, 2, -1), initial_state=states)
    found = first(x, initial_state=[np.moveaxis(state.numpy(), -1, 1) for state in states])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.moveaxis(one.numpy(), 1, -1), other, rtol=1e-5, atol=1e-6)


def test_the_size_of_the_images_is_known() -> None:
    with pytest.raises(ShapeError, match="must be known"):
        ConvLSTM2D(2, 3)(Symbol((None, 3, None, 5, 1), "float32"))
