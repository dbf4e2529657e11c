"""Whether a straight line (plane, hyperplane) can separate two classes, with a proof either way."""

from typing import Any, NamedTuple

import numpy as np

from ..core import ArgumentError, require


class Separability(NamedTuple):
    """The proof: a plane between the classes, or a point that belongs to both.

    Args:
        separable: whether w · x + b is positive on one class and negative on the other, for some w and b.
        weights: w (F,), or None.
        bias: b, or None.
        common_point: (F,), a mean of rows of class 0 and of rows of class 1 at once, or None.
        shares: (N,), the weights of the rows in these two means, each adding up to 1, or None.

    Example:
        >>> linear_separability([[0.0], [1.0]], [0, 1]).separable
        True
    """

    separable: bool
    weights: np.ndarray | None = None
    bias: float | None = None
    common_point: np.ndarray | None = None
    shares: np.ndarray | None = None


def linear_separability(x: Any, y: Any) -> Separability:
    """Decide by linear programming: find w, b with s (w · x + b) >= 1 for every row, s being 1 or -1.

    If there are none, the convex hulls of the classes share a point, which a second linear programme finds.
    A line has either all of a mean's rows on the side where the mean is, or rows on both sides, so a point that is
    a mean of both classes cannot be on the right side for both: that is the proof that no line separates them.

    Args:
        x: points (N, F).
        y: classes 0 or 1, (N,); both must occur.

    Returns:
        `Separability`.

    Raises:
        ArgumentError: y holds other classes, or only one.

    Example:
        >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> linear_separability(corners, [0, 0, 0, 1]).separable  # and
        True
        >>> proof = linear_separability(corners, [0, 1, 1, 0])  # exclusive or
        >>> proof.separable, proof.common_point
        (False, array([0.5, 0.5]))

    Reference: Minsky and Papert 1969, Perceptrons.
    """
    points, labels = np.asarray(x, np.float64), np.asarray(y).ravel()
    if set(labels.tolist()) != {0, 1} or len(labels) != len(points):
        raise ArgumentError(
            "linear_separability",
            "there are two classes, 0 and 1",
            expected=f"{len(points)} labels of 0 and 1, both of them",
            received=f"{len(labels)} labels of {sorted(set(labels.tolist()))[:5]}",
            remedy="Number the two classes 0 and 1",
        )
    with_one = np.column_stack([points, np.ones(len(points))])
    signs = np.where(labels == 1, 1.0, -1.0)
    plane = _solve(A_ub=-signs[:, None] * with_one, b_ub=-np.ones(len(points)), bounds=(None, None))
    if plane is not None:
        return Separability(True, weights=plane[:-1], bias=float(plane[-1]))
    halves = np.stack([labels == 0, labels == 1]).astype(np.float64)
    shares = _solve(A_eq=np.vstack([halves, signs * points.T]), b_eq=np.r_[1.0, 1.0, np.zeros(points.shape[1])])
    return Separability(False, common_point=halves[1] * shares @ points, shares=shares)


def _solve(**constraints: Any) -> Any:
    """A point that keeps the constraints (variables >= 0 unless bounded otherwise), or None."""
    columns = next(matrix.shape[1] for name, matrix in constraints.items() if name.startswith("A"))
    found = require("scipy.optimize").linprog(np.zeros(columns), **constraints)
    return found.x if found.status == 0 else None
