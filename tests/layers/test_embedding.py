import numpy as np
import pytest

import lamina
from lamina.core import DataError, gradients
from lamina.layers import Embedding, Input, ReversibleEmbedding


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


@pytest.mark.parametrize("cap", [None, 2.0])
@pytest.mark.parametrize("tied", [True, False])
def test_the_way_back_is_a_product_with_the_table(rng: np.random.Generator, tied: bool, cap: float | None) -> None:
    table, x = rng.normal(size=(5, 3)), rng.normal(size=(2, 4, 3))
    layer = ReversibleEmbedding(5, 3, weights=table, tie_weights=tied, logit_soft_cap=cap)
    assert layer(Input((4, 3)), reverse=True).shape == (None, 4, 5)
    scores = x @ (table.T if tied else layer.reverse_embeddings.numpy())
    expected = scores if cap is None else cap * np.tanh(scores / cap)
    np.testing.assert_allclose(layer(x, reverse=True), expected, rtol=1e-4, atol=1e-5)
    assert layer.count_params() == 15 * (1 if tied else 2)


def test_both_ways_share_one_gradient() -> None:
    layer = ReversibleEmbedding(3, 2, weights=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    layer(layer(lamina.Tensor([[0]])), reverse=True).sum().backward()  # Σ_v e_0 · e_v
    np.testing.assert_array_equal(layer.embeddings.grad, [[3.0, 2.0], [1.0, 0.0], [1.0, 0.0]])


def test_number_types_of_the_way_back() -> None:
    layer = ReversibleEmbedding(3, 2, dtype="mixed_bfloat16")
    assert layer(np.zeros((1, 2), "float32"), reverse=True).dtype == "bfloat16"
    wide = ReversibleEmbedding(3, 2, dtype="mixed_bfloat16", reverse_dtype="float32")
    assert wide(wide(np.array([[1]])), reverse=True).dtype == "float32"
