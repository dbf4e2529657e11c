"""Beam search against trying every continuation."""

import itertools

import numpy as np
import pytest

from lamina.core import ArgumentError, DataError
from lamina.models.generation import Generator
from models.generation.fakes import Remembering, Table, log_softmax

END, MOST = 0, 4


def every_continuation(model, prompt, penalty, size):
    """All continuations of at most MOST tokens, with their scores, best first."""
    found = []
    for length in range(1, MOST + 1):
        for ids in itertools.product(range(size), repeat=length):
            whole = ids[-1] == END
            if END in ids[:-1] or not whole and length < MOST:
                continue
            total = sum(log_softmax(model.logits([*prompt, *ids[:i]]))[ids[i]] for i in range(length))
            found.append((total / length**penalty, list(ids[:-1] if whole else ids), "stop" if whole else "length"))
    return sorted(found, key=lambda one: -one[0])


class Small(Remembering):
    vocabulary_size = 4

    def __init__(self):
        super().__init__()
        self.out = self.out[:, :4] * 0.7


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0, -0.5])
def test_with_enough_beams_it_is_exhaustive(penalty):
    model, prompts = Small(), [[1, 2, 3], [3]]
    results = Generator(model).beam_search(
        prompts, MOST, beams=81, results=6, length_penalty=penalty, end_token=END
    )  # fmt: skip
    for prompt, found in zip(prompts, results, strict=True):
        expected = every_continuation(model, prompt, penalty, 4)[:6]
        assert [(one.ids, one.finish) for one in found] == [(ids, finish) for _, ids, finish in expected]
        np.testing.assert_allclose([one.score for one in found], [score for score, *_ in expected], rtol=1e-4)


def test_one_beam_without_an_end_is_greedy_and_more_are_not_worse():
    generator, prompt = Generator(Remembering()), [1, 2, 3]
    one = generator.beam_search(prompt, 20, beams=1)[0]
    assert one.ids == generator.generate(prompt, 20, temperature=0).ids
    many = generator.beam_search(prompt, 20, beams=8)
    assert len(many) == 8 and many[0].score > one.score
    assert sorted((m.score for m in many), reverse=True) == [m.score for m in many]
    assert len({tuple(m.ids) for m in many}) == 8


def test_rows_do_not_disturb_each_other_and_nothing_is_compiled_twice():
    generator, prompts = Generator(Remembering()), [[1, 2, 3], [5], [7, 8, 9, 10]]
    together = generator.beam_search(prompts, 12, beams=3, end_token=4)
    assert generator._beams.compilations == 1
    alone = [generator.beam_search(prompt, 12, beams=3, end_token=4) for prompt in prompts]
    assert [[m.ids for m in row] for row in together] == [[m.ids for m in row] for row in alone]
    generator.beam_search([4], 9, beams=3, length_penalty=0.3)
    assert generator._beams.compilations == 2


def test_greedy_misses_what_two_beams_find():
    p = np.array([[0.01, 0.55, 0.44], [0.34, 0.33, 0.33], [0.98, 0.01, 0.01]])  # 0 ends
    generator = Generator(Table(np.log(p)))
    found = generator.beam_search([0], 2, beams=2, length_penalty=0.0, end_token=0)
    assert found[0].ids == [2] and np.isclose(found[0].score, np.log(0.44 * 0.98))


def test_bad_input():
    generator = Generator(Remembering(context=16))
    with pytest.raises(DataError, match="lower max_new_tokens to 14"):
        generator.beam_search([1, 2], 15)
    with pytest.raises(ArgumentError, match="results <= 2"):
        generator.beam_search([1], 4, beams=2, results=3)
    with pytest.raises(ArgumentError, match="beams"):
        generator.beam_search([1], 4, beams=0)
