"""GPT-2 from a folder: the numbers of `transformers`, and what is said when the folder is not what it should be."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lamina.core import FileFormatError
from lamina.zoo import GPT


@pytest.fixture(scope="module")
def model(checkpoints):
    return GPT.from_folder(checkpoints / "gpt2")


@pytest.fixture(scope="module")
def answers(checkpoints):
    return np.load(checkpoints / "gpt2" / "answers.npz")


def test_logits_are_those_of_transformers(model, answers):
    assert np.abs(model.predict(answers["tokens"].astype(np.int32)) - answers["logits"]).max() < 1e-4
    assert np.abs(answers["logits"]).max() > 1


def test_parts_without_a_prefix_with_other_sizes(checkpoints):
    folder = checkpoints / "gpt2-parts"
    assert len(list(folder.glob("*.safetensors"))) > 3
    answers = np.load(folder / "answers.npz")
    model = GPT.from_folder(folder)
    assert np.abs(model.predict(answers["tokens"].astype(np.int32)) - answers["logits"]).max() < 1e-4


def test_generation_is_that_of_transformers(model, answers):
    prompt = answers["tokens"][0, :5].tolist()
    assert model.generate(prompt, 20, temperature=0).ids == answers["greedy"][0].tolist()
    penalised = model.generate(prompt, 20, temperature=0, repetition_penalty=1.7)
    assert penalised.ids == answers["penalised"][0].tolist() != answers["greedy"][0].tolist()


def test_beams_are_those_of_transformers(model, answers):
    found = model.beam_search(answers["tokens"][0, :5].tolist(), 8, beams=4, results=3, length_penalty=0.7)
    assert [one.ids for one in found] == answers["beams"].tolist()
    np.testing.assert_allclose([one.score for one in found], answers["beam_scores"], rtol=1e-4)


def test_text_with_the_tokenizer_of_the_folder(model):
    pytest.importorskip("tokenizers")
    found = model.generate("Zwölf ", 12, temperature=0)
    assert found.text == model.tokenizer.decode(found.ids)
    assert "".join(model.stream("Zwölf ", 12, temperature=0)) == found.text.rstrip("\ufffd")
    assert model.perplexity("Zwölf Boxkämpfer") > 1


def test_it_can_be_saved_with_its_tokenizer(model, answers, tmp_path):
    import lamina

    model.save(tmp_path / "gpt.lamina")
    again = lamina.load_model(tmp_path / "gpt.lamina")
    tokens = answers["tokens"].astype(np.int32)
    assert np.array_equal(again.predict(tokens), model.predict(tokens)) and again.tokenizer.encode(
        "ä"
    ) == model.tokenizer.encode("ä")


def spoil(folder, change):
    """Change the tensors of a folder."""
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def reconfigure(folder, **settings):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def test_a_table_of_tensors_that_do_not_fit(checkpoint):
    def change(tensors):
        tensors["transformer.extra"] = np.ones(3, np.float32)
        del tensors["transformer.h.1.ln_2.bias"]
        tensors["transformer.wpe.weight"] = np.ones((7, 24), np.float32)

    folder = checkpoint("gpt2")
    spoil(folder, change)
    with pytest.raises(FileFormatError, match="3 that differ") as raised:
        GPT.from_folder(folder)
    lines = [line.split() for line in str(raised.value).splitlines()[2:5]]
    assert lines == [["extra", "nothing", "unexpected"], ["h.1.ln_2.bias", "(24,)", "missing"],
                     ["wpe.weight", "(32,", "24)", "(7,", "24)"]]  # fmt: skip


def test_half_precision_is_read(checkpoint, answers):
    folder = checkpoint("gpt2")
    spoil(folder, lambda tensors: tensors.update({k: v.astype(np.float16) for k, v in tensors.items()}))
    logits = GPT.from_folder(folder).predict(answers["tokens"].astype(np.int32))
    assert 0 < np.abs(logits - answers["logits"]).max() < 0.1


def test_folders_that_cannot_be_read(checkpoint, tmp_path):
    with pytest.raises(FileNotFoundError, match="config.json"):
        GPT.from_folder(tmp_path)
    folder = checkpoint("gpt2")
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(FileFormatError, match="a safetensors file"):
        GPT.from_folder(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(FileFormatError, match="the folder holds the weights.*pytorch_model.bin"):
        GPT.from_folder(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(FileFormatError, match="JSON"):
        GPT.from_folder(folder)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model_type": "llama"}, "'gpt2', received 'llama'"),
        ({"activation_function": "relu"}, "activation_function"),
        ({"scale_attn_by_inverse_layer_idx": True}, "inverse_layer_idx"),
        ({"n_layer": "3"}, "n_layer"),
    ],
)
def test_settings_that_are_another_model(checkpoint, settings, words):
    folder = checkpoint("gpt2")
    reconfigure(folder, **settings)
    with pytest.raises(FileFormatError, match=words):
        GPT.from_folder(folder)


@pytest.mark.parametrize("name", ["../elsewhere.safetensors", "absent.safetensors", 3])
def test_an_index_names_files_of_its_own_folder_only(checkpoint, name):
    folder = checkpoint("gpt2-parts")
    (folder.parent / "elsewhere.safetensors").write_bytes(b"")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"wte.weight": name}}))
    with pytest.raises(FileFormatError, match="files in this folder"):
        GPT.from_folder(folder)
