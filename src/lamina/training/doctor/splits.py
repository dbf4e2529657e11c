"""Rows that stand several times in the data, or in both of its parts."""

from collections.abc import Iterator

import jax
import numpy as np

from ...data import find_leaks
from .case import Case
from .finding import Finding

_MOST = 20_000  # rows of each part that are compared


def _joined(x: object, n: int) -> np.ndarray:
    """All inputs of a row side by side, as bytes that are equal for equal rows; at most 20,000 rows."""
    leaves = [np.ascontiguousarray(leaf[:_MOST]).reshape(min(n, _MOST), -1) for leaf in jax.tree.leaves(x)]
    return np.concatenate([leaf.view(np.uint8) for leaf in leaves], axis=1)


def rows_in_both_parts(case: Case) -> Iterator[Finding]:
    """Validation rows that were trained on."""
    if case.x_val is None:
        return
    sizes = [a.shape[1:] for a in jax.tree.leaves(case.x)], [a.shape[1:] for a in jax.tree.leaves(case.x_val)]
    if sizes[0] != sizes[1]:
        return
    rows, judged = _joined(case.x, case.n), _joined(case.x_val, len(jax.tree.leaves(case.x_val)[0]))
    if rows.shape[1] != judged.shape[1]:
        return
    leaks = find_leaks(rows, judged)
    share = len(leaks.test) / len(judged)
    if share > (0.0 if _is_continuous(case) else 0.02):
        yield Finding(
            "rows-in-both-parts",
            "warning",
            "validation rows are also training rows: the score on them is no score on new data",
            f"{len(leaks.test):,} of {len(judged):,} ({100 * share:.1f} %); row {leaks.test[0]} equals training row "
            f"{leaks.train[0]}",
            "Split before rows are repeated or augmented, and drop duplicates (lamina.data.find_leaks)",
        )


def duplicate_rows(case: Case) -> Iterator[Finding]:
    """Rows that stand several times in the training part."""
    rows = _joined(case.x, case.n)
    repeated = len(rows) - len({row.tobytes() for row in rows})
    if repeated:
        yield Finding(
            "duplicate-rows",
            "note",
            "rows of the inputs stand there several times",
            f"{repeated:,} of {len(rows):,} rows ({100 * repeated / len(rows):.1f} %) repeat others",
            "Drop them, unless they are meant to count more; split only after that",
        )


def _is_continuous(case: Case) -> bool:
    """Whether two rows are hardly ever equal by chance: many different numbers."""
    return any(a.dtype.kind == "f" and len(np.unique(a[case.rows])) > 100 for _, a in case.inputs)
