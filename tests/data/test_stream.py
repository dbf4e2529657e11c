"""Sources of batches: what counts as one, and what each batch must be."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core import ArgumentError, DataError, DTypeError
from lamina.data import Dataset, as_array_data, as_batches, is_stream


class Loader:
    """Numbered batches without iteration, as Keras' PyDataset."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        return np.full((2, 1), float(i)), np.full(2, i)


class Iterable:
    """Batches as lists, as PyTorch's DataLoader gives them."""

    def __iter__(self) -> Iterator[list[np.ndarray]]:
        yield [np.ones((2, 3)), np.ones(2)]


ROWS = np.ones((4, 2))


@pytest.mark.parametrize(
    "source",
    [
        (batch for batch in [ROWS]),
        iter([ROWS]),
        zip([ROWS], [ROWS], strict=True),
        map(np.ones, [3]),
        Dataset.from_arrays(ROWS),
        Loader(),
        Iterable(),
        [(ROWS, ROWS), (ROWS, ROWS)],
        [(ROWS, [0, 1, 2, 3])],
    ],
    ids=lambda source: type(source).__name__,
)
def test_streams(source: object) -> None:
    assert is_stream(source)


@pytest.mark.parametrize(
    "x",
    [ROWS, [ROWS, ROWS], (ROWS, ROWS), {"a": ROWS}, [[1, 2], [3, 4]], [(1, 2), (3, 4)], [],
     "text", b"text", range(3), None, 3,
     pd.DataFrame({"a": [1]}), pd.Series([1]), pl.DataFrame({"a": [1]}), pl.Series([1])],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_data(x: object) -> None:
    assert not is_stream(x)


def test_one_to_three_parts() -> None:
    for element, wanted in [
        (ROWS, (True, False, False)),
        ((ROWS,), (True, False, False)),
        ((ROWS, None), (True, False, False)),
        ((ROWS, ROWS), (True, True, False)),
        ([ROWS, ROWS], (True, True, False)),
        ((ROWS, ROWS, np.ones(4)), (True, True, True)),
        (({"a": ROWS, "b": ROWS}, ROWS), (True, True, False)),
        ({"a": ROWS}, (True, False, False)),
        ((ROWS, None, np.ones(4)), (True, False, True)),
    ]:
        (batch,) = as_batches(iter([element]))
        assert tuple(part is not None for part in batch) == wanted


def test_batches_take_the_one_form() -> None:
    (batch,) = as_batches([(pd.DataFrame({"a": [1.0, 2.0]}), [5, 6])])
    assert batch[0].dtype == "float32" and batch[0].shape == (2, 1) and batch[1].dtype == "int32"
    (batch,) = as_batches([(ROWS, ROWS)], float_dtype="float64")
    assert batch[0] is ROWS


def test_loaders() -> None:
    assert [y.tolist() for _, y, _ in as_batches(Loader())] == [[0, 0], [1, 1], [2, 2]]
    ((x, y, w),) = as_batches(Iterable())
    assert x.shape == (2, 3) and y.shape == (2,) and w is None


def test_a_dataset_gives_the_epoch_asked_for() -> None:
    dataset = Dataset.from_arrays(np.arange(6)).shuffle(1).batch(4)
    for epoch in (0, 3):
        found = [x.tolist() for x, _, _ in as_batches(dataset, epoch=epoch)]
        assert found == [x.tolist() for x in dataset.epoch(epoch)]


def test_a_dataset_of_rows_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match=r"fit: a dataset must give batches.*received a Dataset of single rows. Add .batch\(32\)"
    ):
        next(as_batches(Dataset.from_arrays(ROWS).shuffle(0).map(lambda x: x)))


@pytest.mark.parametrize("source", [[], iter([]), Dataset.from_generator(lambda: iter([]))])
def test_no_batch(source: object) -> None:
    with pytest.raises(DataError) as error:
        list(as_batches(source))
    name = type(source).__name__
    assert str(error.value).startswith(
        f"fit: the source gave no batch. Expected at least one batch, received an empty or used-up {name}."
    )


def test_several_inputs_without_targets_stay_inputs() -> None:
    for x in ((np.ones((4, 1)), np.zeros((4, 2))), [np.ones((4, 1)), np.zeros((4, 2))]):
        for batches in (Dataset.from_arrays(x).batch(4), Dataset.from_arrays(x).map(lambda x: (x,)).batch(4)):
            ((found, y, _),) = as_batches(batches)
            assert type(found) is type(x) and [a.shape for a in found] == [(4, 1), (4, 2)] and y is None


def test_a_generator_runs_once() -> None:
    source = (batch for batch in [(ROWS, ROWS)])
    assert len(list(as_batches(source))) == 1
    with pytest.raises(DataError, match="used-up generator. A generator runs once"):
        list(as_batches(source))


def test_too_many_parts() -> None:
    with pytest.raises(
        DataError, match=r"fit, batch 0: a batch has one to three parts.*received a tuple of 4.*\(\(x1, x2\), y\)"
    ):
        list(as_batches([(ROWS,) * 4]))
    with pytest.raises(DataError, match="received a tuple of 0"):
        list(as_batches(iter([()])))


def test_parts_that_change() -> None:
    with pytest.raises(
        DataError,
        match="fit, batch 1: every batch must have the same parts. Expected x and y, as in batch 0, received x alone",
    ):
        list(as_batches(iter([(ROWS, ROWS), ROWS])))


def test_unusable_batches_are_numbered() -> None:
    bad = ROWS.copy()
    bad[3, 1] = np.inf
    with pytest.raises(DataError, match="evaluate, batch 2: x has values that are not finite.*the first in row 3"):
        list(as_batches([(ROWS, ROWS), (ROWS, ROWS), (bad, ROWS)], who="evaluate"))
    with pytest.raises(DataError, match="fit, batch 0: all arrays must have the same number of rows"):
        list(as_batches([(ROWS, ROWS[1:])]))
    with pytest.raises(DTypeError, match="fit, batch 0: y must hold numbers"):
        list(as_batches([(ROWS, ["a"] * 4)]))


def test_batches_are_read_one_by_one() -> None:
    read: list[int] = []

    def source() -> Iterator[np.ndarray]:
        for i in range(5):
            read.append(i)
            yield ROWS

    batches = as_batches(source())
    next(batches)
    assert read == [0]


def test_the_errors_of_a_source_are_its_own() -> None:
    def source() -> Iterator[np.ndarray]:
        yield ROWS
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        list(as_batches(source()))


def test_a_file_of_objects_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "numbers.npz", x=np.ones((4, 2)), y=np.arange(4))
    np.savez(tmp_path / "objects.npz", x=np.ones((4, 2)), y=np.array([0, 1, 2, None]))
    with np.load(tmp_path / "numbers.npz", allow_pickle=False) as file:
        assert as_array_data(file["x"], file["y"]).n == 4
    with np.load(tmp_path / "objects.npz", allow_pickle=False) as file, pytest.raises(ValueError, match="allow_pickle"):
        as_array_data(file["x"], file["y"])
    objects = np.array([0, 1, 2, 3], object)  # numbers, but nothing says that they stay so
    with pytest.raises(DTypeError, match="y must hold numbers.*dtype object"):
        as_array_data(np.ones((4, 2)), objects)
    with pytest.raises(DTypeError, match="batch 0: y must hold numbers.*dtype object"):
        next(as_batches([(np.ones((4, 2)), objects)]))
