"""The names and shapes under which Hugging Face stores BERT."""

import re
from pathlib import Path
from typing import Any

from ..checkpoint import Checkpoint, read_config, read_size, require_settings, tokenizer_of

# What the settings of a published BERT are; the first is the default of a config.json that does not mention it.
_SETTINGS: dict[str, tuple[Any, ...]] = {
    "hidden_act": ("gelu",),
    "position_embedding_type": ("absolute",),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
_IGNORED = r"embeddings\.position_ids|cls\.predictions\.decoder\.weight"  # counted numbers, the embedding once more
_TOKENS, _NEXT = "cls.predictions", "cls.seq_relationship"


def sizes_from(path: str | Path, tokenizer: bool) -> tuple[dict[str, Any], Checkpoint, Any]:
    """Arguments of `BERT`, the tensors, and the tokenizer or None, of a folder."""
    path = Path(path)
    config = read_config(path, "bert")
    require_settings(path, config, _SETTINGS)
    names = {
        "vocabulary_size": "vocab_size", "layers": "num_hidden_layers", "heads": "num_attention_heads",
        "width": "hidden_size", "inner": "intermediate_size", "context": "max_position_embeddings",
        "types": "type_vocab_size",
    }  # fmt: skip
    sizes: dict[str, Any] = {ours: read_size(path, config, theirs) for ours, theirs in names.items()}
    sizes["dropout"] = float(config.get("hidden_dropout_prob", 0.1))
    sizes["epsilon"] = float(config.get("layer_norm_eps", 1e-12))
    weights = Checkpoint(path, _modern, _IGNORED)
    sizes["outputs"] = _outputs(weights)
    return sizes, weights, tokenizer_of(path) if tokenizer else None


def _modern(name: str) -> str:
    """Files differ in "bert." before all names, in what a norm's weights are called, and in where a bias hangs."""
    name = name.removeprefix("bert.").replace("cls.predictions.decoder.bias", "cls.predictions.bias")
    return re.sub(r"LayerNorm\.(gamma|beta)$", lambda m: f"LayerNorm.{_NORM[m[1]]}", name)


_NORM = {"gamma": "weight", "beta": "bias"}


def _outputs(weights: Checkpoint) -> list[str]:
    heads = {"tokens": f"{_TOKENS}.bias", "next_sentence": f"{_NEXT}.weight"}
    found = [output for output, name in heads.items() if name in weights]
    return found or ["sequence", *(["pooled"] if "pooler.dense.weight" in weights else [])]


def fill(model: Any, weights: Checkpoint) -> None:
    """Give the model the tensors.

    Raises:
        FileFormatError: they are not those of a BERT of these sizes.
    """
    tables = {"word": model.embedding, "position": model.positions, "token_type": model.types}
    for name, table in tables.items():
        table.embeddings.assign(weights.take(f"embeddings.{name}_embeddings.weight", table.embeddings.shape))
    _fill_norm(model.norm, weights, "embeddings.LayerNorm")
    for i, block in enumerate(model.blocks):
        _fill_block(block, weights, f"encoder.layer.{i}")
    if hasattr(model, "pooler"):
        _fill_dense(model.pooler, weights, "pooler.dense")
    if hasattr(model, "next_sentence"):
        _fill_dense(model.next_sentence, weights, _NEXT)
    if hasattr(model, "transform"):
        _fill_dense(model.transform, weights, f"{_TOKENS}.transform.dense")
        _fill_norm(model.transform_norm, weights, f"{_TOKENS}.transform.LayerNorm")
        model.token_bias.assign(weights.take(f"{_TOKENS}.bias", model.token_bias.shape))
    weights.finish()


def _fill_block(block: Any, weights: Checkpoint, name: str) -> None:
    attention = block.attention
    projections = {"query": attention.query_dense, "key": attention.key_dense, "value": attention.value_dense}
    for part, dense in projections.items():
        _fill_dense(dense, weights, f"{name}.attention.self.{part}", inputs=dense.kernel.shape[0])
    _fill_dense(attention.output_dense, weights, f"{name}.attention.output.dense")
    _fill_norm(block.attention_norm, weights, f"{name}.attention.output.LayerNorm")
    _fill_dense(block.expand, weights, f"{name}.intermediate.dense")
    _fill_dense(block.project, weights, f"{name}.output.dense")
    _fill_norm(block.network_norm, weights, f"{name}.output.LayerNorm")


def _fill_dense(dense: Any, weights: Checkpoint, name: str, inputs: int | None = None) -> None:
    """Matrices there are (out, in); here they are (in, out), with an axis more where there are heads."""
    units = dense.bias.size
    inputs = inputs or dense.kernel.size // units
    dense.kernel.assign(weights.take(f"{name}.weight", (units, inputs)).T.reshape(dense.kernel.shape))
    dense.bias.assign(weights.take(f"{name}.bias", (units,)).reshape(dense.bias.shape))


def _fill_norm(norm: Any, weights: Checkpoint, name: str) -> None:
    norm.gamma.assign(weights.take(f"{name}.weight", norm.gamma.shape))
    norm.beta.assign(weights.take(f"{name}.bias", norm.beta.shape))
