"""CTC as a loss: lengths from the padding, values by enumeration of all paths, gradients by central differences."""

import itertools

import numpy as np
import pytest

import lamina
from lamina import Tensor, losses
from lamina.core import ShapeError


def by_enumeration(labels: list[int], logits: np.ndarray) -> float:
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    paths = itertools.product(range(logits.shape[1]), repeat=len(logits))
    spell = [path for path in paths if [k for k, _ in itertools.groupby(path) if k] == labels]
    return -np.log(sum(np.prod([p[t, k] for t, k in enumerate(path)]) for path in spell))


ROWS = [[1, 2, 0], [3, 0, 0], [0, 0, 0], [2, 2, 0], [1, 3, 1]]


@pytest.mark.parametrize("kind", ["int32", "float32"])
def test_values_and_gradient(kind: str, rng: np.random.Generator, x64: None) -> None:
    logits = rng.normal(size=(5, 5, 4)) * 2
    labels = np.array(ROWS, kind)
    wanted = [by_enumeration([k for k in row if k], z) for row, z in zip(ROWS, logits, strict=True)]
    z = Tensor(logits, "float64")
    np.testing.assert_allclose(losses.CTC(reduction="none")(labels, z).numpy(), wanted, rtol=1e-10)
    assert losses.CTC()(labels, z, [1.0, 0.0, 2.0, 1.0, 1.0]).item() == pytest.approx(
        np.dot(wanted, [1, 0, 2, 1, 1]) / 5
    )
    lamina.gradcheck(lambda z: losses.ctc(labels, z), logits)


def test_one_path_is_the_cross_entropy(rng: np.random.Generator) -> None:
    """As many frames as labels: only one alignment is left."""
    logits = rng.normal(size=(1, 3, 4)).astype("float32")
    labels = np.array([[1, 2, 3]])
    wanted = losses.SparseCategoricalCrossentropy(True, reduction="sum")(labels, logits).item()
    assert losses.CTC()(labels, logits).item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(("labels", "logits"), [((5,), (5, 4, 3)), ((5, 2), (5, 3)), ((4, 2), (5, 4, 3)), ((5,), (5,))])
def test_other_shapes_are_refused(labels: tuple[int, ...], logits: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="ctc_loss: each sample has a row of labels"):
        losses.CTC()(np.ones(labels), np.zeros(logits))
