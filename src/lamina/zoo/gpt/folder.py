"""The names and shapes under which Hugging Face stores GPT-2."""

from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoint import Checkpoint, read_config, read_size, require_settings, tokenizer_of

# What the settings of a published GPT-2 are; the first is the default of a config.json that does not mention it.
_SETTINGS: dict[str, tuple[Any, ...]] = {
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
# Causal masks as tensors, and the shared embedding a second time.
_IGNORED = r"h\.\d+\.attn\.(bias|masked_bias)|lm_head\.weight"


def sizes_from(path: str | Path, tokenizer: bool) -> tuple[dict[str, Any], Checkpoint, Any]:
    """Arguments of `GPT`, the tensors, and the tokenizer or None, of a folder."""
    path = Path(path)
    config = read_config(path, "gpt2")
    require_settings(path, config, _SETTINGS)
    names = {"vocabulary_size": "vocab_size", "layers": "n_layer", "heads": "n_head", "width": "n_embd"}
    sizes: dict[str, Any] = {ours: read_size(path, config, theirs) for ours, theirs in names.items()}
    sizes["context"] = read_size(path, config, "n_positions")
    sizes["inner"] = config.get("n_inner")
    sizes["dropout"] = float(config.get("resid_pdrop", 0.1))
    sizes["epsilon"] = float(config.get("layer_norm_epsilon", 1e-5))
    return sizes, Checkpoint(path, _short, _IGNORED), tokenizer_of(path) if tokenizer else None


def _short(name: str) -> str:
    """Files of the model with its head put "transformer." before all names, those of the bare model do not."""
    return name.removeprefix("transformer.")


def fill(model: Any, weights: Checkpoint) -> None:
    """Give the model the tensors.

    Raises:
        FileFormatError: they are not those of a GPT-2 of these sizes.
    """
    width = model.embedding.output_dim
    model.embedding.embeddings.assign(weights.take("wte.weight", model.embedding.embeddings.shape))
    model.positions.embeddings.assign(weights.take("wpe.weight", model.positions.embeddings.shape))
    for i, block in enumerate(model.blocks):
        _fill_norm(block.attention_norm, weights, f"h.{i}.ln_1", width)
        _fill_attention(block.attention, weights, f"h.{i}.attn", width)
        _fill_norm(block.network_norm, weights, f"h.{i}.ln_2", width)
        for dense, name in ((block.expand, "c_fc"), (block.project, "c_proj")):
            dense.kernel.assign(weights.take(f"h.{i}.mlp.{name}.weight", dense.kernel.shape))
            dense.bias.assign(weights.take(f"h.{i}.mlp.{name}.bias", dense.bias.shape))
    _fill_norm(model.norm, weights, "ln_f", width)
    weights.finish()


def _fill_norm(norm: Any, weights: Checkpoint, name: str, width: int) -> None:
    norm.gamma.assign(weights.take(f"{name}.weight", (width,)))
    norm.beta.assign(weights.take(f"{name}.bias", (width,)))


def _fill_attention(attention: Any, weights: Checkpoint, name: str, width: int) -> None:
    """One matrix (F, 3 F) there holds queries, keys and values, each head by head."""
    kernels = np.split(weights.take(f"{name}.c_attn.weight", (width, 3 * width)), 3, axis=1)
    biases = np.split(weights.take(f"{name}.c_attn.bias", (3 * width,)), 3)
    projections = attention.query_dense, attention.key_dense, attention.value_dense
    for dense, kernel, bias in zip(projections, kernels, biases, strict=True):
        dense.kernel.assign(kernel.reshape(dense.kernel.shape))
        dense.bias.assign(bias.reshape(dense.bias.shape))
    out = attention.output_dense
    out.kernel.assign(weights.take(f"{name}.c_proj.weight", (width, width)).reshape(out.kernel.shape))
    out.bias.assign(weights.take(f"{name}.c_proj.bias", (width,)))
