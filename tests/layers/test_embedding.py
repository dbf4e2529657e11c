import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, gradients
from lamina.layers import Embedding, Input


def test_rows_are_read_by_number(rng: np.random.Generator) -> None:
    table, ids = rng.normal(size=(5, 3)), rng.integers(0, 5, (2, 4))
    layer = Embedding(5, 3, weights=table)
    np.testing.assert_allclose(layer(ids), table[ids], rtol=1e-6)


def test_the_gradient_of_a_repeated_id_is_the_sum(rng: np.random.Generator) -> None:
    ids, g = np.array([[1, 1], [3, 1]]), rng.normal(size=(2, 2, 2))
    layer = Embedding(4, 2)
    objective = (layer(ids) * g).sum()
    (found,) = gradients(objective, [layer.embeddings])
    expected = np.zeros((4, 2))
    np.add.at(expected, ids, g)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("wrong", [4, -1])
def test_ids_outside_the_table(wrong: int) -> None:
    layer, ids = Embedding(4, 2, name="e"), lamina.Tensor([[0, 1], [2, wrong]])
    with pytest.raises(DataError, match=rf"Embedding 'e'.*Expected 0 \.\.\. 3, received {wrong} at \(1, 1\)"):
        layer(ids)
    compiled = lamina.compile(layer)
    compiled(lamina.Tensor([[0, 1], [2, 3]]))
    y = compiled(ids).numpy()
    assert np.isnan(y[1, 1]).all() and np.isfinite(y[0]).all() and np.isfinite(y[1, 0]).all()


def test_large_ids_stay_whole_in_mixed_precision() -> None:
    layer = Embedding(400, 1, weights=np.arange(400.0)[:, None], dtype="mixed_bfloat16")
    assert layer(np.array([257.0, 259.0], "float32")).tolist() == [[256.0], [260.0]]  # 257 and 259 as bfloat16


def test_a_float_symbol_may_stand_for_ids() -> None:
    assert Embedding(10, 4)(Input((None,))).shape == (None, None, 4)


def test_masks_are_refused() -> None:
    with pytest.raises(ArgumentError, match="Expected mask_zero=False, received True"):
        Embedding(4, 2, mask_zero=True)
