"""Windows of text: each token once, targets one later, the same every time, nothing loaded unasked."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from lamina import Sequential, layers
from lamina.core import ArgumentError, DataError, DTypeError
from lamina.data.text import TextDataset
from lamina.data.tokenizers import CharacterTokenizer
from lamina.losses import SparseCategoricalCrossentropy
from lamina.optimizers import Adam

TOKENS = np.arange(101)


def starts(data: TextDataset, epoch: int = 0) -> list[int]:
    return [int(row[0]) for x, _ in data.epoch(epoch) for row in x]


def test_random_order_sees_each_token_once_and_cuts_elsewhere_each_epoch() -> None:
    data = TextDataset(TOKENS, length=7, batch_size=4, seed=5)
    offsets = set()
    for epoch in range(100):
        found = starts(data, epoch)
        offsets.add(min(found))
        assert sorted(found) == list(range(min(found), min(found) + 7 * 13, 7)) and found != sorted(found)
        assert max(found) + 7 <= 100 and len(found) == data.windows == 13
    assert offsets == set(range(10)) and len(data) == 4 == len(list(data))
    assert (
        starts(data, 3) == starts(TextDataset(TOKENS, 7, 4, seed=5), 3) != starts(TextDataset(TOKENS, 7, 4, seed=6), 3)
    )


def test_targets_are_one_token_later() -> None:
    for order in ("random", "consecutive", "streams"):
        for x, y in TextDataset(TOKENS, length=7, batch_size=4, order=order):
            assert x.dtype == y.dtype == np.int32 and x.shape == y.shape == (len(x), 7)
            assert np.array_equal(y, x + 1) and np.array_equal(x, x[:, :1] + np.arange(7))


def test_consecutive_order() -> None:
    data = TextDataset(TOKENS, length=10, batch_size=3, order="consecutive")
    assert starts(data) == list(range(0, 100, 10)) and [len(x) for x, _ in data] == [3, 3, 3, 1]
    assert TextDataset(TOKENS[:11], 10, order="consecutive").windows == TextDataset(TOKENS[:11], 10).windows == 1


def test_streams_go_on_in_the_next_batch() -> None:
    batches = [x for x, _ in TextDataset(TOKENS, length=8, batch_size=4, order="streams")]
    assert [x.shape for x in batches] == [(4, 8)] * 3
    assert all(
        np.array_equal(after[:, 0], before[:, -1] + 1) for before, after in zip(batches, batches[1:], strict=False)
    )
    assert len(np.unique(batches)) == 96


def test_split_without_overlap() -> None:
    train, validation = TextDataset(TOKENS, length=5, batch_size=2).split(0.2)
    seen = {int(i) for epoch in range(20) for x, y in train.epoch(epoch) for i in [*x.ravel(), *y.ravel()]}
    held_out = {int(i) for x, y in validation for i in [*x.ravel(), *y.ravel()]}
    assert seen == set(range(81)) and held_out == set(range(81, 97)) and validation.order == "consecutive"


def test_files_and_texts_give_the_same(tmp_path: Path) -> None:
    tokenizer = CharacterTokenizer.train("abc 学", special_tokens=("<unk>", "<end>"))
    texts = ["ab 学c" * 5, "cab" * 4]
    for name, text in zip("12", texts, strict=True):
        (tmp_path / name).write_text(text)
    files = TextDataset.from_files([tmp_path / "1", tmp_path / "2"], tokenizer, 4, 2, separator="<end>")
    memory = TextDataset.from_texts(texts, tokenizer, 4, 2, separator="<end>")
    assert files.tokens.tolist() == memory.tokens.tolist() and memory.tokens.tolist().count(1) == 2
    assert isinstance(files.tokens, np.memmap)
    assert all(np.array_equal(a, b) for a, b in zip(next(files.epoch(2)), next(memory.epoch(2)), strict=True))
    assert TextDataset.from_texts("abab", tokenizer, 3).windows == 1


def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    with (tmp_path / "tokens").open("wb") as file:
        file.truncate(2 * 10**9)  # a file with a hole: it takes no place on the disk
    tokens = np.memmap(tmp_path / "tokens", np.uint16, mode="r")
    data = TextDataset(tokens, length=10**4, batch_size=8)
    tracemalloc.start()
    for _, (x, _) in zip(range(20), data.epoch(1), strict=False):
        assert x.shape == (8, 10**4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 10**7  # a hundredth of the file


def test_fit_learns_from_it() -> None:
    data = TextDataset(np.tile([0, 1, 2, 3], 50), length=4, batch_size=8)
    model = Sequential([layers.Embedding(4, 8), layers.Dense(4)])
    model.compile(Adam(0.01), SparseCategoricalCrossentropy(from_logits=True))
    losses = model.fit(data, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize(
    ("tokens", "options", "error", "sentence"),
    [
        (TOKENS[:5], {}, DataError, "Expected at least 6 tokens, received 5"),
        (TOKENS[:50], {"order": "streams"}, DataError, "Expected at least 161 tokens, received 50"),
        (TOKENS, {"order": "shuffled"}, ArgumentError, "order is out of range. Expected one of"),
        (TOKENS, {"length": 0}, ArgumentError, "length is out of range. Expected at least 1, received 0"),
        (TOKENS, {"batch_size": 0}, ArgumentError, "batch_size is out of range"),
        (TOKENS * 0.5, {}, DTypeError, "tokens are one row of whole numbers"),
        (TOKENS[None], {}, DTypeError, r"received shape \(1, 101\)"),
    ],
)
def test_refused(tokens: np.ndarray, options: dict, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        TextDataset(tokens, **{"length": 5, **options})


def test_refused_splits() -> None:
    with pytest.raises(ArgumentError, match="validation_split is out of range"):
        TextDataset(TOKENS, 5).split(1.0)
    with pytest.raises(DataError, match="Expected at least 6 tokens, received 1"):
        TextDataset(TOKENS, 5).split(0.01)
