"""(N,) against (N, 1) is understood and logged; everything else that does not fit is refused, never broadcast."""

import logging
from typing import Any

import numpy as np
import pytest

from lamina import losses
from lamina.core import ShapeError

PAIRS = ["mse", "mae", "mape", "msle", "huber", "log_cosh", "poisson", "hinge", "bce", "kld", "cosine_similarity"]


@pytest.mark.parametrize("name", PAIRS)
def test_a_column_and_a_vector_are_the_same(name: str, rng: np.random.Generator, caplog: Any) -> None:
    y, p = (rng.uniform(0.1, 0.9, 5).astype("float32") for _ in range(2))
    loss = losses.get(name)
    wanted = loss(y[:, None], p[:, None], np.arange(5.0)).item()
    with caplog.at_level(logging.INFO, "lamina.losses"):
        assert not caplog.records
        for a, b in ((y, p[:, None]), (y[:, None], p)):
            assert loss(a, b, np.arange(5.0)).item() == pytest.approx(wanted, rel=1e-6)
        assert "labels of shape (5,) are taken as (5, 1)" in caplog.text
    assert loss(y, p, np.arange(5.0)).item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("name", [*PAIRS, "cce"])
@pytest.mark.parametrize(
    ("labels", "predictions"), [((5,), (5, 2)), ((5, 2), (5, 1)), ((5, 1), (5, 2)), ((1, 2), (5, 2)), ((4, 2), (5, 2))]
)
def test_other_shapes_are_refused(name: str, labels: tuple[int, ...], predictions: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="labels"):
        losses.get(name)(np.ones(labels), np.full(predictions, 0.5))


@pytest.mark.parametrize("labels", [(5, 3), (4,), (5, 2)])
def test_sparse_labels_of_other_shapes_are_refused(labels: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="one class number for each sample"):
        losses.get("scce")(np.ones(labels, int), np.full((5, 3), 0.5))


@pytest.mark.parametrize("weights", [(4,), (5, 2), (1, 5), (5, 1, 1)])
def test_weights_of_other_shapes_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="MeanSquaredError: each sample has one weight"):
        losses.MeanSquaredError()(np.ones((5, 3)), np.ones((5, 3)), np.ones(weights))
