"""GPT by itself: its cache, its causality, its sizes, and that it learns."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, ShapeError, UnknownNameError
from lamina.data.tokenizers import CharacterTokenizer
from lamina.models.generation.decoding import arrays
from lamina.zoo import GPT

TOKENS = np.random.default_rng(0).integers(0, 17, (3, 12)).astype(np.int32)


@pytest.fixture(scope="module")
def model():
    lamina.set_seed(0)
    model = GPT(vocabulary_size=17, layers=2, heads=2, width=8, context=16)
    rng = np.random.default_rng(1)
    model.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def test_cached_logits_are_the_uncached_ones(model):
    whole, lengths = model.predict(TOKENS), jnp.array([5, 1, 9])
    step = jax.jit(lambda *state: arrays(model.step(*state)))
    read = jax.jit(lambda tokens, lengths: arrays(model.prefill(tokens, lengths, model.initial_cache(3, 16))))
    logits, cache = read(TOKENS, lengths)
    rows = np.arange(3)
    np.testing.assert_allclose(logits, whole[rows, lengths - 1], atol=1e-5)
    for i in range(3):  # each row goes on from its own length, over what stood behind it
        logits, cache = step(TOKENS[rows, lengths + i], cache, lengths + i)
        np.testing.assert_allclose(logits, whole[rows, lengths + i], atol=1e-5)
    assert np.abs(whole).max() > 0.5


def test_unequal_prompts_together_are_each_alone(model):
    prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9]]
    together = model.generate(prompts, 20, temperature=0)
    assert [one.ids for one in together] == [model.generate(p, 20, temperature=0).ids for p in prompts]
    ids = prompts[2] + together[2].ids
    for n in range(5, 16):
        assert ids[n] == model.predict(np.pad([ids[:n]], [(0, 0), (0, 16 - n)]))[0, n - 1].argmax()


def test_no_place_sees_a_later_one(model):
    changed = TOKENS.copy()
    changed[:, 7] = (changed[:, 7] + 1) % 17
    before, after = model.predict(TOKENS), model.predict(changed)
    assert np.array_equal(before[:, :7], after[:, :7]) and (before[:, 7:] != after[:, 7:]).any(axis=(0, 2)).all()


def test_first_weights():
    model = GPT(vocabulary_size=500, layers=8, heads=2, width=64, context=32)
    block = model.blocks[3]
    for kernel in (
        model.embedding.embeddings,
        model.positions.embeddings,
        block.expand.kernel,
        block.attention.query_dense.kernel,
    ):
        assert 0.019 < float(kernel.std()) < 0.021
    for kernel in (block.project.kernel, block.attention.output_dense.kernel):
        assert 0.019 < 4 * float(kernel.std()) < 0.021  # √(2 · 8) times smaller
    assert abs(model.perplexity(np.random.default_rng(0).integers(0, 500, 200)) - 500) < 30


def test_sizes_of_the_published_models():
    def parameters(vocabulary_size, layers, width, context):
        return (vocabulary_size + context) * width + layers * (12 * width**2 + 13 * width) + 2 * width

    assert parameters(50257, 12, 768, 1024) == 124_439_808  # what GPT-2 has
    assert GPT.preset("small", vocabulary_size=100).count_params() == parameters(100, 6, 192, 256)
    assert GPT.preset("gpt2", vocabulary_size=64, layers=1, context=8).count_params() == parameters(64, 1, 768, 8)
    with pytest.raises(UnknownNameError, match="'gpt2'"):
        GPT.preset("gpt-2")


def test_it_learns_a_text_and_goes_on_writing(tmp_path):
    text = "the cat sat on a mat. It is 1. " * 31
    tokenizer = CharacterTokenizer.train([text])
    model = GPT(len(tokenizer), layers=1, heads=2, width=32, context=32, tokenizer=tokenizer)
    ids = np.array(tokenizer.encode(text))
    x = np.stack([ids[i : i + 33] for i in range(0, len(ids) - 33, 2)])
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lamina.optimizers.Adam(1e-2), loss)
    before = model.perplexity(text)
    model.fit(x[:, :-1], x[:, 1:], epochs=8, verbose=0)
    assert model.perplexity(text) < 1.2 < 5 < before
    found = model.generate("the cat", 60, temperature=0, stop=".")
    assert found.text == " sat on a mat" and found.finish == "stop"
    assert "".join(model.stream("the cat", 48, temperature=0)) == model.generate("the cat", 48, temperature=0).text
    model.save(tmp_path / "gpt.lamina")
    again = lamina.load_model(tmp_path / "gpt.lamina")
    assert again.generate("the c", 10, temperature=0).text == model.generate("the c", 10, temperature=0).text


@pytest.mark.parametrize("stride", [None, 5, 1])
def test_perplexity_is_the_formula(model, stride):
    ids = np.random.default_rng(2).integers(0, 17, 45)
    starts = range(0, 44, stride or 16)
    windows = np.stack([np.pad(ids, (0, 16))[i : i + 16] for i in starts])
    logits = model.predict(windows).astype(np.float64)
    logp = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    losses = {}
    for row, start in zip(logp, starts, strict=True):
        for i in range(min(16, 44 - start)):
            losses.setdefault(start + i + 1, -row[i, ids[start + i + 1]])
    assert len(losses) == 44
    assert np.isclose(model.perplexity(ids, stride=stride), np.exp(np.mean(list(losses.values()))), rtol=1e-4)


def test_training_on_changes_what_is_generated_without_compiling_again(model):
    copy = GPT.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    text = [1, 2, 3, 4]
    perplexity = copy.perplexity(text)
    before = copy.generate([1, 2], 10, temperature=0).ids
    assert before == model.generate([1, 2], 10, temperature=0).ids
    copy.embedding.embeddings.assign(-copy.embedding.embeddings)
    assert copy.generate([1, 2], 10, temperature=0).ids != before
    assert copy.generator.decoding.compilations == {"prefill": 1, "chunk": 1}
    assert copy.perplexity(text) != perplexity == model.perplexity(text)


def test_half_precision():
    lamina.set_dtype_policy("mixed_bfloat16")
    model = GPT(vocabulary_size=17, layers=1, heads=2, width=8, context=16)
    assert model.predict(TOKENS).dtype == jnp.bfloat16
    assert len(model.generate([1, 2, 3], 20, seed=0).ids) == 20


def test_bad_input(model):
    with pytest.raises(ShapeError, match="at most 16 places"):
        model(np.zeros((1, 17), np.int32))
    with pytest.raises(ArgumentError, match="a multiple of 3, received 8"):
        GPT(10, 1, 3, 8, 8)
    with pytest.raises(ArgumentError, match="layers"):
        GPT(10, 0, 2, 8, 8)
    with pytest.raises(DataError, match="received 17 at place 1"):
        model.generate([3, 17])
    with pytest.raises(DataError, match="at most 16 tokens"):
        model.generate(list(range(17)))
    with pytest.raises(DataError, match="two tokens"):
        model.perplexity([1])
    with pytest.raises(ArgumentError, match="tokenizer"):
        model.generate("text")
