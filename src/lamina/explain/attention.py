"""How much each place of a sequence attends to each other one, in every head of every layer."""

from typing import Any

import numpy as np

from ..core import Tensor, no_grad
from ..layers.context import observe_attention, training_phase


def attention_maps(model: Any, inputs: Any) -> dict[str, np.ndarray]:
    """The attention probabilities of one pass through a model, layer by layer.

    Args:
        model: holds layers of `MultiHeadAttention` or `GroupQueryAttention`.
        inputs: what the model is called on, with N rows.

    Returns:
        Layer's name -> probabilities (N, A, T, S), in the order of the calls: row t says how much of the attention of
        place t goes to each place s; rows sum to 1. Of a layer that is called twice it is the last call.

    Example:
        >>> import lamina
        >>> model = lamina.zoo.GPT(vocabulary_size=11, layers=2, heads=2, width=8, context=16)
        >>> maps = attention_maps(model, lamina.Tensor([[1, 2, 3]]))
        >>> [m.shape for m in maps.values()], next(iter(maps.values()))[0, 0, 0].tolist()
        ([(1, 2, 3, 3), (1, 2, 3, 3)], [1.0, 0.0, 0.0])

    What a head attends to is not yet what decides the answer: Jain and Wallace 2019, arXiv 1902.10186.
    """
    found: dict[str, np.ndarray] = {}

    def note(layer: Any, probabilities: Tensor) -> None:
        found[layer.name] = probabilities.numpy()

    with no_grad(), training_phase(False), observe_attention(note):
        model(inputs)
    return found
