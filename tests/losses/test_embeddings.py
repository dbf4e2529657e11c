"""Losses of embeddings against loops over samples in NumPy, with their gradients, masks and refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, losses
from lamina.core import ArgumentError, ShapeError

Row = float | None
LABELS = np.array([0, 1, 0, 2, 1, 0, 3])  # 2 and 3 have no partner


def others(labels: np.ndarray, i: int) -> tuple[list[int], list[int]]:
    """Other samples of the class of i, and samples of other classes."""
    near = [j for j in range(len(labels)) if j != i and labels[j] == labels[i]]
    return near, [j for j in range(len(labels)) if labels[j] != labels[i]]


def triplet(margin: float, mining: str, root: bool) -> Callable[..., Row]:
    def of(labels: np.ndarray, z: np.ndarray, i: int) -> Row:
        near, far = others(labels, i)
        d = ((z - z[i]) ** 2).sum(-1) ** (0.5 if root else 1.0)
        if not near or not far:
            return None
        if mining == "hard":
            return max(margin + max(d[near]) - min(d[far]), 0)
        if mining == "all":
            return np.mean([max(margin + d[p] - d[n], 0) for p in near for n in far])
        chosen = {p: [d[n] for n in far if d[n] > d[p]] for p in near}
        return np.mean([max(margin + d[p] - (min(chosen[p]) if chosen[p] else max(d[far])), 0) for p in near])

    return of


def circle(gamma: float, margin: float) -> Callable[..., Row]:
    def of(labels: np.ndarray, z: np.ndarray, i: int) -> Row:
        near, far = others(labels, i)
        s = z @ z[i]  # the paper's form, in similarities
        pull = sum(np.exp(-gamma * max(1 + margin - s[p], 0) * (s[p] - 1 + margin)) for p in near)
        push = sum(np.exp(gamma * max(s[n] + margin, 0) * (s[n] - margin)) for n in far)
        return np.log1p(pull * push) if near and far else None

    return of


def nt_xent(temperature: float) -> Callable[..., Row]:
    def of(labels: np.ndarray, z: np.ndarray, i: int) -> Row:
        near, far = others(labels, i)
        s = np.exp((z @ z[i]) / np.linalg.norm(z, axis=1) / np.linalg.norm(z[i]) / temperature)
        return np.mean([-np.log(s[j] / s[near + far].sum()) for j in near]) if near else None

    return of


CASES: dict[str, tuple[losses.Loss, Callable[..., Row]]] = {
    **{
        f"triplet {mining} {distance}": (
            losses.TripletMargin(1.5, mining, distance),
            triplet(1.5, mining, distance == "euclidean"),
        )
        for mining in ("hard", "semi_hard", "all")
        for distance in ("squared_euclidean", "euclidean")
    },
    "triplet": (losses.TripletMargin(), triplet(0.2, "semi_hard", False)),
    "circle": (losses.Circle(), circle(80.0, 0.4)),
    "mild circle": (losses.Circle(2.0, 0.1), circle(2.0, 0.1)),
    "nt_xent": (losses.NTXent(), nt_xent(0.1)),
    "nt_xent 0.7": (losses.NTXent(0.7), nt_xent(0.7)),
}

SOME = ["triplet", "triplet hard euclidean", "triplet all euclidean", "circle", "nt_xent"]


def unit(z: np.ndarray) -> np.ndarray:
    return z / np.linalg.norm(z, axis=-1, keepdims=True)


def draw(name: str, rng: np.random.Generator) -> np.ndarray:
    z = rng.normal(size=(7, 3))
    return unit(z) if "circle" in name else z


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradient(name: str, rng: np.random.Generator, x64: None) -> None:
    loss, formula = CASES[name]
    z = draw(name, rng)
    rows = [formula(LABELS, z, i) for i in range(7)]
    wanted = np.array([row or 0.0 for row in rows])
    z_ = Tensor(z, "float64")
    assert {1, 3, 6} & {i for i, row in enumerate(rows) if row is None} == {3, 6} and wanted.any()
    np.testing.assert_allclose(loss.call(Tensor(LABELS), z_).numpy(), wanted, rtol=1e-8, atol=1e-10)
    counted = [row for row in rows if row is not None and (row > 0 or "circle" not in name)]
    assert loss(LABELS, z_).item() == pytest.approx(np.mean(counted), rel=1e-8)
    lamina.gradcheck(lambda z: loss(LABELS, z), z)


@pytest.mark.parametrize("name", SOME)
def test_labels_as_a_column_or_as_floats_in_float32(name: str, rng: np.random.Generator) -> None:
    loss, formula = CASES[name]
    z = draw(name, rng).astype("float32")
    wanted = [row or 0.0 for row in (formula(LABELS, z.astype("float64"), i) for i in range(7))]
    for labels in (LABELS[:, None], LABELS.astype("float32"), LABELS.astype("uint8")):
        np.testing.assert_allclose(loss.call(Tensor(labels), Tensor(z)).numpy(), wanted, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("labels", [np.arange(4), np.zeros(1)], ids=["all different", "one"])
@pytest.mark.parametrize("name", SOME)
def test_a_batch_without_partners_costs_nothing_and_has_no_gradient(name: str, labels: np.ndarray) -> None:
    loss = CASES[name][0]
    z = np.random.default_rng(0).normal(size=(len(labels), 3)).astype("float32")
    assert loss(labels, z).item() == 0
    np.testing.assert_array_equal(lamina.grad(lambda z: loss(labels, z))(z).numpy(), 0)


@pytest.mark.parametrize("name", SOME)
def test_equal_embeddings_have_finite_gradients(name: str) -> None:
    found = lamina.grad(lambda z: CASES[name][0](LABELS, z))(np.full((7, 3), 0.57735, "float32")).numpy()
    assert np.isfinite(found).all()


def test_one_class_has_no_triplets() -> None:
    assert losses.TripletMargin()([1, 1, 1], np.eye(3)).item() == 0


def test_far_from_zero_distances_keep_their_digits(rng: np.random.Generator) -> None:
    """|a|² + |b|² - 2ab of vectors near 1000 alone would lose all digits of distances near 1 in float32."""
    z = (1000 + rng.integers(0, 64, (7, 3)) / 32).astype("float32")
    wanted = [triplet(1.5, "all", False)(LABELS, z.astype("float64"), i) or 0.0 for i in range(7)]
    found = losses.TripletMargin(1.5, "all", reduction="none")(LABELS, z).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)


def test_circle_with_references(rng: np.random.Generator, x64: None) -> None:
    z, references = unit(rng.normal(size=(4, 3))), unit(rng.normal(size=(6, 3)))
    labels, ref_labels = np.array([0, 1, 2, 0]), np.array([0, 0, 1, 1, 0, 1])
    s = z @ references.T
    same = labels[:, None] == ref_labels
    for diagonal in (True, False):
        near = same & ~np.eye(4, 6, dtype=bool) if diagonal else same
        pull = (np.exp(-2 * np.maximum(1.4 - s, 0) * (s - 0.6)) * near).sum(1)
        push = (np.exp(2 * np.maximum(s + 0.4, 0) * (s - 0.4)) * ~same).sum(1)
        z_, references_ = Tensor(z, "float64"), Tensor(references, "float64")
        found = losses.circle(labels, z_, ref_labels, references_, diagonal, gamma=2.0)
        np.testing.assert_allclose(found.numpy(), np.log1p(pull * push), rtol=1e-9)


def test_views_are_samples_of_one_class(rng: np.random.Generator, x64: None) -> None:
    z = rng.normal(size=(4, 2, 3))
    for labels in (np.arange(4), np.array([5, 1, 5, 0])):
        flat, repeated = z.reshape(8, 3), np.repeat(labels, 2)
        each = np.array([nt_xent(0.5)(repeated, flat, i) for i in range(8)]).reshape(4, 2).mean(1)
        found = losses.NTXent(0.5, reduction="none")(labels, Tensor(z, "float64")).numpy()
        np.testing.assert_allclose(found, each, rtol=1e-9)
    lamina.gradcheck(lambda z: losses.NTXent(0.5)(np.arange(4), z), z)


def test_pairs(rng: np.random.Generator, x64: None) -> None:
    pairs, y = rng.normal(size=(6, 2, 3)), np.array([0, 1, 1, 0, 1, 0])
    pairs[1, 1], pairs[2, 1] = pairs[1, 0] + 0.3, pairs[2, 0] + 9.0
    d = np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1)
    wanted = (1 - y) * d**2 / 2 + y * np.maximum(2.5 - d, 0) ** 2 / 2
    loss = losses.Contrastive(2.5, reduction="none")
    assert wanted[2] == 0 and wanted[1] > 0
    for labels in (y, y[:, None], y.astype("float32")):
        np.testing.assert_allclose(loss(labels, Tensor(pairs, "float64")).numpy(), wanted, rtol=1e-9)
    lamina.gradcheck(lambda p: losses.contrastive(y, p, 2.5), pairs)
    same = np.ones((1, 2, 3))
    assert loss([1], same).item() == pytest.approx(2.5**2 / 2)
    np.testing.assert_array_equal(lamina.grad(lambda p: losses.Contrastive()([1], p))(same).numpy(), 0)


WRONG = [((5, 2), (5, 3)), ((4,), (5, 3)), ((5,), (5,)), ((5,), (5, 2, 3, 1))]


@pytest.mark.parametrize("name", ["circle", "triplet_margin", "nt_xent"])
@pytest.mark.parametrize(("labels", "embeddings"), WRONG)
def test_other_shapes_are_refused(name: str, labels: tuple[int, ...], embeddings: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=f"{name}: each embedding has one label.*Pass class numbers"):
        losses.get(name)(np.ones(labels), np.ones(embeddings))


@pytest.mark.parametrize(("labels", "pairs"), [*WRONG, ((5,), (5, 3, 2)), ((5, 2), (5, 2, 3))])
def test_other_pairs_are_refused(labels: tuple[int, ...], pairs: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="Contrastive: each pair of embeddings has one label"):
        losses.Contrastive()(np.ones(labels), np.ones(pairs))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: losses.TripletMargin(mining="easy"), "TripletMargin: mining says.*'semi_hard'.*received 'easy'"),
        (lambda: losses.TripletMargin(distance="cosine"), "TripletMargin: distance says.*received 'cosine'"),
        (lambda: losses.triplet_margin([0], [[1.0]], mining="easy"), "TripletMargin: mining says"),
        (lambda: losses.NTXent(0.0), "NTXent: the temperature.*received 0.0"),
    ],
)
def test_arguments_are_checked(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()
