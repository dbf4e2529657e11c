"""The catalogue tells the truth about every data set."""

import numpy as np
import pytest

from lamina import datasets
from lamina.datasets import DatasetInfo, Question, catalogue


@pytest.mark.parametrize("info", catalogue(), ids=lambda info: info.name)
def test_record(info: DatasetInfo) -> None:
    room, _, name = info.name.rpartition(".")
    assert getattr(getattr(datasets, room) if room else datasets, name) is info.load
    assert info.licence and info.source
    loaded = info.load()
    if info.dtype == "str":
        check_texts(info, loaded)
        return
    parts = [loaded] if info.rows is None else list(loaded)
    x, y = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    assert x.shape[1:] == info.shape and x.dtype == info.dtype
    assert info.rows in (None, len(x)) and info.nbytes in (None, x.nbytes)
    assert (info.classes == 0) == (y.dtype.kind == "f") and (info.classes == 0 or len(np.unique(y)) == info.classes)


def check_texts(info: DatasetInfo, parts: tuple) -> None:
    assert info.rows is info.nbytes is None and info.shape == () and len(parts) == 2
    for part in parts:
        texts = part[0] if isinstance(part, tuple) else part
        assert all(isinstance(text, Question if info.name == "facts" else str) for text in texts)
        assert info.classes == 0 or len(np.unique(part[1])) == info.classes


def test_every_loader_has_a_record() -> None:
    names = {info.name for info in catalogue()}
    loaders = set(datasets.__all__) - {"TOPICS", "DatasetInfo", "Question", "catalogue", "read_idx", "synthetic"}
    assert {name for name in names if "." not in name} == loaders
    assert len(names) == len(catalogue()) == 22
