"""The table of preprocessing layers that are compared with Keras: arguments, data to adapt to, inputs.

It holds plain data only, so that Keras' environment can read it too. Text layers of Keras need TensorFlow, which the
tests do not: `preprocessing_answers.py` asks Keras once and keeps what it says in `preprocessing_answers.json`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """A layer, its arguments, what it is adapted to (`batches`: batch by batch), and what it is called on."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    inputs: Any = None
    adapt: Any = None
    batches: Any = None
    count_weights: Any = None

    def __str__(self) -> str:
        inside = ",".join(f"{key}={value}" for key, value in self.config.items())
        learnt = "-adapted" if self.adapt is not None else "-batches" if self.batches is not None else ""
        content = zlib.crc32(repr(self).encode())  # a changed case must not meet an old answer
        return f"{self.name}({inside}){learnt}-{content:08x}".replace(" ", "")


def wave(rows: int, columns: int) -> list[list[float]]:
    """Numbers without pattern that a float32 holds exactly."""
    return [[((i * 37 + j * 101 + i * i * j) % 64 - 20) / 8 for j in range(columns)] for i in range(rows)]


FEATURES, WIDE = wave(7, 3), wave(60, 4)
CUBES = [wave(4, 3), wave(4, 3)[::-1]]
WORDS = [["b", "a", "c", "c"], ["a", "z", "ä", "b"], ["b", "", "c", "[UNK]"]]
NUMBERS = [[12, 36, 12], [7, 1138, 12], [36, -4, 1138], [0, 12, 99]]
PATHS = [["berlin", "Sunday-afternoon-picnic"], ["paris", ""], ["a" * 33, "b" * 70], ["日本語", "x" * 200]]
TEXTS = ["foo bar", "bar baz!", "Baz, bada-boom; foo?", "the  quick\tbrown fox", "", "The foo."]
MODES = ["one_hot", "multi_hot", "count"]


def normalization() -> list[Case]:
    axes: list[dict[str, Any]] = [{}, {"axis": None}, {"invert": True}, {"axis": 1}, {"axis": [-1]}]
    given = [{"mean": 2.0, "variance": 4.0}, {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 0.25], "invert": False}]
    return [
        *(Case("Normalization", config, FEATURES, adapt=FEATURES) for config in axes),
        Case("Normalization", {}, FEATURES, batches=[FEATURES[:2], FEATURES[2:3], FEATURES[3:]]),
        Case("Normalization", {}, [[1.0, 5.0]], adapt=[[2.0, 5.0], [6.0, 5.0]]),
        *(Case("Normalization", {"axis": axis}, CUBES, adapt=CUBES) for axis in (1, 2, [1, 2], [1, -1], None)),
        *(Case("Normalization", config, FEATURES) for config in given),
        Case("Normalization", {"axis": [1, 2], "mean": [1.0, 0.0, 2.0], "variance": [1.0, 4.0, 9.0]}, CUBES),
    ]


def discretization() -> list[Case]:
    edges = [-1.0, 0.0, 0.5]
    return [
        *(Case("Discretization", {"bin_boundaries": edges, "output_mode": m}, FEATURES) for m in ["int", *MODES]),
        *(Case("Discretization", {"num_bins": n}, FEATURES, adapt=WIDE) for n in (2, 4, 5, 10)),
        Case("Discretization", {"num_bins": 4, "epsilon": 0.1}, FEATURES, adapt=WIDE),
        Case("Discretization", {"num_bins": 3, "epsilon": 0.05}, FEATURES, batches=[WIDE[:25], WIDE[25:30], WIDE[30:]]),
        Case("Discretization", {"num_bins": 4, "output_mode": "count"}, FEATURES, adapt=WIDE),
        Case("Discretization", {"num_bins": 8}, [[1.0], [2.5]], adapt=[[1.0], [2.0], [3.0]]),
    ]


def encoding() -> list[Case]:
    ids, column = [[3, 0, 3], [1, 1, 1]], [[2], [0], [3]]
    weights = [[0.5, 1.0, 0.25], [1.0, 2.0, 4.0]]
    return [
        *(Case("CategoryEncoding", {"num_tokens": 4, "output_mode": m}, x) for m in MODES for x in (ids, column)),
        *(Case("CategoryEncoding", {"num_tokens": 4, "output_mode": m}, [3, 0, 3]) for m in MODES),
        Case("CategoryEncoding", {"num_tokens": 6}, ids),
        Case("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, ids, count_weights=weights),
    ]


def hashing() -> list[Case]:
    numbers = [[0, 7, -7], [12345, -12345678, 2**31 - 1], [9, 10, -(2**31)], [99999999, 100000000, -1]]
    wide = [[2**40, -(2**62), 10**17]]
    kinds: list[dict[str, Any]] = [{}, {"salt": 133}, {"salt": [133, 137]}]
    return [
        *(Case("Hashing", {"num_bins": 1009, **kind}, values) for kind in kinds for values in (PATHS, numbers, wide)),
        *(Case("Hashing", {"num_bins": 1009, "mask_value": 7, **kind}, numbers) for kind in kinds),
        Case("Hashing", {"num_bins": 3, "mask_value": ""}, PATHS),
        *(Case("Hashing", {"num_bins": 4, "output_mode": m}, WORDS) for m in MODES),
        Case("Hashing", {"num_bins": 4, "output_mode": "one_hot"}, [["a"], ["b"]]),
    ]


def crossing() -> list[Case]:
    names, days = ["A", "B", "A", "B", "A"], [101, 101, 101, 102, -102]
    return [
        Case("HashedCrossing", {"num_bins": 5}, [names, days]),
        Case("HashedCrossing", {"num_bins": 1009}, [[[name] for name in names], [[day] for day in days]]),
        Case("HashedCrossing", {"num_bins": 7, "output_mode": "one_hot"}, [days, names]),
        Case("HashedCrossing", {"num_bins": 1009}, [days, days, days[::-1]]),
        Case("HashedCrossing", {"num_bins": 1009}, [names, names[::-1], ["longer than sixteen bytes"] * 5]),
    ]


def strings() -> list[Case]:
    known = {"vocabulary": ["b", "a", "c"]}
    idf = {"vocabulary": ["b", "a", "c"], "idf_weights": [0.5, 0.25, 2.0], "output_mode": "tf_idf"}
    name = "StringLookup"
    return [
        *(Case(name, {**known, "output_mode": m}, WORDS) for m in ["int", *MODES]),
        *(Case(name, {**known, "mask_token": "", "output_mode": m}, WORDS) for m in ["int", *MODES[1:]]),
        *(Case(name, {**known, **more}, WORDS) for more in ({"num_oov_indices": 3}, {"num_oov_indices": 3, "salt": 7})),
        Case(name, {**known, "num_oov_indices": 0}, [["a", "b", "c"]]),
        Case(name, {"vocabulary": ["[UNK]", "b", "a"]}, WORDS),
        Case(name, {**known, "invert": True}, [[0, 1, 2, 3, 9]]),
        Case(name, {**known, "invert": True, "mask_token": "", "oov_token": "?"}, [[0, 1, 2, 3, 4]]),
        *(Case(name, {"output_mode": m}, WORDS, adapt=WORDS) for m in ["int", "count", "tf_idf"]),
        Case(name, {}, WORDS, adapt=["d", "b", "c", "d", "a", "c"]),
        Case(name, {"output_mode": "tf_idf"}, WORDS, adapt=["d", "b", "c", "d", "a", "c"]),
        Case(name, {"max_tokens": 3}, WORDS, adapt=WORDS),
        Case(name, {"max_tokens": 4, "num_oov_indices": 2, "mask_token": ""}, WORDS, adapt=WORDS),
        Case(name, {"max_tokens": 9, "output_mode": "multi_hot", "pad_to_max_tokens": True}, WORDS, adapt=WORDS),
        Case(name, {"max_tokens": 9, "output_mode": "tf_idf", "pad_to_max_tokens": True}, WORDS, adapt=WORDS),
        Case(name, {"output_mode": "tf_idf", "mask_token": ""}, WORDS, batches=[WORDS[:2], WORDS[2:]]),
        Case(name, idf, WORDS),
        Case(name, {**idf, "vocabulary": ["[UNK]", "a", "c"]}, WORDS),
        Case(name, {**idf, "max_tokens": 6, "pad_to_max_tokens": True}, WORDS),
    ]


def integers() -> list[Case]:
    known, name = {"vocabulary": [12, 36, 1138]}, "IntegerLookup"
    return [
        *(Case(name, {**known, "output_mode": m}, NUMBERS) for m in ["int", *MODES]),
        *(Case(name, {**known, "mask_token": 0, "output_mode": m}, NUMBERS) for m in ["int", "count"]),
        *(Case(name, {**known, "num_oov_indices": 3, "oov_method": m}, NUMBERS) for m in ("floormod", "farmhash")),
        Case(name, {**known, "num_oov_indices": 3, "oov_method": "farmhash", "salt": [5, 6]}, NUMBERS),
        Case(name, {**known, "invert": True}, [[0, 1, 2, 3, 9]]),
        Case(name, {"vocabulary": [-1, 12, 36]}, NUMBERS),
        Case(name, {"vocabulary": [2**40, 5]}, [[2**40, 5, 2**40 + 1]]),
        *(Case(name, {"output_mode": m}, NUMBERS, adapt=NUMBERS) for m in ["int", "multi_hot", "tf_idf"]),
        Case(name, {"max_tokens": 3, "mask_token": 12}, NUMBERS, batches=[NUMBERS[:1], NUMBERS[1:]]),
    ]


def texts() -> list[Case]:
    name, known = "TextVectorization", ["foo", "bar", "baz", "the"]
    ways: list[dict[str, Any]] = [
        {}, {"standardize": None}, {"standardize": "lower"}, {"standardize": "strip_punctuation"},
        {"split": "character"}, {"split": None}, {"ngrams": 2}, {"ngrams": [1, 3]},
        {"ngrams": [2], "split": "character"},
        {"output_sequence_length": 3}, {"output_sequence_length": 9}, {"max_tokens": 4},
        {"output_mode": "multi_hot"}, {"output_mode": "count", "ngrams": 2}, {"output_mode": "tf_idf"},
        {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True},
        {"output_mode": "tf_idf", "max_tokens": 5},
    ]  # fmt: skip
    return [
        *(Case(name, config, TEXTS, adapt=TEXTS) for config in ways),
        Case(name, {}, [[text] for text in TEXTS], adapt=[[text] for text in TEXTS]),
        Case(name, {"output_mode": "tf_idf"}, TEXTS, batches=[TEXTS[:2], TEXTS[2:]]),
        *(Case(name, {"vocabulary": known, "output_mode": m}, TEXTS) for m in ("int", "multi_hot", "count")),
        Case(name, {"vocabulary": known, "output_mode": "tf_idf", "idf_weights": [1.0, 2.0, 3.0, 0.5]}, TEXTS),
    ]


CASES = [
    *normalization(), *discretization(), *encoding(), *hashing(), *crossing(), *strings(), *integers(), *texts(),
]  # fmt: skip
