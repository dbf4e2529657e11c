import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ShapeError
from lamina.layers import PositionEmbedding, RotaryEmbedding, SinePositionEncoding


@pytest.mark.parametrize("layer", [PositionEmbedding(9), SinePositionEncoding(100), RotaryEmbedding()], ids=repr)
def test_a_later_start_and_given_positions_are_parts_of_the_whole(
    layer: lamina.layers.Layer, rng: np.random.Generator
) -> None:
    """What step by step decoding relies on, also with a start that is known in the program only."""
    x = rng.normal(size=(2, 6, 4)).astype("float32")
    whole = layer(x)
    np.testing.assert_allclose(layer(x[:, 3:], start_index=3), whole[:, 3:], rtol=1e-5, atol=1e-6)
    started = lamina.compile(lambda x, start: layer(x, start_index=start))
    np.testing.assert_allclose(started(x[:, 3:], np.int32(3)), whole[:, 3:], rtol=1e-5, atol=1e-5)
    rows = [[5, 0], [2, 2]]
    picked = layer(Tensor(np.stack([x[n, row] for n, row in enumerate(rows)])), positions=np.array(rows))
    for n, row in enumerate(rows):
        np.testing.assert_allclose(picked[n], whole.numpy()[n, row], rtol=1e-5, atol=1e-5)


def test_layers_are_their_formulas(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_array_equal(SinePositionEncoding()(x)[1], ops.sinusoidal_positions(3, 4))
    stretched = RotaryEmbedding(max_wavelength=50, scaling_factor=2.0)(x)
    np.testing.assert_allclose(stretched, ops.rotary_embedding(x, [0, 0.5, 1], base=50.0), rtol=1e-6)
    across = RotaryEmbedding(sequence_axis=-1, feature_axis=1)(x.transpose(0, 2, 1))
    np.testing.assert_allclose(across, RotaryEmbedding()(x).transpose(0, 2, 1), rtol=1e-6)
    learned = PositionEmbedding(5)
    np.testing.assert_array_equal(learned(x)[0], learned.embeddings[:3])


def test_there_is_no_vector_beyond_the_last_place() -> None:
    layer = PositionEmbedding(3)
    with pytest.raises(ShapeError, match="every place"):
        layer(np.ones((1, 4, 2)))
    with pytest.raises(ShapeError, match="at most 3 places, received 4"):
        layer(np.ones((1, 2, 2)), start_index=2)
