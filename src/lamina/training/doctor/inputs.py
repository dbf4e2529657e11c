"""Mistakes in the inputs: their scale, columns that say nothing, ids outside of a table, padding that counts."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ... import layers
from .case import Case
from .finding import Finding

_LARGE = 20.0  # root mean square of inputs; standardised ones have 1, pixels 0..255 about 80
_LARGE_COLUMN = 100.0
_MANY_ZEROS = 0.2  # share of the places of sequences that are zeros at an end
_WEIGHING = (
    layers.Dense, layers.EinsumDense, layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.SimpleRNN, layers.LSTM,
    layers.GRU,
)  # fmt: skip
_NORMALIZING = (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization)


def _root_mean_square(array: np.ndarray, axis: int | None = None) -> Any:
    return np.sqrt(np.mean(np.square(array.astype(np.float64)), axis=axis))


def _fed_raw(case: Case, kinds: Any) -> Iterator[tuple[str, np.ndarray, Any]]:
    """Inputs that reach a layer of some kind as they came: their names, the arrays, the layers."""
    for step in case.plan.steps:
        if isinstance(step.layer, kinds):
            for i in step.raw:
                if i < len(case.inputs):
                    yield *case.inputs[i], step.layer


def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """Large numbers that meet a matrix of weights as they are, and no normalisation later on."""
    if any(isinstance(step.layer, _NORMALIZING) for step in case.plan.steps):
        return
    seen = set()
    for name, array, layer in _fed_raw(case, _WEIGHING):
        some = array[case.rows]
        size, columns = _root_mean_square(some), some.ndim == 2 and _root_mean_square(some, axis=0).max()
        if name in seen or size <= _LARGE and columns <= _LARGE_COLUMN:
            continue
        seen.add(name)
        pixels = some.min() >= 0 and 200 < some.max() <= 255
        yield Finding(
            "unscaled-inputs",
            "warning",
            f"large numbers go into {type(layer).__name__} {layer.name!r} as they are",
            f"{name}: from {some.min():.4g} to {some.max():.4g}, root mean square {size:.4g}; about 1 trains well",
            "Divide by 255, or put Rescaling(1 / 255) first"
            if pixels
            else "Standardise the columns, for example with layers.Normalization and adapt",
        )


def constant_inputs(case: Case) -> Iterator[Finding]:
    """All rows alike."""
    if case.n < 10 or any((array[case.rows] != array[0]).any() for _, array in case.inputs):
        return
    yield Finding(
        "constant-inputs",
        "error",
        "all rows of the inputs are alike, so that nothing can be told from them",
        f"{len(case.rows)} of {case.n} rows looked at",
        "Look at how the inputs were read and cut",
    )


def _tables(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Inputs that are tables of features (N, F), of enough rows."""
    for name, array in case.inputs:
        if array.ndim == 2 and array.dtype.kind == "f" and len(case.rows) >= 20:
            yield name, array[case.rows]


def constant_features(case: Case) -> Iterator[Finding]:
    """Columns with one value only."""
    for name, table in _tables(case):
        same = np.flatnonzero((table == table[0]).all(axis=0))
        if 0 < len(same) < table.shape[1]:
            yield Finding(
                "constant-features",
                "note",
                f"columns of {name} hold one value only, and say nothing",
                f"{len(same)} of {table.shape[1]}: {_numbers(same)}",
                "Leave them out, unless other data will vary there",
            )


def duplicate_features(case: Case) -> Iterator[Finding]:
    """Columns that equal others."""
    for name, table in _tables(case):
        varying = np.flatnonzero((table != table[0]).any(axis=0))
        if len(varying) > 2000:
            continue
        first: dict[bytes, int] = {}
        twins = [(first.setdefault(table[:, c].tobytes(), int(c)), int(c)) for c in varying]
        pairs = [f"{other} = {one}" for one, other in twins if one != other]
        if pairs:
            yield Finding(
                "duplicate-features",
                "warning",
                f"columns of {name} are equal, value for value",
                f"{len(pairs)} of {table.shape[1]}: {', '.join(pairs[:5])}{', ...' * (len(pairs) > 5)}",
                "Keep one of each: was a column joined twice, or should it hold something else?",
            )


def target_among_features(case: Case) -> Iterator[Finding]:
    """A column that is the target: the answer is in the question."""
    for name, table in _tables(case):
        for head in case.heads:
            y = head.y[case.rows].reshape(len(table), -1)
            if y.shape[1] != 1 or table.shape[1] < 2 or (y == y[0]).all():
                continue
            same = np.flatnonzero((table == y.astype(table.dtype)).all(axis=0))
            if len(same):
                yield Finding(
                    "target-among-features",
                    "warning",
                    f"a column of {name} is the target of {head.where}, value for value",
                    f"column {_numbers(same)}, all of {len(table)} rows looked at",
                    "Take the column out of the inputs",
                )


def ids_out_of_range(case: Case) -> Iterator[Finding]:
    """Numbers for which an Embedding has no row: their vectors would be NaN."""
    for name, array, layer in _fed_raw(case, layers.Embedding):
        low, high = array.min(), array.max()
        if low < 0 or high >= layer.input_dim:
            bad = (array < 0) | (array >= layer.input_dim)
            place = np.unravel_index(int(np.argmax(bad)), array.shape)
            yield Finding(
                "ids-out-of-range",
                "error",
                f"{name} has ids for which Embedding {layer.name!r} has no row",
                f"ids from 0 to {layer.input_dim - 1} are known, received {array[place]} in row {place[0]}; "
                f"{int(bad.sum()):,} ids in all",
                f"Make input_dim {int(high) + 1}, or map rare tokens to one id for unknown ones"
                if low >= 0
                else "Number the tokens from 0",
            )


def padding_counts(case: Case) -> Iterator[Finding]:
    """Zeros at one end of most sequences, and no mask."""
    for name, array, layer in _fed_raw(case, layers.Embedding):
        if array.ndim != 2 or array.shape[1] < 4 or layer.mask_zero or any(step.masked for step in case.plan.steps):
            continue
        zero = array[case.rows] == 0
        behind = np.logical_and.accumulate(zero[:, ::-1], axis=1).mean(axis=1)
        before = np.logical_and.accumulate(zero, axis=1).mean(axis=1)
        runs = max(behind, before, key=lambda share: float(share.mean()))
        varied = len(np.unique(runs)) > 2 and (runs > 0).mean() > 0.5
        if varied and _MANY_ZEROS < runs.mean() < 1:
            yield Finding(
                "padding-counts",
                "warning",
                f"{name} looks padded with 0, and the padding counts like any other token",
                f"{100 * runs.mean():.0f} % of all places are zeros at an end of their row; no layer brings a mask",
                f"Set mask_zero=True in Embedding {layer.name!r}",
            )


def _numbers(places: np.ndarray) -> str:
    return ", ".join(map(str, places[:5].tolist())) + (", ..." if len(places) > 5 else "")
