"""What data sets there are: one record each, for the command line and the docs."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from . import synthetic
from .facts import facts
from .packaged import mnist
from .python_topics import python_topics
from .reports import reports
from .reviews import reviews
from .sequences import adding_problem, copy_task, reverse_task
from .small import breast_cancer, diabetes, digits, iris, wine
from .topics import topics
from .translation import date_translation, numeral_translation


@dataclass(frozen=True)
class DatasetInfo:
    """One data set of the catalogue.

    Args:
        name: how it is called below `lamina.datasets`.
        load: function that returns it.
        rows: number of rows, training and test together; None if the caller chooses.
        shape: shape of one row of x.
        dtype: type of x; "str" for texts.
        classes: number of classes; 0 if numbers or texts are to be predicted.
        licence: of the data.
        source: who made it.
        extra: Lamina's extra that brings it; None if it is always there.

    Example:
        >>> info = next(info for info in catalogue() if info.name == "mnist")
        >>> info.rows, info.shape, info.nbytes
        (70000, (28, 28), 54880000)
    """

    name: str
    load: Callable[..., Any]
    rows: int | None
    shape: tuple[int, ...]
    dtype: str
    classes: int
    licence: str
    source: str
    extra: str | None = None

    @property
    def nbytes(self) -> int | None:
        """Bytes of x in memory; None if the number of rows is open."""
        return None if self.rows is None else self.rows * prod(self.shape) * np.dtype(self.dtype).itemsize


_UCI = "CC BY 4.0 (UCI repository)"
_GENERATED = "generated, free to use"
_LAMINA = "Lamina's own generator"

_CATALOGUE = (
    DatasetInfo("mnist", mnist, 70_000, (28, 28), "uint8", 10, "CC BY-SA 3.0", "LeCun and Cortes 1998"),
    DatasetInfo("digits", digits, 1797, (8, 8), "uint8", 10, _UCI, "Alpaydin and Kaynak 1998", "data"),
    DatasetInfo("iris", iris, 150, (4,), "float32", 3, _UCI, "Fisher 1936", "data"),
    DatasetInfo("wine", wine, 178, (13,), "float32", 3, _UCI, "Aeberhard and Forina 1992", "data"),
    DatasetInfo("breast_cancer", breast_cancer, 569, (30,), "float32", 2, _UCI, "Wolberg et al. 1995", "data"),
    DatasetInfo(
        "diabetes", diabetes, 442, (10,), "float32", 0, "not stated by its authors", "Efron et al. 2004", "data"
    ),
    DatasetInfo("synthetic.xor", synthetic.xor, None, (2,), "float32", 2, _GENERATED, _LAMINA),
    DatasetInfo("synthetic.moons", synthetic.moons, None, (2,), "float32", 2, _GENERATED, _LAMINA),
    DatasetInfo("synthetic.circles", synthetic.circles, None, (2,), "float32", 2, _GENERATED, _LAMINA),
    DatasetInfo("synthetic.spirals", synthetic.spirals, None, (2,), "float32", 2, _GENERATED, _LAMINA),
    DatasetInfo("synthetic.blobs", synthetic.blobs, None, (2,), "float32", 3, _GENERATED, _LAMINA),
    DatasetInfo("synthetic.lines", synthetic.lines, None, (2,), "float32", 2, _GENERATED, _LAMINA),
    DatasetInfo("adding_problem", adding_problem, None, (100, 2), "float32", 0, _GENERATED, _LAMINA),
    DatasetInfo("copy_task", copy_task, None, (10,), "int32", 8, _GENERATED, _LAMINA),
    DatasetInfo("reverse_task", reverse_task, None, (10,), "int32", 8, _GENERATED, _LAMINA),
    DatasetInfo("python_topics", python_topics, None, (), "str", 0, "PSF", "Python Software Foundation"),
    DatasetInfo("date_translation", date_translation, None, (), "str", 0, _GENERATED, _LAMINA),
    DatasetInfo("numeral_translation", numeral_translation, None, (), "str", 0, _GENERATED, _LAMINA),
    DatasetInfo("reviews", reviews, None, (), "str", 2, _GENERATED, _LAMINA),
    DatasetInfo("topics", topics, None, (), "str", 5, _GENERATED, _LAMINA),
    DatasetInfo("facts", facts, None, (), "str", 0, _GENERATED, _LAMINA),
    DatasetInfo("reports", reports, None, (), "str", 0, _GENERATED, _LAMINA),
)


def catalogue() -> tuple[DatasetInfo, ...]:
    """All data sets that Lamina can load, real ones first.

    Example:
        >>> [info.name for info in catalogue() if info.extra is None][:3]
        ['mnist', 'synthetic.xor', 'synthetic.moons']
    """
    return _CATALOGUE
