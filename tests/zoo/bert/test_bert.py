"""BERT: the numbers of `transformers`, its masks, and that it learns to guess hidden tokens."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import lamina
from lamina.core import ArgumentError, FileFormatError, ShapeError
from lamina.zoo import BERT, mask_tokens

NAMES = {
    "BertForPreTraining": {"tokens": "prediction_logits", "next_sentence": "seq_relationship_logits"},
    "BertForMaskedLM": {"tokens": "logits"},
    "BertModel": {"sequence": "last_hidden_state", "pooled": "pooler_output"},
}


def inputs_of(answers):
    return {
        "tokens": answers["ids"].astype(np.int32),
        "types": answers["types"].astype(np.int32),
        "mask": answers["mask"] == 1,
    }


@pytest.mark.parametrize("kind", NAMES)
def test_outputs_are_those_of_transformers(checkpoints, kind):
    answers = np.load(checkpoints / kind / "answers.npz")
    found = BERT.from_folder(checkpoints / kind).predict(inputs_of(answers))
    assert set(found) == set(NAMES[kind])
    for ours, theirs in NAMES[kind].items():
        real = answers["mask"] == 1 if found[ours].ndim == 3 else ...  # what padding gives is nobody's business
        assert np.abs(found[ours] - answers[theirs])[real].max() < 1e-4, ours
        assert np.abs(answers[theirs]).max() > 0.3


def test_names_of_older_files_and_a_table_of_what_does_not_fit(checkpoint):
    folder = checkpoint("BertForMaskedLM")
    answers = np.load(folder / "answers.npz")
    tensors = load_file(folder / "model.safetensors")
    old = {
        k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v
        for k, v in tensors.items()
    }
    save_file(old, folder / "model.safetensors")
    found = BERT.from_folder(folder).predict(inputs_of(answers))["tokens"]
    assert np.abs(found - answers["logits"])[answers["mask"] == 1].max() < 1e-4
    del old["bert.encoder.layer.1.output.dense.bias"]
    save_file(old, folder / "model.safetensors")
    with pytest.raises(FileFormatError, match=r"encoder.layer.1.output.dense.bias +\(24,\) +missing"):
        BERT.from_folder(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    with pytest.raises(FileFormatError, match="hidden_act"):
        BERT.from_folder(folder)


def test_padding_has_no_effect_and_both_sides_have():
    model = BERT(vocabulary_size=17, layers=2, heads=2, width=8, context=12, outputs=("sequence",))
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in model.get_weights()])
    tokens = rng.integers(0, 17, (1, 9)).astype(np.int32)
    mask = np.arange(9)[None] < 6
    padded = model.predict({"tokens": np.where(mask, tokens, 0), "mask": mask})["sequence"]
    other = model.predict({"tokens": tokens, "mask": mask})["sequence"]
    np.testing.assert_allclose(padded[:, :6], other[:, :6], atol=1e-6)
    changed = tokens.copy()
    changed[0, 4] = (changed[0, 4] + 1) % 17
    moved = np.abs(model.predict({"tokens": changed, "mask": mask})["sequence"] - other)[0].max(axis=-1)
    assert (moved[:6] > 1e-4).all()


def test_hidden_tokens():
    tokens = np.random.default_rng(0).integers(5, 100, (200, 50)).astype(np.int32)
    tokens[:, 0] = 2
    seen, targets = mask_tokens(tokens, mask_token=4, vocabulary_size=100, special=[2])
    chosen = targets >= 0
    assert abs(chosen[:, 1:].mean() - 0.15) < 0.02 and not chosen[:, 0].any()
    assert np.array_equal(targets[chosen], tokens[chosen]) and np.array_equal(seen[~chosen], tokens[~chosen])
    assert abs((seen[chosen] == 4).mean() - 0.8) < 0.05
    assert abs((seen[chosen] == tokens[chosen]).mean() - 0.1) < 0.03
    with pytest.raises(ArgumentError, match="rate"):
        mask_tokens(tokens, 4, 100, rate=1.0)


def test_it_learns_to_guess_and_is_saved(tmp_path):
    """Rows count upwards from any token: a hidden one follows from its neighbours."""
    rng = np.random.default_rng(0)
    tokens = (3 + (rng.integers(0, 20, (512, 1)) + np.arange(8)) % 20).astype(np.int32)
    seen, targets = mask_tokens(tokens, mask_token=1, vocabulary_size=23)
    model = BERT(23, layers=1, heads=2, width=32, context=8, outputs=("tokens",))
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    model.compile(lamina.optimizers.Adam(4e-3), {"tokens": loss})
    history = model.fit(seen, {"tokens": targets}, epochs=45, verbose=0)
    assert history.history["loss"][-1] < 0.5 < 2 < history.history["loss"][0]
    hidden = np.where(np.arange(8) == 5, 1, tokens[:50])
    guesses = model.predict(hidden)["tokens"][:, 5].argmax(axis=-1)
    assert (guesses == tokens[:50, 5]).mean() > 0.9
    model.save(tmp_path / "bert.lamina")
    again = lamina.load_model(tmp_path / "bert.lamina")
    assert np.array_equal(again.predict(hidden)["tokens"], model.predict(hidden)["tokens"])


def test_bad_input():
    with pytest.raises(ArgumentError, match="a multiple of 3, received 8"):
        BERT(10, 1, 3, 8, 8)
    with pytest.raises(ArgumentError, match="sequence, pooled, tokens, next_sentence"):
        BERT(10, 1, 2, 8, 8, outputs=("logits",))
    with pytest.raises(ShapeError, match="at most 8 places"):
        BERT(10, 1, 2, 8, 8)(np.zeros((1, 9), np.int32))
