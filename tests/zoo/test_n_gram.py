"""N-grams against the formulas written with dictionaries: each history is a tuple, each sum is a loop."""

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest

from lamina.core import ArgumentError, DataError, NotBuiltError
from lamina.data.tokenizers import BytePairTokenizer, WhitespaceTokenizer
from lamina.datasets import python_topics
from lamina.metrics import Perplexity
from lamina.zoo import NGramModel

MARK = -1


def texts(seed: int = 0, v: int = 5) -> list[list[int]]:
    """Five rows of a Markov chain whose tokens are not evenly frequent."""
    rng = np.random.default_rng(seed)
    chain = rng.dirichlet(np.full(v, 0.4), size=(v, v))
    rows = []
    for length in (40, 1, 60, 25, 80):
        row = [0, 1]
        while len(row) < length + 2:
            row.append(int(rng.choice(v, p=chain[row[-2], row[-1]])))
        rows.append(row[2:])
    return rows


class KneserNey:
    """Chen and Goodman 1999, equations 2 to 4 and 26, word for word."""

    def __init__(self, rows: list[list[int]], n: int, v: int) -> None:
        self.n, self.v = n, v
        padded = [[MARK] * (n - 1) + row for row in rows]
        raw = [
            Counter(tuple(row[t - k + 1 : t + 1]) for row in padded for t in range(n - 1, len(row)))
            for k in range(1, n + 1)
        ]
        self.counts = [raw[-1]]
        for k in range(n - 1, 0, -1):
            before = Counter(gram[1:] for gram in raw[k])
            self.counts.insert(0, {g: raw[k - 1][g] if g[0] == MARK else before[g] for g in raw[k - 1]})
        self.discounts = [self.estimate(counts) for counts in self.counts]

    @staticmethod
    def estimate(counts: dict) -> list[float]:
        n = [sum(c == i for c in counts.values()) for i in range(5)]
        if all(n[1:]):
            y = n[1] / (n[1] + 2 * n[2])
            d = [0.0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
            if all(0 <= d[i] <= i for i in range(4)):
                return d
        return [0.0, 0.5, 1.0, 1.5]

    def __call__(self, history: tuple[int, ...], w: int) -> float:
        history = history[-self.n + 1 :] if self.n > 1 else ()
        p = 1 / self.v
        for k in range(self.n):
            h = history[len(history) - k :]
            counts = {u: self.counts[k].get((*h, u), 0) for u in range(self.v)}
            total = sum(counts.values())
            if not total:
                break
            taken = {u: self.discounts[k][min(c, 3)] for u, c in counts.items()}
            p = (counts[w] - taken[w]) / total + sum(taken.values()) / total * p
        return p


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_kneser_ney_equals_the_formula(n: int) -> None:
    rows = texts()
    model, wanted = NGramModel(n, vocabulary_size=6).fit(rows), KneserNey(rows, n, 6)
    for row in [*texts(seed=1), *rows[:2], [5, 5, 0, 1, 2], []]:
        padded = [MARK] * (n - 1) + row
        p = [wanted(tuple(padded[:t]), padded[t]) for t in range(n - 1, len(padded))]
        assert model.token_log_probabilities(row) == pytest.approx(np.log(p), abs=1e-12)


def test_estimated_discounts_are_used_where_there_are_enough_grams() -> None:
    reference = KneserNey(texts(), 3, 6)
    assert any(d != [0.0, 0.5, 1.0, 1.5] for d in reference.discounts)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_add_k_equals_the_formula(n: int) -> None:
    rows, k, v = texts(), 0.3, 6
    model = NGramModel(n, "add_k", k, vocabulary_size=v).fit(rows)
    padded = [[MARK] * (n - 1) + row for row in rows]
    counts = Counter(tuple(row[t - n + 1 : t + 1]) for row in padded for t in range(n - 1, len(row)))
    test = [MARK] * (n - 1) + [1, 0, 5, 2, 2, 1, 3]
    for i, t in enumerate(range(n - 1, len(test))):
        gram = tuple(test[t - n + 1 : t + 1])
        total = sum(counts[(*gram[:-1], w)] for w in range(v))
        p = (counts[gram] + k) / (total + k * v)
        assert model.token_log_probabilities(test[n - 1 :])[i] == pytest.approx(math.log(p), abs=1e-12)


@pytest.mark.parametrize("smoothing", ["kneser_ney", "add_k"])
@pytest.mark.parametrize("n", [1, 3, 5])
def test_probabilities_add_up_to_one(smoothing: str, n: int) -> None:
    model = NGramModel(n, smoothing, vocabulary_size=7).fit(texts())
    for context in [(), (0,), (6, 6), (1, 6, 0), *product(range(5), repeat=3), tuple(texts()[0][:20])]:
        p = model.probabilities(context)
        assert abs(p.sum() - 1) < 1e-12 and (p > 0).all()
        for w in (0, 3, 6):  # both ways to a probability agree
            assert math.log(p[w]) == pytest.approx(model.token_log_probabilities([*context, w])[-1], abs=1e-12)


def test_chain_rule_and_one_perplexity_for_all_models() -> None:
    model, row = NGramModel(3).fit(texts()), texts(seed=2)[0]
    steps = [model.probabilities(row[:t]) for t in range(len(row))]
    assert model.log_probability(row) == pytest.approx(sum(math.log(p[w]) for p, w in zip(steps, row, strict=True)))
    metric = Perplexity()
    metric.update_state(np.array([row]), np.array([steps]))
    assert model.perplexity(row) == pytest.approx(metric.result().item(), rel=1e-5)
    both = model.perplexity([row, row[:7]])
    logs = np.concatenate([model.token_log_probabilities(part) for part in (row, row[:7])])
    assert both == pytest.approx(math.exp(-logs.mean()))


def test_it_learns_the_embedded_text() -> None:
    train, validation = python_topics()
    values = [NGramModel(n).fit(train).perplexity(validation) for n in (1, 2, 5)]
    assert values[0] > 20 > values[1] > 8 > 4 > values[2] > 2.5  # per character
    tokenizer = BytePairTokenizer.train(train, 2000)
    model = NGramModel(5, tokenizer=tokenizer).fit(train)
    assert model.perplexity(validation) < 60 and abs(model.probabilities("The ").sum() - 1) < 1e-9
    assert model.perplexity(validation) < NGramModel(5, "add_k", 0.01, tokenizer).fit(train).perplexity(validation) / 5


def test_generated_text() -> None:
    model = NGramModel(4).fit("the cat sat on the mat. the dog sat on the log. " * 5)
    assert model.generate(50, seed=1) == model.generate(50, seed=1) != model.generate(50, seed=2)
    assert isinstance(model.generate(5), str) and len(model.generate(7, prompt="the ")) >= 7
    ids = NGramModel(2).fit([0, 1, 2, 3] * 500).generate(2000, prompt=[3])
    assert np.mean([(a + 1) % 4 == b for a, b in zip(ids, ids[1:], strict=False)]) > 0.99
    rng_p = np.bincount(NGramModel(1).fit([0, 0, 0, 1] * 500).generate(4000)) / 4000
    assert rng_p == pytest.approx([0.75, 0.25], abs=0.03)


def test_words() -> None:
    tokenizer = WhitespaceTokenizer.train("a b c a b d", min_count=1)
    model = NGramModel(2, tokenizer=tokenizer).fit("a b c a b d")
    assert model.vocabulary_size == len(tokenizer) and model.probabilities("a").argmax() == tokenizer.token_to_id("b")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"order": 0}, "order is out of range. Expected at least 1, received 0"),
        ({"smoothing": "good_turing"}, "Expected 'kneser_ney' or 'add_k', received 'good_turing'"),
        ({"k": 0.0}, "k is out of range"),
        ({"vocabulary_size": 0}, "vocabulary_size is out of range"),
    ],
)
def test_arguments(options: dict, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        NGramModel(**options)


def test_refused() -> None:
    for call in ("perplexity", "log_probability", "probabilities"):
        with pytest.raises(NotBuiltError, match="Call fit first"):
            getattr(NGramModel(), call)([1, 2])
    with pytest.raises(NotBuiltError):
        NGramModel().generate(3)
    for nothing in ("", [], [""], [[]]):
        with pytest.raises(DataError, match="there must be tokens to count"):
            NGramModel().fit(nothing)
    model = NGramModel(2).fit([0, 1, 2])
    with pytest.raises(DataError, match="perplexity is a mean over tokens"):
        model.perplexity([[]])
    for wrong in ([3], [-1], [0.5], "text"):
        with pytest.raises(DataError, match=r"a text is a row of token ids of the vocabulary. Expected .* from 0 to 2"):
            model.log_probability(wrong)
