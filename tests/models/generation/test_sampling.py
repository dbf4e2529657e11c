"""Choosing a token: the formulas in NumPy, and the frequencies of many draws."""

import jax.numpy as jnp
import numpy as np
import pytest

from lamina.core import ArgumentError, random_scope
from lamina.core.random import next_key
from lamina.models.generation import draw, keep_top_k, keep_top_p, penalize, sampling_of

LOGITS = np.random.default_rng(1).normal(size=(5, 12)).astype(np.float32) * 2


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def key(step=0):
    with random_scope(3, step):
        return next_key("test")


def chi_square(tokens, probabilities):
    """The statistic over classes with mass, and its 99.9 % bound by Wilson and Hilferty's formula."""
    counts = np.bincount(tokens, minlength=len(probabilities))
    assert counts[probabilities == 0].sum() == 0
    counts, probabilities = counts[probabilities > 0], probabilities[probabilities > 0]
    expected = probabilities * len(tokens)
    freedom = len(counts) - 1
    bound = freedom * (1 - 2 / (9 * freedom) + 3.09 * np.sqrt(2 / (9 * freedom))) ** 3
    return ((counts - expected) ** 2 / expected).sum(), bound


def test_top_k_is_the_k_largest():
    values, ids = map(np.asarray, keep_top_k(jnp.asarray(LOGITS), 4))
    assert np.array_equal(ids, np.argsort(-LOGITS, axis=1, kind="stable")[:, :4])
    assert np.array_equal(values, np.take_along_axis(LOGITS, ids, axis=1))
    assert keep_top_k(jnp.asarray(LOGITS), 99)[0].shape == LOGITS.shape


@pytest.mark.parametrize("p", [1e-6, 0.3, 0.9, 1.0])
def test_top_p_is_the_smallest_set_that_reaches_p(p):
    kept = np.isfinite(np.asarray(keep_top_p(jnp.asarray(LOGITS), p)))
    for row, probabilities in zip(kept, softmax(LOGITS.astype(np.float64)), strict=True):
        order = np.argsort(-probabilities)
        size = next(n for n in range(1, 13) if probabilities[order[:n]].sum() >= p - 1e-7)
        assert set(np.flatnonzero(row)) == set(order[:size])


def test_top_p_keeps_equals_together_and_masked_tokens_out():
    kept = keep_top_p(jnp.array([[0.0, 0.0, -jnp.inf, -9.0]]), 0.4)
    assert np.isfinite(np.asarray(kept)).tolist() == [[True, True, False, False]]


def test_repetition_penalty_is_the_formula():
    seen = np.random.default_rng(2).random(LOGITS.shape) < 0.5
    expected = np.where(seen, np.where(LOGITS > 0, LOGITS / 1.3, LOGITS * 1.3), LOGITS)
    np.testing.assert_allclose(penalize(jnp.asarray(LOGITS), jnp.asarray(seen), 1.3), expected, rtol=1e-6)


def test_draws_have_the_frequencies_of_the_softmax():
    logits = jnp.tile(jnp.asarray(LOGITS[:1]), (40_000, 1))
    statistic, bound = chi_square(np.asarray(draw(logits, key())), softmax(LOGITS[0].astype(np.float64)))
    assert statistic < bound
    wrong, _ = chi_square(np.asarray(draw(logits * 1.1, key())), softmax(LOGITS[0].astype(np.float64)))
    assert wrong > bound  # the test sees a temperature of 0.9


def test_rare_tokens_are_drawn_as_often_as_they_should_be():
    logits = jnp.tile(jnp.log(jnp.array([[1 - 1e-4, 1e-4]])), (400_000, 1))
    assert 15 < int(np.asarray(draw(logits, key())).sum()) < 75  # 40 expected, deviation 6.3


def test_temperature_top_k_and_top_p_together():
    rules = sampling_of(temperature=0.7, top_k=6, top_p=0.8)
    tokens = np.asarray(rules.choose(jnp.tile(jnp.asarray(LOGITS[1:2]), (40_000, 1)), key(), None))
    scaled = LOGITS[1].astype(np.float64) / 0.7
    order = np.argsort(-scaled)[:6]
    among = softmax(scaled[order])
    size = 1 + int((np.cumsum(among) < 0.8).sum())
    expected = np.zeros(12)
    expected[order[:size]] = among[:size] / among[:size].sum()
    statistic, bound = chi_square(tokens, expected)
    assert 1 < size < 6 and statistic < bound


def test_greedy_takes_the_most_probable_and_nan_is_seen():
    logits = jnp.asarray(LOGITS).at[2, 3].set(jnp.nan)
    chosen = np.asarray(sampling_of(temperature=0, top_k=1).choose(logits, key(), None))
    assert chosen.tolist() == [*LOGITS[:2].argmax(axis=1), -2, *LOGITS[3:].argmax(axis=1)]


def test_one_candidate_is_always_taken():
    rules = sampling_of(top_k=1)
    for step in range(3):
        assert np.array_equal(rules.choose(jnp.asarray(LOGITS), key(step), None), LOGITS.argmax(axis=1))


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": -0.1}, {"temperature": float("nan")}, {"top_k": 0}, {"top_k": 2.5}, {"top_p": 0.0},
     {"top_p": 1.01}, {"repetition_penalty": 0.0}],
)  # fmt: skip
def test_settings_out_of_bounds(wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong)).split("_k")[0]):
        sampling_of(**wrong)
