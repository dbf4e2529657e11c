"""Statistics of BatchNormalization for weights that have not been trained with, such as averages."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from ..core import Tensor, compile, get_seed, no_grad, random_scope
from ..data import as_array_data, as_batches, is_stream
from ..layers import BatchNormalization
from ..layers.context import training_phase


def update_batch_normalization(model: Any, x: Any, batch_size: int = 32, steps: int | None = None) -> None:
    """Learn the running statistics of all `BatchNormalization` layers anew, in one pass over `x`.

        moving ← Σ n_i s_i / Σ n_i,    s_i: mean and variance of batch i of n_i rows, in training mode

    An average of weights, by `SWA` or `use_ema`, was never trained with: the statistics that were gathered on the way
    belong to the single weights. Call this after `fit`. Frozen layers keep theirs.

    Args:
        model: built, with the weights to be used.
        x: inputs of the training data (N, ...), or a stream of batches, whose targets are left aside.
        batch_size: rows of a batch; not for streams, which have theirs.
        steps: most batches; a few hundred are enough.

    Raises:
        DataError, ShapeError, DTypeError: the data cannot be used.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Input((1,)), lamina.layers.BatchNormalization()])
        >>> update_batch_normalization(model, np.array([[1.0], [3.0], [5.0], [7.0]]), batch_size=2)
        >>> [w.tolist() for w in model.get_weights()[2:]]
        [[4.0], [1.0]]

    Reference: Izmailov et al. 2018, arXiv 1803.05407, section 3.1.
    PyTorch's `update_bn` differs: it weighs all batches alike.
    """
    layers = [layer for layer in _below(model) if isinstance(layer, BatchNormalization) and layer.trainable]
    statistics = [variable for layer in layers for variable in (layer.moving_mean, layer.moving_variance)]
    if not statistics:
        return

    @compile
    def pass_over(x: Any, step: Tensor) -> list[Tensor]:
        with no_grad(), training_phase(True), random_scope(get_seed(), step.array), _no_momentum(layers):
            model(x)
        return [Tensor(variable) for variable in statistics]

    total = [np.zeros(variable.shape) for variable in statistics]
    rows = 0
    for step, batch in enumerate(itertools.islice(_batches(x, batch_size), steps)):
        n = len(jax.tree.leaves(batch)[0])
        found = pass_over(batch, np.uint32(step))
        total = [sums + n * np.asarray(new, np.float64) for sums, new in zip(total, found, strict=True)]
        rows += n
    for variable, sums in zip(statistics, total, strict=True):
        variable.assign(sums / rows)


def _below(layer: Any) -> Iterator[Any]:
    """The layer and all its sub-layers."""
    yield layer
    for child in layer.children().values():
        yield from _below(child)


@contextlib.contextmanager
def _no_momentum(layers: list[Any]) -> Iterator[None]:
    """Inside the block a step leaves the statistics of its own batch alone."""
    kept = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, kept, strict=True):
            layer.momentum = momentum


def _batches(x: Any, size: int) -> Iterator[Any]:
    who = "update_batch_normalization"
    if is_stream(x):
        yield from (batch[0] for batch in as_batches(x, who=who))
        return
    data = as_array_data(x, who=who)
    yield from (data.take(slice(i, i + size)).x for i in range(0, data.n, size))
