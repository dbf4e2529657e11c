"""Translators: what is read token by token is what is read at once, padding has no part in it, and they learn."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, UnknownNameError
from lamina.data.tokenizers import CharacterTokenizer
from lamina.zoo import RecurrentTranslator, TransformerTranslator, translation_tokenizer

SOURCES, TARGETS = ["abcde", "ba", "c", "dcdc"], ["xyz", "zzyyx", "x", "yx"]
KINDS = {
    "lstm": lambda *both: RecurrentTranslator(*both, units=8, longest=6),
    "transformer": lambda *both: TransformerTranslator(*both, layers=2, heads=2, width=8, longest=6),
}


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    """With weights so large that every place has its own opinion."""
    lamina.set_seed(0)
    model = KINDS[request.param](translation_tokenizer(SOURCES), translation_tokenizer(TARGETS))
    rng = np.random.default_rng(1)
    model.set_weights([w + 0.5 * rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def log_probability(model, source, target):
    """log p(target | source), with the end."""
    x, y = model.pairs([source], [target])
    return np.take_along_axis(log_softmax(model(x).numpy()), y[..., None], -1).sum()


def test_pairs_are_moved_on_by_one(model):
    x, y = model.pairs(SOURCES[:2], TARGETS[:2])
    assert x["source"].tolist() == [[3, 4, 5, 6, 7], [4, 3, 0, 0, 0]]
    assert x["target"].tolist() == [[1, 3, 4, 5, 0, 0], [1, 5, 5, 4, 4, 3]]
    assert y.tolist() == [[3, 4, 5, 2, 0, 0], [5, 5, 4, 4, 3, 2]]


def test_token_by_token_is_all_at_once(model):
    x, _ = model.pairs(SOURCES, TARGETS)
    whole, target = model(x).numpy(), x["target"]
    cache = model.initial_cache(4, 8, jnp.asarray(x["source"]))
    lengths = jnp.array([2, 1, 2, 1])
    start = np.where(np.arange(4) < lengths[:, None], target[:, :4], 0)
    logits, cache = model.prefill(jnp.asarray(start), lengths, cache)
    rows = np.arange(4)
    np.testing.assert_allclose(logits.numpy(), whole[rows, lengths - 1], atol=1e-5)
    for i in range(2):  # rows of their own lengths go on at their own places
        logits, cache = model.step(jnp.asarray(target[rows, lengths + i]), cache, lengths + i)
        real = target[rows, lengths + i] > 0
        np.testing.assert_allclose(logits.numpy()[real], whole[rows, lengths + i][real], atol=1e-5)
    assert whole.std(axis=(0, 1)).min() > 0.1


def test_padding_has_no_part_in_it(model):
    x, y = model.pairs(SOURCES, TARGETS)
    whole = model(x)
    alone = model(model.pairs(SOURCES[3:], TARGETS[3:])[0]).numpy()
    np.testing.assert_allclose(whole.numpy()[3, : alone.shape[1]], alone[0], atol=1e-5)
    assert np.array_equal(whole.mask.numpy(), y > 0)
    logp = np.take_along_axis(log_softmax(whole.numpy()), y[..., None], -1)[..., 0]
    model.compile("sgd", lamina.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    loss, accuracy = model.evaluate(x, y, batch_size=4, verbose=0)
    assert np.isclose(loss, -logp[y > 0].mean(), rtol=1e-4)
    assert np.isclose(accuracy, (whole.numpy().argmax(-1) == y)[y > 0].mean())


def test_no_place_sees_a_later_one(model):
    x, _ = model.pairs(["abcde"], ["xyzxy"])
    changed = {**x, "target": np.where(np.arange(6) == 3, 4, x["target"])}
    before, after = model(x).numpy(), model(changed).numpy()
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert (np.abs(before - after)[0, 3:].max(axis=-1) > 1e-4).all()


def test_greedy_takes_the_most_probable_token_and_beams_find_no_worse(model):
    greedy, searched = model.translate(SOURCES), model.translate(SOURCES, beams=3)
    assert model.translate("ba") == greedy[1:2] and model.translate([]) == []
    compiled = dict(model.generator.decoding.compilations)
    assert [model.translate(text) for text in SOURCES] == [[text] for text in greedy]
    assert model.generator.decoding.compilations == compiled  # one shape for texts of all lengths
    for source, text, best in zip(SOURCES, greedy, searched, strict=True):
        x, y = model.pairs([source], [text or "x"])
        asked = model(x).numpy()[0].argmax(axis=-1)
        assert np.array_equal(asked[: len(text)], y[0, : len(text)])
        if text and best and max(len(text), len(best)) < 6:
            mean = [log_probability(model, source, found) / (len(found) + 1) for found in (text, best)]
            assert mean[1] >= mean[0] - 1e-5


def test_alignment(model):
    found = model.align("abcde", "xy")
    assert found.source == list("abcde") and found.target == ["x", "y", "<end>"]
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    padded, _ = model.pairs(["abcde", "ba"], ["xy", "xy"])
    weights = model.attention_to_source(padded).numpy()
    np.testing.assert_allclose(weights[0], found.weights, atol=1e-5)
    assert (weights[1, :, 2:] == 0).all() and found.weights.std() > 0.01
    assert model.align("ab", "").target == ["<end>"] and len(model.align("ab").target) <= 7


def test_additive_attention_is_the_formula():
    lamina.set_seed(0)
    model = KINDS["lstm"](translation_tokenizer(SOURCES), translation_tokenizer(TARGETS))
    x, _ = model.pairs(["abcde"], ["xyz"])
    m, _, _, h, c = model.encoder(model.source_embedding(x["source"]))
    out = model.decoder(model.target_embedding(x["target"]), initial_state=[h, c])[0].numpy()[0]
    query, keys = out @ model.query.kernel.numpy(), m.numpy()[0] @ model.key.kernel.numpy() + model.key.bias.numpy()
    scores = np.tanh(query[:, None] + keys) @ model.attention.scale.numpy()
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.attention_to_source(x).numpy()[0], weights, atol=1e-6)
    joined = np.concatenate([weights @ m.numpy()[0], out], axis=1)
    hidden = np.tanh(joined @ model.joined.kernel.numpy() + model.joined.bias.numpy())
    logits = hidden @ model.logits.kernel.numpy() + model.logits.bias.numpy()
    np.testing.assert_allclose(model(x).numpy()[0], logits, atol=1e-5)


def test_a_file_holds_model_and_tokenizers(model, tmp_path):
    model.save(tmp_path / "model.lamina")
    again = lamina.load_model(tmp_path / "model.lamina")
    assert again.source_tokenizer.vocabulary == model.source_tokenizer.vocabulary
    x, _ = model.pairs(SOURCES, TARGETS)
    assert np.array_equal(again(x).numpy(), model(x).numpy())
    assert again.translate("ba") == model.translate("ba")


def test_bad_input(model):
    for text, received in (("", "0 tokens in text 1"), ("abcdeab", "7 tokens in text 1"), ("q", "'q'")):
        with pytest.raises(DataError, match=received):
            model.translate(["ab", text])
    with pytest.raises(DataError, match="every source has its target"):
        model.pairs(["a"], [])
    with pytest.raises(DataError, match="a target has something in it"):
        model.pairs(["a"], [""])
    with pytest.raises(UnknownNameError, match="<start>"):
        RecurrentTranslator(model.source_tokenizer, CharacterTokenizer.train("ab"))
    last = CharacterTokenizer(["a", "<start>", "<end>", "<pad>"], ["<start>", "<end>", "<pad>"], None)
    with pytest.raises(ArgumentError, match="received id 3"):
        TransformerTranslator(last, last)
    with pytest.raises(ArgumentError, match="longest"):
        RecurrentTranslator(model.source_tokenizer, model.target_tokenizer, longest=0)
