"""Transformer blocks and the whole against PyTorch, with its weights: outputs and all gradients.

PyTorch lives in an environment of its own; without it these tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, compile, gradients
from lamina.layers import Transformer, TransformerDecoder, TransformerEncoder

from .asking import ROOT, assert_same

INTERPRETER = ROOT / "benchmarks" / ".envs" / "torch" / "bin" / "python"
N, S, T, F, A, U = 2, 5, 4, 8, 2, 12
QUESTION = """
import json, sys
import numpy as np, torch
kind, settings, folder = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
torch.manual_seed(0)
module = getattr(torch.nn, kind)(batch_first=True, dropout=0.0, **settings)
with torch.no_grad():
    for p in module.parameters():
        p.add_(0.3 * torch.randn_like(p))
given = {k: torch.tensor(v) for k, v in np.load(f"{folder}/given.npz").items()}
source, target = given["source"].requires_grad_(), given["target"].requires_grad_()
hidden, causal = given["hidden"], torch.triu(torch.ones(target.shape[1], target.shape[1], dtype=torch.bool), 1)
if kind == "TransformerEncoderLayer":
    y = module(source, src_key_padding_mask=hidden)
elif kind == "TransformerDecoderLayer":
    y = module(target, source, tgt_mask=causal, memory_key_padding_mask=hidden)
else:
    y = module(source, target, tgt_mask=causal, src_key_padding_mask=hidden, memory_key_padding_mask=hidden)
(y * given["cotangent"][:, : y.shape[1]]).sum().backward()
answer = {"y": y, "g/source": source.grad, "g/target": target.grad}
for name, p in module.named_parameters():
    answer["w/" + name], answer["g/" + name] = p, p.grad
np.savez(f"{folder}/answer.npz", **{k: v.detach().numpy() for k, v in answer.items() if v is not None})
"""


def asked(kind: str, settings: dict[str, Any], folder: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Inputs, and what PyTorch makes of them."""
    if not INTERPRETER.exists():
        pytest.skip("PyTorch's environment is not there")
    rng = np.random.default_rng(0)
    given: dict[str, np.ndarray] = {
        name: rng.normal(size=(N, length, F)).astype("float32")
        for name, length in (("source", S), ("target", T), ("cotangent", S))
    }
    given["hidden"] = np.arange(S) >= np.array([[S], [S - 2]])  # PyTorch's masks say what is hidden
    np.savez(folder / "given.npz", **given)
    command = [INTERPRETER, "-c", QUESTION, kind, json.dumps(settings), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with np.load(folder / "answer.npz") as file:
        return given, dict(file)


def in_lamina(values: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """PyTorch's parameters (or their gradients) of one block under Lamina's names and in its shapes."""
    take = {name[len(prefix) :]: v for name, v in values.items() if name.startswith(prefix)}
    found = {}
    for theirs, mine in (("self_attn", "self_attention"), ("multihead_attn", "cross_attention")):
        if f"{theirs}.in_proj_weight" in take:
            kernels, biases = (np.split(take[f"{theirs}.in_proj_{kind}"], 3) for kind in ("weight", "bias"))
            for part, kernel, bias in zip(("query", "key", "value"), kernels, biases, strict=True):
                found[f"{mine}/{part}_dense/kernel"] = kernel.T.reshape(F, A, F // A)
                found[f"{mine}/{part}_dense/bias"] = bias.reshape(A, F // A)
            found[f"{mine}/output_dense/kernel"] = take[f"{theirs}.out_proj.weight"].T.reshape(A, F // A, F)
            found[f"{mine}/output_dense/bias"] = take[f"{theirs}.out_proj.bias"]
    norms = ["self_attention_norm", "cross_attention_norm", "feedforward_norm"]
    norms = norms if "norm3.weight" in take else norms[::2]
    for i, mine in enumerate(norms, 1):
        found |= {f"{mine}/gamma": take[f"norm{i}.weight"], f"{mine}/beta": take[f"norm{i}.bias"]}
    for theirs, mine in (("linear1", "feedforward_intermediate"), ("linear2", "feedforward_output")):
        found |= {f"{mine}/kernel": take[f"{theirs}.weight"].T, f"{mine}/bias": take[f"{theirs}.bias"]}
    return found


def of_the_whole(values: dict[str, np.ndarray], kind: str, layers: int) -> dict[str, np.ndarray]:
    found = {}
    for side in ("encoder", "decoder"):
        blocks = [in_lamina(values, f"{kind}/{side}.layers.{i}.") for i in range(layers)]
        found |= {f"{side}/{name}": np.stack([b[name] for b in blocks]) for name in blocks[0]}
        for theirs, mine in (("weight", "gamma"), ("bias", "beta")):
            found[f"{side}_norm/{mine}"] = values[f"{kind}/{side}.norm.{theirs}"]
    return found


def compare(layer: Any, call: Any, inputs: list[np.ndarray], answer: Any, cotangent: Any, mapped: Any) -> None:
    """Output and gradients of `call(*inputs)`; `mapped("w")` and `mapped("g")` are weights and gradients by name."""
    call(*map(Tensor, inputs))
    variables = layer.named_variables()
    assert set(variables) == set(mapped("w"))
    for name, value in mapped("w").items():
        variables[name].assign(value)

    @compile
    def run(*arrays: Tensor) -> Any:
        given = [Tensor(a, requires_grad=True) for a in arrays]
        y = call(*given)
        return y, gradients((y * cotangent[:, : y.shape[1]]).sum(), [*given, *variables.values()])

    y, found = run(*inputs)
    assert_same(y, answer["y"], "output")
    names = ["g/source", "g/target"] if len(inputs) == 2 else ["g/source"]
    for gradient, name in zip(found, names, strict=False):
        assert_same(gradient, answer[name], name)
    for gradient, name in zip(found[len(inputs) :], variables, strict=True):
        assert_same(gradient, mapped("g")[name], f"gradient of {name}")


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder(norm_first: bool, tmp_path: Path) -> None:
    settings = {"d_model": F, "nhead": A, "dim_feedforward": U, "activation": "gelu", "norm_first": norm_first}
    given, answer = asked("TransformerEncoderLayer", settings, tmp_path)
    block = TransformerEncoder(U, A, activation=gelu, normalize_first=norm_first)
    compare(block, lambda x: block(x, padding_mask=~given["hidden"]), [given["source"]], answer,
            given["cotangent"], lambda kind: in_lamina(answer, f"{kind}/"))  # fmt: skip


def gelu(x: Tensor) -> Tensor:
    """PyTorch's: the exact form."""
    return lamina.ops.gelu(x, approximate=False)


@pytest.mark.parametrize("norm_first", [False, True])
def test_decoder(norm_first: bool, tmp_path: Path) -> None:
    settings = {"d_model": F, "nhead": A, "dim_feedforward": U, "norm_first": norm_first}
    given, answer = asked("TransformerDecoderLayer", settings, tmp_path)
    block = TransformerDecoder(U, A, normalize_first=norm_first)

    def call(source: Tensor, target: Tensor) -> Tensor:
        return block(target, source, encoder_padding_mask=~given["hidden"])

    inputs = [given["source"], given["target"]]
    compare(block, call, inputs, answer, given["cotangent"], lambda kind: in_lamina(answer, f"{kind}/"))


@pytest.mark.parametrize("norm_first", [False, True])
def test_whole(norm_first: bool, tmp_path: Path) -> None:
    settings = {"d_model": F, "nhead": A, "dim_feedforward": U, "norm_first": norm_first}
    layers = {"num_encoder_layers": 2, "num_decoder_layers": 2}
    given, answer = asked("Transformer", {**settings, **layers}, tmp_path)
    model = Transformer(A, **layers, intermediate_dim=U, dropout=0.0, normalize_first=norm_first)

    def call(source: Tensor, target: Tensor) -> Tensor:
        return model(source, target, source_mask=~given["hidden"])

    inputs = [given["source"], given["target"]]
    compare(model, call, inputs, answer, given["cotangent"], lambda kind: of_the_whole(answer, kind, 2))
