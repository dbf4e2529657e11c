"""Mistakes that are seen from the layers and their weights alone."""

from collections.abc import Iterator

import numpy as np

from ... import layers
from .case import Case
from .finding import Finding


def nothing_to_train(case: Case) -> Iterator[Finding]:
    """All weights are frozen, or there are none."""
    weights = case.model.variables
    if case.heads and weights and not any(v.trainable for v in weights):
        yield Finding(
            "nothing-to-train",
            "error",
            "the model has no weights that can be trained",
            f"{sum(v.size for v in weights):,} weights, all frozen",
            "Set trainable = True on the layers that should learn",
        )


def single_row_batches(case: Case) -> Iterator[Finding]:
    """BatchNormalization of vectors over a batch of one row: every number becomes 0."""
    if not case.whole:
        return
    last = case.n % case.batch_size
    vectors = [s for s in case.plan.steps if isinstance(s.layer, layers.BatchNormalization) and len(s.given) == 2]
    if vectors and (case.batch_size == 1 or last == 1):
        which = "every batch" if case.batch_size == 1 else "the last batch of an epoch"
        yield Finding(
            "single-row-batches",
            "warning",
            f"{which} has one row, and BatchNormalization {vectors[0].layer.name!r} makes it all zeros",
            f"{case.n:,} rows in batches of {case.batch_size}",
            "Choose another batch_size, or leave a row out",
        )


def batch_larger_than_data(case: Case) -> Iterator[Finding]:
    """One step is an epoch."""
    if case.whole and case.batch_size > case.n:
        yield Finding(
            "batch-larger-than-data",
            "note",
            "a batch holds all rows: an epoch is one step",
            f"batch_size {case.batch_size}, {case.n} rows",
            "Choose a smaller batch_size for more steps",
        )


def identical_units(case: Case) -> Iterator[Finding]:
    """Hidden units that all start alike get the same gradient, and stay alike for ever."""
    weighing = [s for s in case.plan.steps if hasattr(s.layer, "kernel") and not s.layer.children()]
    last = {id(s.layer) for s in weighing if s.makes} | {id(s.layer) for s in weighing[-1:]}
    alike = []
    for step in weighing:
        kernel = np.asarray(step.layer.kernel)
        flat = kernel.reshape(-1, kernel.shape[-1])
        if id(step.layer) not in last and flat.shape[1] > 1 and bool((flat == flat[:, :1]).all()):
            alike.append((step.layer, flat))
    for layer, flat in {id(layer): (layer, flat) for layer, flat in alike}.values():
        value = f"all weights are {flat[0, 0]:.4g}" if (flat == flat[0, 0]).all() else "all columns are equal"
        yield Finding(
            "identical-units",
            "warning",
            f"the units of {type(layer).__name__} {layer.name!r} start alike, and gradients may not part them",
            f"{value} in its kernel {tuple(layer.kernel.shape)}",
            "Use an initializer that draws at random, such as 'glorot_uniform' or 'he_normal'",
        )
