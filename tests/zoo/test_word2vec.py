"""Word vectors: pairs against a loop, gradients' outcome on text in which synonyms were planted."""

from collections import Counter

import numpy as np
import pytest

from lamina.core import ArgumentError, DataError
from lamina.zoo import Word2Vec, skip_grams

GROUPS, SYNONYMS, NEIGHBOURS = 6, 2, 4  # words 2 g and 2 g + 1 are synonyms; group g has 4 neighbours of its own
V = GROUPS * (SYNONYMS + NEIGHBOURS)


def planted(count: int) -> list[list[int]]:
    rng = np.random.default_rng(0)
    documents = []
    for _ in range(count):
        group = int(rng.integers(GROUPS))
        near = GROUPS * SYNONYMS + group * NEIGHBOURS + rng.integers(NEIGHBOURS, size=4)
        documents.append([*near[:2].tolist(), int(group * SYNONYMS + rng.integers(SYNONYMS)), *near[2:].tolist()])
    return documents


def test_pairs() -> None:
    documents = [[0, 1, 2, 3], [4], [2, 2]]
    wanted = Counter(
        (document[i], document[j])
        for document in documents
        for i in range(len(document))
        for j in range(len(document))
        if i != j and abs(i - j) <= 2
    )
    data = skip_grams(documents, 5, window=2, negatives=3, batch_size=3)
    for epoch in (0, 1):
        batches = list(data.epoch(epoch))
        found = Counter(
            (int(w), int(c)) for x, _ in batches for w, c in zip(x["word"], x["context"][:, 0], strict=True)
        )
        assert found == wanted - (wanted - found) and sum(found.values()) == 12 == sum(wanted.values())
        assert len(batches) == len(data) == 4
        assert all(x["context"].shape == y.shape == (3, 4) and y.sum() == 3 for x, y in batches)
    assert not np.array_equal(next(data.epoch(0))[0]["word"], next(data.epoch(1))[0]["word"])


def test_random_words_are_drawn_by_frequency() -> None:
    document = [0] * 81 + [1] * 16 + [2] * 3
    drawn = np.concatenate(
        [x["context"][:, 1:].ravel() for x, _ in skip_grams([document], 4, 1, negatives=50, batch_size=18)]
    )
    powers = np.array([81, 16, 3, 0]) ** 0.75
    assert np.bincount(drawn, minlength=4) / len(drawn) == pytest.approx(powers / powers.sum(), abs=0.02)


def test_synonyms_are_nearest() -> None:
    model = Word2Vec(V, units=16)
    model.fit(skip_grams(planted(600), V, window=4, negatives=4, batch_size=128), epochs=4, verbose=0)
    for word in range(GROUPS * SYNONYMS):
        group_words = [i for i, _ in model.nearest(word, V) if i < GROUPS * SYNONYMS]
        assert group_words[0] == word ^ 1  # of all such words the other one of its group
    (_, closest), *_ = model.nearest(0, 1)
    assert closest <= 1 + 1e-6 and len(model.nearest(0, 3)) == 3


def test_logits_are_products_of_vectors() -> None:
    model = Word2Vec(5, units=3)
    tables = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    model.set_weights(list(tables))
    x = {"word": np.array([4, 0]), "context": np.array([[1, 2], [3, 0]])}
    wanted = np.einsum("nu,nku->nk", tables[0][x["word"]], tables[1][x["context"]])
    assert np.allclose(model.predict(x, verbose=0), wanted, atol=1e-6)


def test_refused() -> None:
    with pytest.raises(DataError, match="Expected at least 256 pairs of ids from 0 to 4, received 2 pairs"):
        skip_grams([[0, 1]], 5)
    with pytest.raises(DataError, match="received 2 pairs of ids from 0 to 7"):
        skip_grams([[0, 7]], 5, batch_size=1)
    with pytest.raises(DataError, match="received 0 pairs"):
        skip_grams([[1], []], 5, batch_size=1)
    with pytest.raises(ArgumentError, match="Expected an id from 0 to 4, received 5"):
        Word2Vec(5).nearest(5)
