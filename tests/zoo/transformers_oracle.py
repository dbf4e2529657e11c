"""Makes small checkpoints with `transformers`, and writes down what its models answer; runs in their environment.

`python transformers_oracle.py FOLDER` fills FOLDER/<name> with config.json, model.safetensors and answers.npz. Weights
are float32, answers are worked out in float64: PyTorch's attention in float32 is wrong by 1e-4 on some processors.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

SIZES = {"vocab_size": 257, "n_positions": 32, "n_embd": 24, "n_layer": 3, "n_head": 4}


def shaken(model: torch.nn.Module) -> torch.nn.Module:
    """Random values in all parameters, also in biases and norms, large enough to tell one formula from another."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def exact(model: torch.nn.Module) -> torch.nn.Module:
    """The same model in float64."""
    return copy.deepcopy(model).double()


def ids(rows: int, length: int, size: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, size, (rows, length)))


def gpt2(folder: Path, **settings: object) -> torch.nn.Module:
    torch.manual_seed(0)
    model = shaken(transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES, **settings)))
    tokens, oracle = ids(2, 20, 257), exact(model)
    with torch.no_grad():
        logits = oracle(tokens).logits
        greedy = oracle.generate(
            tokens[:1, :5], attention_mask=torch.ones(1, 5), max_new_tokens=20, do_sample=False, pad_token_id=0,
            eos_token_id=None,
        )  # fmt: skip
        beams = oracle.generate(
            tokens[:1, :5], attention_mask=torch.ones(1, 5), max_new_tokens=8, do_sample=False, num_beams=4,
            num_return_sequences=3, length_penalty=0.7, pad_token_id=0, eos_token_id=None, early_stopping="never",
            return_dict_in_generate=True, output_scores=True,
        )  # fmt: skip
        penalised = oracle.generate(
            tokens[:1, :5], attention_mask=torch.ones(1, 5), max_new_tokens=20, do_sample=False, pad_token_id=0,
            eos_token_id=None, repetition_penalty=1.7,
        )  # fmt: skip
    folder.mkdir()
    np.savez(
        folder / "answers.npz", tokens=tokens, logits=logits, greedy=greedy[:, 5:], penalised=penalised[:, 5:],
        beams=beams.sequences[:, 5:], beam_scores=beams.sequences_scores,
    )  # fmt: skip
    return model


def bert(folder: Path, kind: str) -> None:
    """An encoder with both heads, the first of them, or none; the second row of the batch ends in padding."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=60, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
        max_position_embeddings=32,
    )  # fmt: skip
    model = shaken(getattr(transformers, kind)(config))
    tokens = ids(2, 12, 60)
    types, mask = (torch.arange(12) >= torch.tensor([[7], [4]])).long(), torch.ones(2, 12).long()
    mask[1, 9:] = 0
    with torch.no_grad():
        found = exact(model)(tokens, attention_mask=mask, token_type_ids=types)
    model.save_pretrained(folder)
    values = {name: value for name, value in found.items() if value is not None}
    np.savez(folder / "answers.npz", ids=tokens, types=types, mask=mask, **values)


def byte_tokenizer(folder: Path) -> None:
    """A tokenizer.json of the kind of GPT-2, without merges: one token for each byte, and one that ends texts."""
    vocabulary = {token: i for i, token in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.save(str(folder / "tokenizer.json"))


def main(folder: Path) -> None:
    model = gpt2(folder / "gpt2")
    model.save_pretrained(folder / "gpt2")
    byte_tokenizer(folder / "gpt2")
    model = gpt2(folder / "gpt2-parts", n_inner=40, layer_norm_epsilon=1e-3)
    model.transformer.save_pretrained(folder / "gpt2-parts", max_shard_size="20KB")  # names without "transformer."
    for kind in ("BertForPreTraining", "BertForMaskedLM", "BertModel"):
        bert(folder / kind, kind)
    (folder / "done").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
