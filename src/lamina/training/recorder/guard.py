"""What must stay finite while a model trains."""

from collections.abc import Iterable, Sequence

import numpy as np

from ...core import Variable, is_float
from .watch import GRADIENT, LOSS, VARIABLE


class Guard:
    """Says which results of a step must be finite.

    Args:
        exempt: Variables that may hold anything: the state of metrics.
        losses: whether the losses that a step reports must be finite. Not with dynamic loss scaling, which
            lets a step overflow and leaves it out.

    Example:
        >>> guard = Guard()
        >>> guard.accepts(["batch_loss", "r2"], np.array([[0.5, np.nan]]))
        True
        >>> guard.accepts(["d_loss", "g_loss"], np.array([[0.5, 0.5], [np.inf, 0.5]]))
        False
    """

    def __init__(self, exempt: Iterable[Variable] = (), losses: bool = True) -> None:
        self._exempt, self._losses = {id(variable) for variable in exempt}, losses

    @property
    def kinds(self) -> tuple[str, ...]:
        """What counts as a reason to stop."""
        return (LOSS, GRADIENT, VARIABLE) if self._losses else (VARIABLE,)

    def judged(self, written: Iterable[Variable]) -> list[Variable]:
        """Those of the Variables that a step writes which must stay finite: weights, statistics, slots."""
        return [v for v in written if is_float(v.dtype) and id(v) not in self._exempt]

    def accepts(self, names: Sequence[str], lines: np.ndarray) -> bool:
        """Whether the losses that some steps have reported, (steps, names), are finite."""
        own = [i for i, name in enumerate(names) if name == "batch_loss"]  # of one step; "loss" is the epoch's mean
        places = own or [i for i, name in enumerate(names) if name.endswith("loss")]
        return not self._losses or bool(np.isfinite(lines[:, places]).all())
