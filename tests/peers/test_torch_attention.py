"""Multi-head attention with PyTorch's weights, and the attention op: outputs, probabilities and all gradients."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import Tensor, compile, gradients, layers, ops

from .asking import ROOT, assert_same

INTERPRETER = ROOT / "benchmarks" / ".envs" / "torch" / "bin" / "python"
SCRIPT = Path(__file__).parent / "torch_attention.py"
N, T, S, A, H = 2, 5, 7, 2, 3

pytestmark = pytest.mark.skipif(
    not INTERPRETER.exists(), reason="no PyTorch environment: run `python benchmarks/environments.py torch`"
)


def ask(folder: Path, kind: str, arrays: dict[str, np.ndarray], **settings: Any) -> dict[str, np.ndarray]:
    np.savez(folder / "asked.npz", kind=kind, settings=json.dumps(settings), **arrays)
    subprocess.run([INTERPRETER, SCRIPT, folder / "asked.npz", folder / "answer.npz"], check=True, timeout=300)
    with np.load(folder / "answer.npz") as file:
        return dict(file)


def draw(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype("float32")


def test_multi_head_attention(rng: np.random.Generator, tmp_path: Path) -> None:
    width = A * H
    arrays = {
        "query": draw(rng, N, T, width), "value": draw(rng, N, S, width), "cotangent": draw(rng, N, T, width),
        "in_weight": draw(rng, 3 * width, width), "in_bias": draw(rng, 3 * width),
        "out_weight": draw(rng, width, width), "out_bias": draw(rng, width),
        "real": np.arange(S) < np.array([[S], [3]]),
    }  # fmt: skip
    expected = ask(tmp_path, "multi_head", arrays, heads=A, causal=True)

    layer = layers.MultiHeadAttention(A, H)
    layer(arrays["query"], arrays["value"])
    layer.set_weights(kernels(arrays["in_weight"], arrays["in_bias"], arrays["out_weight"], arrays["out_bias"]))

    @compile
    def answers(query: Tensor, value: Tensor, cotangent: Tensor) -> Any:
        query, value = Tensor(query, requires_grad=True), Tensor(value, requires_grad=True)
        masks = {"value_mask": arrays["real"], "use_causal_mask": True}
        output, scores = layer(query, value, return_attention_scores=True, **masks)
        return output, scores, gradients((output * cotangent).sum(), [query, value, *layer.trainable_variables])

    output, scores, found = answers(*(Tensor(arrays[name]) for name in ("query", "value", "cotangent")))
    assert_same(output, expected["output"], "output")
    assert_same(scores, expected["weights"], "probabilities")
    names = ("in_weight", "in_bias", "out_weight", "out_bias")
    of_weights = kernels(*(expected[f"gradient_{name}"] for name in names))
    for i, value in enumerate([expected["gradient_query"], expected["gradient_value"], *of_weights]):
        assert_same(found[i], value, f"gradient {i} (query, value, then weights)")


def kernels(in_weight: np.ndarray, in_bias: np.ndarray, out_weight: np.ndarray, out_bias: np.ndarray) -> list[Any]:
    """PyTorch's matrices (out, in), those of query, key and value below one another, in Keras' order and shapes."""
    width = in_weight.shape[1]
    pairs = zip(np.split(in_weight, 3), np.split(in_bias, 3), strict=True)
    into = [part for w, b in pairs for part in (w.T.reshape(width, A, H), b.reshape(A, H))]
    return [*into, out_weight.T.reshape(A, H, width), out_bias]


@pytest.mark.parametrize("form", ["plain", "chunks"])
def test_scaled_dot_product_attention(rng: np.random.Generator, tmp_path: Path, form: str) -> None:
    arrays = {"query": draw(rng, N, 4, T, H), "key": draw(rng, N, 2, T, H), "value": draw(rng, N, 2, T, H)}
    arrays["cotangent"] = draw(rng, N, 4, T, H)
    expected = ask(tmp_path, "scaled_dot_product", arrays, causal=True, grouped=True)
    inputs = [Tensor(arrays[name].swapaxes(1, 2), requires_grad=True) for name in ("query", "key", "value")]
    output = ops.dot_product_attention(*inputs, is_causal=True, chunk_size=0 if form == "plain" else 2)
    assert_same(output, expected["output"].swapaxes(1, 2), "output")
    found = gradients((output * arrays["cotangent"].swapaxes(1, 2)).sum(), inputs)
    for i, gradient in enumerate(found):
        assert_same(gradient, expected[f"gradient_{i}"].swapaxes(1, 2), f"gradient {i}")
