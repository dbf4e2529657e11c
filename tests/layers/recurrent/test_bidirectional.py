import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError
from lamina.layers import GRU, LSTM, Bidirectional
from lamina.layers.masks import with_mask


def test_a_reversed_sequence_gives_the_same_with_the_directions_exchanged(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 5, 4))
    layer = Bidirectional(GRU(3, return_sequences=True))
    y = layer(x).numpy()
    weights = layer.get_weights()
    layer.set_weights([*weights[3:], *weights[:3]])
    mirrored = layer(x[:, ::-1]).numpy()[:, ::-1]
    np.testing.assert_allclose(mirrored, np.concatenate([y[..., 3:], y[..., :3]], -1), rtol=1e-5, atol=1e-6)


def test_padding_is_skipped_from_both_ends(rng: np.random.Generator) -> None:
    x, mask = rng.normal(size=(1, 5, 4)), np.array([[True, True, True, False, False]])
    layer = Bidirectional(LSTM(3, return_sequences=True, return_state=True))
    padded, *states = layer(with_mask(lamina.Tensor(x), lamina.Tensor(mask)))
    short, *expected = layer(x[:, :3])
    np.testing.assert_allclose(padded[:, :3], short, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(padded[:, 3:], 0)
    np.testing.assert_array_equal(padded.mask, mask)
    for one, other in zip(states, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_first_weights_and_names() -> None:
    weights = [np.full(shape, i) for i, shape in enumerate([(4, 3), (1, 3), (2, 3)] * 2)]
    layer = Bidirectional(GRU(1, name="reader"), weights=weights)
    layer(np.zeros((1, 2, 4)))
    assert [float(w.max()) for w in layer.get_weights()] == [0, 1, 2, 3, 4, 5]
    assert (layer.forward_layer.name, layer.backward_layer.name) == ("forward_reader", "backward_reader")
    again = lamina.layers.get({"class_name": "Bidirectional", "config": layer.get_config()})
    assert again.get_config() == layer.get_config() and again.backward_layer.go_backwards


def test_a_stateful_pair_is_reset_together(rng: np.random.Generator) -> None:
    layer, x = Bidirectional(GRU(2, stateful=True)), rng.normal(size=(2, 3, 4))
    first = layer(x).numpy()
    assert (layer(x).numpy() != first).all()
    layer.reset_state()
    np.testing.assert_array_equal(layer(x), first)


@pytest.mark.parametrize("other", [GRU(2), GRU(2, go_backwards=True, return_sequences=True)])
def test_the_two_layers_fit_together(other: GRU) -> None:
    with pytest.raises(ArgumentError, match="differ in go_backwards, and are alike"):
        Bidirectional(GRU(2), backward_layer=other)
