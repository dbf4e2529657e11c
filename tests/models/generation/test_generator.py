"""Generation from models whose probabilities are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError
from lamina.models.generation import Generator
from models.generation.fakes import Bytes, Remembering, Table, recite

CYCLE = Table(np.eye(6)[[1, 2, 3, 4, 5, 0]] * 40)  # after i comes i + 1
PROMPTS = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10, 11], [12, 0]]


def greedy_by_formula(model, ids, count):
    ids = list(ids)
    for _ in range(count):
        ids.append(int(model.logits(ids).argmax()))
    return ids[-count:]


def test_greedy_is_the_formula_token_by_token():
    model = Remembering()
    found = Generator(model).generate([3, 1, 4], max_new_tokens=50, temperature=0)
    assert found.ids == greedy_by_formula(model, [3, 1, 4], 50)
    assert found.finish == "length" and found.text is None


def test_a_batch_of_unequal_prompts_is_each_prompt_alone():
    generator = Generator(Remembering())
    together = generator.generate(PROMPTS, max_new_tokens=40, temperature=0)
    assert [one.ids for one in together] == [generator.generate(p, 40, temperature=0).ids for p in PROMPTS]
    assert len({tuple(one.ids) for one in together}) == 4


def test_no_second_compilation_for_the_same_bucket():
    generator = Generator(Remembering())
    generator.generate([1, 2, 3], 28, temperature=0.5, top_p=0.9)
    list(generator.stream([1, 2, 3, 4, 5], 25, temperature=1.5, top_p=0.5, seed=3))
    generator.generate([4], 20, temperature=0.1, top_p=0.8)
    assert generator.decoding.compilations == {"prefill": 1, "chunk": 1}
    generator.generate([4], 20, temperature=0)
    assert generator.decoding.compilations == {"prefill": 2, "chunk": 2}


def test_frequencies_of_the_text_are_those_of_the_model():
    logits = np.random.default_rng(0).normal(size=(4, 4))
    ids = np.array(Generator(Table(logits)).generate([0], 8000, temperature=0.8, seed=1).ids)
    pairs = np.zeros((4, 4))
    np.add.at(pairs, (ids[:-1], ids[1:]), 1)
    p = np.exp(logits / 0.8) / np.exp(logits / 0.8).sum(axis=1, keepdims=True)
    expected = pairs.sum(axis=1, keepdims=True) * p
    assert ((pairs - expected) ** 2 / expected).sum() < 32.9  # chi-square, 12 degrees of freedom, 99.9 %


def test_seeds():
    generator = Generator(Table(np.zeros((50, 50))))
    lamina.set_seed(1)
    first, second = generator.generate([0], 20).ids, generator.generate([0], 20).ids
    lamina.set_seed(1)
    assert first == generator.generate([0], 20).ids != second
    same = [generator.generate([0], 20, seed=5).ids for _ in range(2)]
    assert same[0] == same[1] != generator.generate([0], 20, seed=6).ids
    rows = generator.generate([[0], [0]], 20, seed=5)
    assert rows[0].ids == same[0] != rows[1].ids


def test_repetition_penalty_counts_the_prompt_and_the_new_tokens():
    model = Table(np.tile([3.0, 2.9, 2.8, 2.7, 1.0], (5, 1)))
    assert Generator(model).generate([1], 4, temperature=0, repetition_penalty=1.5).ids == [0, 2, 3, 0]


def test_stop_ids_end_each_row_for_itself():
    generator = Generator(CYCLE)
    results = generator.generate([[0], [3]], 9, temperature=0, stop=[5, 2])
    assert [(r.ids, r.finish) for r in results] == [([1], "stop"), ([4], "stop")]
    assert generator.generate([0], 4, stop=5, temperature=0) == ([1, 2, 3, 4], None, "length", None)


def test_stop_strings_end_the_ids_where_they_end():
    text = "abcdef. ghijk"
    generator = Generator(recite(text), Bytes())
    found = generator.generate("a", 40, temperature=0, stop=["f. ", "zz"])
    assert found.text == "bcde" and found.finish == "stop" and bytes(found.ids) == b"bcdef. "
    assert generator.generate("a", 40, temperature=0, stop=0).text == text[1:]


def test_a_special_token_ends_a_text_by_its_name():
    class WithEnd(Bytes):
        special_tokens = ("<end>",)

        def token_to_id(self, token):
            return self.special_tokens.index(token)

    found = Generator(recite("abc"), WithEnd()).generate("a", 40, temperature=0, stop=["<end>", "zz"])
    assert found.text == "bc" and found.finish == "stop"


def test_a_stream_is_the_whole_text_in_whole_characters():
    text = "x深度é🙂!"
    generator = Generator(recite(text), Bytes())
    pieces = list(generator.stream("x", 40, temperature=0, stop=["!"]))
    assert "".join(pieces) == text[1:-1] == generator.generate("x", 40, temperature=0, stop="!").text
    assert len(pieces) > 1 and "\ufffd" not in "".join(pieces)
    ids = list(Generator(CYCLE).stream([0], 20, temperature=0))
    assert sum(ids, []) == [i % 6 for i in range(1, 21)] and len(ids) == 4


def test_beyond_the_context_the_last_half_is_read_again():
    model = Remembering(context=16)
    found = Generator(model).generate([1, 2, 3], 40, temperature=0).ids
    ids, start = [1, 2, 3], 0
    while len(ids) < 43:
        start = len(ids) - 8 if len(ids) - start > 16 else start
        ids.append(int(model.logits(ids[start:]).argmax()))
    assert found == ids[3:]


def test_memory_does_not_grow_with_the_tokens():
    def in_use():
        return sum(array.nbytes for array in jax.live_arrays())

    stream = Generator(Remembering(context=256)).stream([1, 2, 3], 250, temperature=0.5, seed=0)
    sizes = [in_use() for _ in stream]
    assert len(sizes) > 30 and len(set(sizes[2:])) == 1


def test_a_prompt_that_fills_the_context():
    model = Remembering(context=16)
    prompt = [i % 13 for i in range(16)]
    assert Generator(model).generate(prompt, 1, temperature=0).ids == greedy_by_formula(model, prompt, 1)


def test_a_source_reaches_the_cache():
    class Told(Table):
        def initial_cache(self, rows, length, source):
            return source

        def step(self, tokens, cache, position):
            return jnp.eye(6)[cache] * 30.0, cache

    generator = Generator(Told(np.zeros((6, 6))))
    results = generator.generate([[0], [0]], 3, source=np.array([4, 2]))
    assert [r.ids for r in results] == [[4, 4, 4], [2, 2, 2]]
    assert generator.beam_search([0], 2, beams=2, source=np.array([3]))[0].ids == [3, 3]


@pytest.mark.parametrize(
    ("prompt", "settings", "error", "words"),
    [
        ([], {}, DataError, "at least one token"),
        ("", {}, DataError, "at least one token"),
        ([3, 13], {}, DataError, "received 13 at place 1 of row 0"),
        ([[1], [-1]], {}, DataError, "received -1 at place 0 of row 1"),
        ([0.5], {}, DataError, "whole numbers"),
        (list(range(13)) * 2, {}, DataError, "at most 16 tokens"),
        ([1], {"temperature": -1}, ArgumentError, "temperature"),
        ([1], {"top_p": 1.5}, ArgumentError, "top_p"),
        ([1], {"max_new_tokens": 0}, ArgumentError, "max_new_tokens"),
        ([1], {"stop": 1.5}, ArgumentError, "strings or ids"),
    ],
)
def test_bad_input(prompt, settings, error, words):
    with pytest.raises(error, match=words):
        Generator(Remembering(context=16), Bytes()).generate(prompt, **settings)


def test_text_without_a_tokenizer_and_several_streams():
    with pytest.raises(ArgumentError, match="tokenizer"):
        Generator(CYCLE).generate("a")
    with pytest.raises(ArgumentError, match="tokenizer"):
        Generator(CYCLE).generate([0], stop="a")
    with pytest.raises(ArgumentError, match="one prompt"):
        Generator(CYCLE).stream([[0], [1]])


def test_a_model_that_gives_nan_is_an_error():
    with pytest.raises(DataError, match="NaN in row 0"):
        Generator(Table(np.full((3, 3), np.nan))).generate([0], 5)
    with pytest.raises(DataError, match="NaN"):
        Generator(Table(np.full((3, 3), np.nan))).beam_search([0], 5)
