"""PyTorch's answers about recurrent layers: runs inside its environment. Arguments: the .npz to read, that to write.

The file read holds `kind`, the input x, the lengths of its sequences, a cotangent and the parameters by their names.
"""

from __future__ import annotations

import sys

import numpy as np
import torch


def both_directions(kind: str, x: np.ndarray, lengths: np.ndarray, cotangent: np.ndarray, weights: dict) -> dict:
    """Outputs of a bidirectional layer on packed sequences, and the gradients of sum(output · cotangent)."""
    units = weights["weight_hh_l0"].shape[1]
    layer = getattr(torch.nn, kind)(x.shape[-1], units, batch_first=True, bidirectional=True)
    parameters = dict(layer.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.tensor(weights[name]))
    inputs = torch.tensor(x, requires_grad=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, torch.tensor(lengths), True, enforce_sorted=False)
    output, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    gradients = torch.autograd.grad((output * torch.tensor(cotangent)).sum(), [inputs, *parameters.values()])
    return {"output": output, **dict(zip(["x", *parameters], gradients, strict=True))}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    kind, *given = str(arrays.pop("kind")), *(arrays.pop(name) for name in ("x", "lengths", "cotangent"))
    answer = both_directions(kind, *given, arrays)
    np.savez(sys.argv[2], **{name: value.detach().numpy() for name, value in answer.items()})
