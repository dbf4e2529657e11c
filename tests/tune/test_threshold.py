"""Thresholds: no other one is better, tried one by one; the cost rule is Elkan's where scores are probabilities."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, fbeta_score

from lamina.core import ArgumentError, DataError
from lamina.tune import choose_threshold


def sample(seed: int, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(80) < 0.3).astype(int)
    scores = y + rng.normal(size=80)
    return y, np.round(scores) if ties else scores


def every_cut(scores: np.ndarray) -> np.ndarray:
    distinct = np.unique(scores)
    return np.r_[-np.inf, distinct, np.inf]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_no_threshold_has_a_better_f_score(seed, beta, ties):
    y, scores = sample(seed, ties)
    found = choose_threshold(y, scores, beta=beta)
    best = max(fbeta_score(y, scores >= cut, beta=beta, zero_division=0.0) for cut in every_cut(scores))
    assert found.criterion == pytest.approx(best)
    assert fbeta_score(y, scores >= found.value, beta=beta) == pytest.approx(best)
    assert found.confusion.tolist() == confusion_matrix(y, scores >= found.value).tolist()


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("costs", [[[0, 1], [1, 0]], [[0, 1], [20, 0]], [[-1, 30], [2, -0.5]], [[0, 1000], [1, 0]]])
def test_no_threshold_costs_less(costs, ties):
    y, scores = sample(7, ties)
    found = choose_threshold(y, scores, costs=costs)
    prices = [np.mean(np.array(costs)[y, (scores >= cut).astype(int)]) for cut in every_cut(scores)]
    assert found.criterion == pytest.approx(min(prices))
    assert np.mean(np.array(costs)[y, (scores >= found.value).astype(int)]) == pytest.approx(min(prices))


def test_one_answer_for_all_rows_can_be_best():
    y, scores = sample(0, ties=False)
    assert choose_threshold(y, scores, costs=[[0, 1e6], [1, 0]]).value > scores[y == 0].max()
    assert choose_threshold(y, scores, costs=[[0, 1], [1e6, 0]]).value < scores[y == 1].min()
    nothing = choose_threshold([1, 0], [0.1, 0.9], costs=[[0, 5], [1, 0]])
    assert nothing.value > 0.9 and nothing.confusion.tolist() == [[1, 0], [1, 0]]


def test_probabilities_agree_with_the_rule_from_the_costs():
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    y = (rng.random(200_000) < p).astype(int)
    found = choose_threshold(y, p, costs=[[0, 1], [4, 0]])
    assert found.calibrated == pytest.approx(1 / 5) and found.value == pytest.approx(1 / 5, abs=0.02)
    assert choose_threshold(y, p, costs=[[-1, 1], [4, -4]]).calibrated == pytest.approx(2 / 10)
    assert choose_threshold(y, p).calibrated is None


def test_columns_are_taken():
    y, scores = sample(1, ties=False)
    assert choose_threshold(y[:, None], scores[:, None]).value == choose_threshold(y, scores).value


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        (([0, 1], [0.1, 0.2]), {"costs": [[0, 1], [0, 0]]}, ArgumentError, "wrong answers cost more"),
        (([0, 1], [0.1, 0.2]), {"costs": [0, 1]}, ArgumentError, r"received \[0.0, 1.0\]"),
        (([0, 1], [0.1, 0.2]), {"beta": 0}, ArgumentError, "beta > 0, received 0"),
        (([0, 0], [0.1, 0.2]), {}, DataError, r"received 2 classes of \[0\], 0 bad scores"),
        (([0, 1, 2], [0.1, 0.2, 0.3]), {}, DataError, "both classes occur"),
        (([0, 1], [0.1, 0.2, 0.3]), {}, DataError, "Expected 3 classes"),
        (([0, 1], [0.1, np.nan]), {}, DataError, "1 bad scores"),
    ],
)
def test_refused(arguments, options, error, sentence):
    with pytest.raises(error, match=sentence):
        choose_threshold(*arguments, **options)
