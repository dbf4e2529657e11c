"""Prediction: the forward pass, compiled for a few batch sizes and used again."""

from typing import Any

import jax
import numpy as np

from ..core import Tensor, compile, no_grad
from ..layers.context import training_phase


class Forward:
    """The compiled forward pass of a model in inference mode.

    A batch of n rows runs in the program for the next power of two: the last row is repeated and the
    surplus cut off. So a server that sees every batch size compiles a handful of programs.

    Args:
        model: called on tensors.
        max_compiles: how many shapes are allowed before an error.

    Example:
        >>> forward = Forward(lambda x: x * 2.0)
        >>> forward(np.ones((3, 1), np.float32), n=3, most=32).shape, forward(np.ones((4, 1), np.float32), 4, 32).shape
        ((3, 1), (4, 1))
        >>> len(forward.compilations)
        1
    """

    def __init__(self, model: Any, max_compiles: int = 64) -> None:
        def predict(x: Any) -> Any:
            with no_grad(), training_phase(False):
                return model(x)

        self._run = compile(predict, max_compiles=max_compiles)

    def __call__(self, x: Any, n: int, most: int) -> Any:
        """Outputs (n, ...) as NumPy arrays for inputs of n <= most rows."""
        size = n if n == most else min(1 << (n - 1).bit_length(), most)
        if size != n:
            x = jax.tree.map(lambda a: np.concatenate([a, np.repeat(a[-1:], size - n, axis=0)]), x)
        found = self._run(x)
        if isinstance(found, Tensor):
            return np.asarray(found.array)[:n]
        tensors, tree = jax.tree.flatten(found)
        return jax.tree.unflatten(tree, [np.asarray(t.array)[:n] for t in tensors])

    @property
    def compilations(self) -> list[str]:
        """Why each program was compiled."""
        return self._run.compilations
