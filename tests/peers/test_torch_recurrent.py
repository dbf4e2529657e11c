"""Recurrent layers with PyTorch's weights, in both directions on sequences of several lengths; and their gradients."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, layers

from .asking import ROOT, assert_same

INTERPRETER = ROOT / "benchmarks" / ".envs" / "torch" / "bin" / "python"
SCRIPT = Path(__file__).parent / "torch_recurrent.py"
KINDS = {"RNN": ("SimpleRNN", [0]), "LSTM": ("LSTM", [0, 1, 2, 3]), "GRU": ("GRU", [1, 0, 2])}
"""PyTorch's name, Keras', and where Keras' gates stand among PyTorch's: i f c o is i f g o, z r h is r z n."""
N, T, F, U = 3, 5, 4, 2

pytestmark = pytest.mark.skipif(
    not INTERPRETER.exists(), reason="no PyTorch environment: run `python benchmarks/environments.py torch`"
)


def in_order(weight: np.ndarray, gates: list[int]) -> np.ndarray:
    """PyTorch's (gates · U, ...) as Keras' (..., gates · U)."""
    return np.concatenate([np.split(weight, len(gates))[gate] for gate in gates]).T


def weights_of(named: dict[str, np.ndarray], kind: str, gradient: bool = False) -> list[np.ndarray]:
    """The weights of both directions, or their gradients: two biases that are added have the same gradient."""
    found = []
    for end in ("l0", "l0_reverse"):
        names = [f"{name}_{end}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        kernel, recurrent, one, two = (in_order(named[name], KINDS[kind][1]) for name in names)
        bias = np.stack([one, two]) if kind == "GRU" else one if gradient else one + two
        found += [kernel, recurrent, bias]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_on_sequences_of_several_lengths(kind: str, tmp_path: Path, rng: np.random.Generator) -> None:
    width = len(KINDS[kind][1]) * U
    shapes: dict[str, tuple[int, ...]] = {"x": (N, T, F), "cotangent": (N, T, 2 * U)}
    for end in ("l0", "l0_reverse"):
        shapes |= {f"weight_ih_{end}": (width, F), f"weight_hh_{end}": (width, U)}
        shapes |= {f"bias_ih_{end}": (width,), f"bias_hh_{end}": (width,)}
    arrays = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    lengths = np.array([3, 5, 1])
    np.savez(tmp_path / "asked.npz", kind=kind, lengths=lengths, **arrays)
    run = [INTERPRETER, SCRIPT, tmp_path / "asked.npz", tmp_path / "answer.npz"]
    subprocess.run(run, check=True, capture_output=True)
    with np.load(tmp_path / "answer.npz") as file:
        expected = dict(file)

    layer = layers.Bidirectional(getattr(layers, KINDS[kind][0])(U, return_sequences=True))
    layer(arrays["x"])
    layer.set_weights(weights_of(arrays, kind))
    mask = Tensor(np.arange(T) < lengths[:, None])

    @lamina.compile
    def answers(x: Tensor) -> Any:
        x = Tensor(x, requires_grad=True)
        output = layer(x, mask=mask)
        return output, lamina.gradients((output * arrays["cotangent"]).sum(), [x, *layer.trainable_variables])

    output, gradients = answers(arrays["x"])
    assert_same(output, expected["output"], "output")
    wanted = [expected["x"], *weights_of(expected, kind, gradient=True)]
    for i, (gradient, value) in enumerate(zip(gradients, wanted, strict=True)):
        assert_same(gradient, value, f"gradient {i} (input, then weights)")
