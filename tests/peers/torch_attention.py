"""PyTorch's answers about attention: runs inside PyTorch's environment. Arguments: the .npz to read, the .npz to write.

The file read holds `kind`, `settings` (JSON) and the arrays that the function of that name takes.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch


def multi_head(arrays: dict, heads: int, causal: bool) -> dict:
    """Output, probabilities, and the gradients of sum(output · cotangent), for weights as PyTorch keeps them."""
    query, value = (torch.tensor(arrays[name], requires_grad=True) for name in ("query", "value"))
    layer = torch.nn.MultiheadAttention(query.shape[-1], heads, batch_first=True)
    parameters = (layer.in_proj_weight, layer.in_proj_bias, layer.out_proj.weight, layer.out_proj.bias)
    names = ("in_weight", "in_bias", "out_weight", "out_bias")
    with torch.no_grad():
        for name, parameter in zip(names, parameters, strict=True):
            parameter.copy_(torch.tensor(arrays[name]))
    hidden = torch.ones(query.shape[1], value.shape[1], dtype=torch.bool).triu(1) if causal else None
    padding = torch.tensor(~arrays["real"])
    output, weights = layer(query, value, value, key_padding_mask=padding, attn_mask=hidden, average_attn_weights=False)
    gradients = torch.autograd.grad((output * torch.tensor(arrays["cotangent"])).sum(), [query, value, *parameters])
    named = zip(("query", "value", *names), gradients, strict=True)
    return {"output": output, "weights": weights, **{f"gradient_{name}": g for name, g in named}}


def scaled_dot_product(arrays: dict, causal: bool, grouped: bool) -> dict:
    """`scaled_dot_product_attention` of arrays laid out (N, A, T, H), and its gradients."""
    inputs = [torch.tensor(arrays[name], requires_grad=True) for name in ("query", "key", "value")]
    output = torch.nn.functional.scaled_dot_product_attention(*inputs, is_causal=causal, enable_gqa=grouped)
    gradients = torch.autograd.grad((output * torch.tensor(arrays["cotangent"])).sum(), inputs)
    return {"output": output, **{f"gradient_{i}": g for i, g in enumerate(gradients)}}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    kind, settings = str(arrays.pop("kind")), json.loads(str(arrays.pop("settings")))
    answer = {"multi_head": multi_head, "scaled_dot_product": scaled_dot_product}[kind](arrays, **settings)
    np.savez(sys.argv[2], **{name: value.detach().numpy() for name, value in answer.items()})
