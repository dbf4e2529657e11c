"""Datasets: epochs without memory, whose order depends on seed and epoch only."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from lamina.core import ArgumentError, DTypeError, ShapeError
from lamina.data import Dataset, permutation


def numbers(n: int) -> Dataset:
    """A dataset that is not backed by arrays."""
    return Dataset.from_generator(lambda: iter(range(n)), length=n)


def flat(dataset: Dataset, epoch: int = 0) -> list[int]:
    return [int(item) for item in dataset.epoch(epoch)]


SOURCES = [numbers, lambda n: Dataset.from_arrays(np.arange(n))]
both_sources = pytest.mark.parametrize("source", SOURCES, ids=["generator", "arrays"])


@both_sources
def test_the_same_order_from_arrays_and_from_a_generator(source) -> None:
    shuffled = source(100).shuffle(seed=5)
    assert flat(shuffled) == permutation(100, 5, 0).tolist()
    assert flat(shuffled, 3) == permutation(100, 5, 3).tolist()
    assert flat(shuffled) == flat(shuffled)  # nothing is remembered
    assert list(map(int, shuffled)) == flat(shuffled, 0)


@both_sources
def test_two_epochs_can_run_side_by_side(source) -> None:
    shuffled = source(10).shuffle(seed=1)
    a, b = shuffled.epoch(0), shuffled.epoch(0)
    assert [(int(next(a)), int(next(b))) for _ in range(10)] == [(i, i) for i in flat(shuffled)]


@both_sources
def test_a_method_leaves_the_dataset_as_it_was(source) -> None:
    dataset = source(10)
    dataset.shuffle(seed=1), dataset.skip(3), dataset.batch(2), dataset.repeat(4)
    assert flat(dataset) == list(range(10)) and len(dataset) == 10


@both_sources
def test_shuffling_twice_composes(source) -> None:
    first, second = permutation(20, 1, 4), permutation(20, 2, 4)
    assert flat(source(20).shuffle(1).shuffle(2), 4) == first[second].tolist()


@both_sources
def test_take_and_skip(source) -> None:
    assert flat(source(10).skip(3).take(4)) == [3, 4, 5, 6]
    assert flat(source(10).take(20)) == list(range(10)) and flat(source(10).skip(20)) == []
    assert [len(source(10).take(n)) for n in (0, 4, 20)] == [0, 4, 10]
    assert [len(source(10).skip(n)) for n in (0, 4, 20)] == [10, 6, 0]
    shuffled = source(10).shuffle(0)
    assert flat(shuffled.take(3), 1) + flat(shuffled.skip(3), 1) == flat(shuffled, 1)


@both_sources
@pytest.mark.parametrize(("drop", "sizes"), [(False, [4, 4, 2]), (True, [4, 4])])
def test_batch(source, drop: bool, sizes: list[int]) -> None:
    batched = source(10).batch(4, drop_remainder=drop)
    assert [len(batch) for batch in batched] == sizes and len(batched) == len(sizes) and batched.batched
    assert np.concatenate(list(batched)).tolist() == list(range(sum(sizes)))


@both_sources
def test_batch_of_everything(source) -> None:
    assert [batch.tolist() for batch in source(3).batch(10)] == [[0, 1, 2]]
    assert len(source(3).batch(10, drop_remainder=True)) == 0 == len(list(source(3).batch(10, drop_remainder=True)))


def test_rows_and_batches_of_arrays_agree() -> None:
    x = {"a": np.arange(12.0).reshape(6, 2), "b": np.arange(6)}
    rows = Dataset.from_arrays(x, np.arange(6) % 2, np.arange(6))
    by_index = list(rows.shuffle(3).batch(4))
    by_row = list(rows.map(lambda *element: element).shuffle(3).batch(4))
    assert len(by_index) == len(by_row) == 2
    for (x1, y1, w1), (x2, y2, w2) in zip(by_index, by_row, strict=True):
        assert np.array_equal(x1["a"], x2["a"]) and np.array_equal(x1["b"], x2["b"])
        assert np.array_equal(y1, y2) and np.array_equal(w1, w2) and x1["a"].dtype == x2["a"].dtype == "float32"


def test_elements_are_x_or_tuples() -> None:
    assert [x.tolist() for x in Dataset.from_arrays([[1], [2]])] == [[1], [2]]
    assert next(iter(Dataset.from_arrays([1], [2]))) == (1, 2)
    assert next(iter(Dataset.from_arrays([1], None, [3.0]))) == (1, None, 3.0)
    x, y, w = next(iter(Dataset.from_arrays([1], None, [3.0]).map(lambda *e: e).batch(1)))
    assert x.tolist() == [1] and y is None and w.tolist() == [3.0]


@pytest.mark.parametrize("buffer", [1, 2, 7, 19])
@both_sources
def test_a_buffer_shuffles_within_its_reach(source, buffer: int) -> None:
    order = flat(source(20).shuffle(seed=1, buffer=buffer))
    assert sorted(order) == list(range(20))
    assert all(item <= position + buffer for position, item in enumerate(order))  # nothing comes before it was read
    assert order != flat(source(20).shuffle(seed=1, buffer=buffer), 1) or buffer == 1
    assert (order == list(range(20))) == (buffer == 1)


@both_sources
def test_a_buffer_that_holds_everything_is_a_full_shuffle(source) -> None:
    assert flat(source(20).shuffle(4, buffer=20), 2) == flat(source(20).shuffle(4), 2)


@both_sources
def test_repeat_runs_through_epochs(source) -> None:
    shuffled = source(5).shuffle(0)
    twice = shuffled.repeat(2)
    assert len(twice) == 10
    assert flat(twice, 0) == flat(shuffled, 0) + flat(shuffled, 1)
    assert flat(twice, 3) == flat(shuffled, 6) + flat(shuffled, 7)
    endless = shuffled.repeat()
    assert flat(endless.take(12), 4) == (flat(shuffled, 4) + flat(shuffled, 5) + flat(shuffled, 6))[:12]
    assert endless.length is None and flat(shuffled.repeat(0)) == []


def test_an_endless_repetition_of_nothing_ends() -> None:
    assert list(numbers(0).repeat()) == []


def test_map_unpacks_tuples_and_keeps_the_length() -> None:
    dataset = Dataset.from_arrays([1, 2], [3, 4]).map(lambda x, y: x * 10 + y)
    assert flat(dataset) == [13, 24] and len(dataset) == 2
    assert [v for v in numbers(2).map(lambda n: {"n": n})] == [{"n": 0}, {"n": 1}]


@both_sources
def test_random_maps_depend_on_seed_epoch_and_position_only(source) -> None:
    def noisy(dataset: Dataset, seed: int = 1) -> Dataset:
        return dataset.map(lambda n, rng: int(rng.integers(10**9)), seed=seed)

    plain = flat(noisy(source(8)))
    assert len(set(plain)) == 8
    assert plain == flat(noisy(source(8))) == flat(noisy(source(8)).prefetch(3))
    assert plain != flat(noisy(source(8)), 1) and plain != flat(noisy(source(8), seed=2))
    assert plain[:3] == flat(noisy(source(8)).take(3))


@both_sources
def test_prefetch_changes_nothing_but_the_thread(source) -> None:
    where: list[str] = []
    dataset = source(10).shuffle(1).map(lambda n: where.append(threading.current_thread().name) or n)
    assert flat(dataset.prefetch(2), 5) == flat(dataset, 5) and len(dataset.prefetch()) == 10
    assert set(where[:10]) == {"lamina-prefetch"} and set(where[10:]) == {"MainThread"}


def test_abandoned_epochs_leave_no_threads() -> None:
    dataset = numbers(10**6).prefetch(2).map(lambda n: n + 1).batch(2).prefetch(2).take(3)
    assert [batch.tolist() for batch in dataset] == [[1, 2], [3, 4], [5, 6]]
    for _ in dataset:
        break
    assert not [thread for thread in threading.enumerate() if thread.name == "lamina-prefetch"]


def test_from_generator_starts_afresh_each_epoch() -> None:
    calls: list[int] = []

    def source() -> Iterator[int]:
        calls.append(1)
        yield from (1, 2, 3)

    dataset = Dataset.from_generator(source)
    assert flat(dataset) == flat(dataset, 1) == [1, 2, 3] and len(calls) == 2


def test_an_own_epoch_function_sees_the_epoch() -> None:
    assert list(Dataset(lambda epoch: iter([epoch])).epoch(7)) == [7]


def test_unknown_length() -> None:
    dataset = Dataset.from_generator(lambda: iter(range(3)))
    assert dataset and list(dataset) == [0, 1, 2]  # neither needs the length
    for derived in (
        dataset,
        dataset.batch(2),
        dataset.shuffle(0),
        dataset.take(2),
        dataset.repeat(2),
        dataset.prefetch(),
    ):
        with pytest.raises(DTypeError, match="Dataset: the length is not known.*steps_per_epoch= to fit"):
            len(derived)


def test_repr() -> None:
    assert repr(Dataset.from_arrays([1, 2]).batch(2)) == "Dataset(length=1, batched=True)"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda d: d.batch(0),
            "Dataset.batch: batch_size counts elements. Expected an integer of at least 1, received 0",
        ),
        (lambda d: d.take(-1), "Dataset.take: count counts elements"),
        (lambda d: d.skip(-1), "Dataset.skip: count counts elements"),
        (lambda d: d.repeat(-1), "Dataset.repeat: count counts elements"),
        (lambda d: d.prefetch(0), "Dataset.prefetch: buffer_size counts elements"),
        (lambda d: d.shuffle(0, buffer=0), "Dataset.shuffle: buffer counts elements"),
    ],
)
@both_sources
def test_counts_are_checked_at_once(source, call, sentence: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call(source(3))
    assert sentence in str(error.value)


def test_a_used_generator_is_refused() -> None:
    with pytest.raises(DTypeError, match="received a generator. Pass the generator function itself"):
        Dataset.from_generator(i for i in range(3))  # type: ignore[arg-type]


def test_elements_of_unequal_shape() -> None:
    ragged = Dataset.from_generator(lambda: iter([(np.ones(2), 0), (np.ones(3), 1)]))
    with pytest.raises(ShapeError) as error:
        list(ragged.batch(2))
    assert "Expected elements like the first, of shape ((2,), ()), received ((3,), ()) in element 1" in str(error.value)


def test_elements_of_unequal_structure() -> None:
    mixed = Dataset.from_generator(lambda: iter([(np.ones(2), 0), np.ones(2)]))
    with pytest.raises(ShapeError, match="must have one structure"):
        list(mixed.batch(2))


def test_text_has_to_be_mapped_before_batching() -> None:
    words = Dataset.from_generator(lambda: iter(["ab", "cd"]))
    with pytest.raises(DTypeError, match="Dataset.batch: the element must hold numbers"):
        list(words.batch(2))
    assert next(iter(words.map(lambda word: [ord(c) for c in word]).batch(2))).tolist() == [[97, 98], [99, 100]]
