"""Do the labels depend on the inputs at all? Three tests that shuffle the labels and look whether anything is lost."""

from collections.abc import Iterator

import numpy as np

from .case import Case, Head
from .finding import Finding

_ROWS, _FEWEST, _NEIGHBOURS, _SHUFFLES = 500, 100, 5, 99
_COLUMNS = 20  # of labels; more classes are mixed
_SURE = 0.03  # a p-value below it says: they depend


def labels_independent(case: Case) -> Iterator[Finding]:
    """Labels that neither the nearest rows, nor a line, nor a kernel can tell anything about."""
    tables = [a for _, a in case.inputs]
    if len(tables) != 1 or tables[0].ndim not in (2, 4) or tables[0].dtype.kind not in "fu":
        return
    rows = case.sampled(_ROWS)
    if len(rows) < _FEWEST:
        return
    features = _standardised(tables[0][rows])
    for head in case.heads:
        y = _as_columns(head, rows)
        if y is None or not features.size:
            continue
        chances = p_values(features, y)
        if min(chances.values()) > _SURE:
            shown = ", ".join(f"{name} p = {p:.2f}" for name, p in chances.items())
            yield Finding(
                "labels-independent",
                "warning",
                f"the labels of {head.where} look independent of the inputs: there seems to be nothing to learn",
                f"in {len(rows)} rows, labels that were shuffled fit as well ({shown})",
                "Check that inputs and labels are in the same order; random labels can only be memorised",
            )


def _standardised(x: np.ndarray) -> np.ndarray:
    flat = x.reshape(len(x), -1).astype(np.float64)
    deviation = flat.std(axis=0)
    flat, deviation = flat[:, deviation > 0], deviation[deviation > 0]
    return (flat - flat.mean(axis=0)) / deviation


def _as_columns(head: Head, rows: np.ndarray) -> np.ndarray | None:
    """Labels as columns of mean 0: one for each class, or the numbers themselves; None if there is nothing to tell."""
    labels = head.labels(head.y)
    if labels is not None:
        classes, codes = np.unique(labels[rows], return_inverse=True)
        y = np.eye(len(classes))[codes]
    elif head.is_classification or head.y[rows].reshape(len(rows), -1).shape[1] > 8:
        return None
    else:
        y = head.y[rows].reshape(len(rows), -1).astype(np.float64)
    y = y - y.mean(axis=0)
    return y if y.any() else None


def p_values(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """How often shuffled labels fit at least as well, by nearest rows, by a line, and by a Gaussian kernel.

    Each test is a sum Σ y_i·(A y)_i with a matrix A made of the inputs alone: row i against what the others say of it.

    Args:
        x: standardised features (N, F).
        y: labels of mean 0, (N, K).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(200, 3))
        >>> y = np.sign(x[:, :1] * x[:, 1:2])  # exclusive or: no line tells it
        >>> found = p_values(x, y - y.mean())
        >>> found["neighbours"], found["line"] > 0.03
        (0.01, True)

    Reference: Gretton et al. 2007, A kernel statistical test of independence, for the third.
    """
    order = np.random.default_rng(0)
    squares = (x**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0)
    tests = {"neighbours": _neighbours(distances), "line": _line(x), "kernel": _kernel(distances)}
    if y.shape[1] > _COLUMNS:
        y = y @ order.choice([-1.0, 1.0], (y.shape[1], _COLUMNS))
    orders = [np.arange(len(y)), *(order.permutation(len(y)) for _ in range(_SHUFFLES))]
    shuffled = np.stack([y[rows] for rows in orders], axis=1).astype(
        np.float32
    )  # (N, shuffles + 1, K), the first as is
    found = {}
    for name, matrix in tests.items():
        said = np.tensordot(matrix.astype(np.float32), shuffled, axes=1)
        fits = (shuffled * said).sum(axis=(0, 2), dtype=np.float64)
        found[name] = float((fits >= fits[0]).mean())
    return found


def _neighbours(distances: np.ndarray) -> np.ndarray:
    """The mean of the five nearest other rows."""
    far = distances + np.diag(np.full(len(distances), np.inf))
    nearest = np.argpartition(far, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    matrix = np.zeros_like(distances)
    np.put_along_axis(matrix, nearest, 1 / _NEIGHBOURS, axis=1)
    return matrix


def _line(x: np.ndarray) -> np.ndarray:
    """What ridge regression on the other rows says."""
    gram = x @ x.T + 1.0
    hat = gram @ np.linalg.inv(gram + np.eye(len(x)) * max(1.0, 0.1 * x.shape[1]))
    matrix = hat / (1 - np.diag(hat))[:, None]
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _kernel(distances: np.ndarray) -> np.ndarray:
    """The Hilbert-Schmidt criterion: a Gaussian as wide as the median distance, of mean 0."""
    matrix = np.exp(-distances / np.median(distances[distances > 0]))
    mean = matrix.mean(axis=0)
    return matrix - mean - mean[:, None] + matrix.mean()
