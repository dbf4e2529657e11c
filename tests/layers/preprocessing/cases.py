"""The preprocessing layers that take numbers, ready to use, each with inputs; and those that take text."""

from typing import Any

import numpy as np

from lamina import layers

FLOATS = np.array([[1.0, 2.0, -0.5], [3.0, 2.5, 7.0], [0.25, -4.0, 1.0], [8.0, 0.0, 1.5]], np.float32)
IDS = np.array([[3, 0, 3], [1, 1, 2], [7, -7, 100], [12345678, -(2**31), 5]], np.int32)
SMALL = IDS[:2]
WORDS = [["b", "a", "c"], ["z", "c", "c"]]
TEXTS = ["the cat sat", "the dog", "a cat!"]


def adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


def numeric() -> list[tuple[Any, np.ndarray]]:
    """Layers that work on the host and inside a model."""
    modes = ("int", "one_hot", "multi_hot", "count")
    lookups: list[dict[str, Any]] = [
        {}, {"num_oov_indices": 3}, {"num_oov_indices": 3, "oov_method": "farmhash"}, {"mask_token": 1},
        {"output_mode": "tf_idf"}, {"output_mode": "count", "mask_token": 3}, {"num_oov_indices": 3, "oov_method":
        "farmhash", "salt": 9}, {"invert": True},
    ]  # fmt: skip
    return [
        (adapted(layers.Normalization(), FLOATS), FLOATS),
        (adapted(layers.Normalization(axis=None, invert=True), FLOATS), FLOATS),
        (layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.0]), FLOATS),
        *((adapted(layers.Discretization(num_bins=3, output_mode=mode), FLOATS), FLOATS) for mode in modes),
        (layers.Discretization([0.0, 1.0]), FLOATS),
        *((layers.CategoryEncoding(4, output_mode=mode), SMALL) for mode in modes[1:]),
        *((adapted(layers.IntegerLookup(**config), SMALL), IDS) for config in lookups),
        (layers.IntegerLookup(vocabulary=[2**40, 3, 2**41]), IDS),
        (layers.IntegerLookup(vocabulary=[2**40]), IDS),
        *(
            (layers.Hashing(11, salt=salt, output_mode=mode), IDS)
            for salt, mode in [(None, "int"), (5, "int"), (None, "count")]
        ),
        (layers.Hashing(1_000_003, mask_value=7), IDS),
    ]


def textual() -> list[tuple[Any, Any]]:
    """Layers that work on the host alone."""
    return [
        (adapted(layers.StringLookup(), WORDS), WORDS),
        (adapted(layers.StringLookup(output_mode="tf_idf"), WORDS), WORDS),
        (layers.StringLookup(vocabulary=["a"], num_oov_indices=4, salt=(1, 2)), WORDS),
        (layers.StringLookup(vocabulary=["a", "b"], invert=True, mask_token=""), [0, 1, 2, 3]),
        (layers.Hashing(101, mask_value="a"), WORDS),
        (layers.HashedCrossing(101), [["a", "b"], [1, 2]]),
        (adapted(layers.TextVectorization(), TEXTS), TEXTS),
        (adapted(layers.TextVectorization(output_mode="tf_idf", ngrams=2), TEXTS), TEXTS),
    ]


def title(case: tuple[Any, Any]) -> str:
    config = case[0].get_config()
    settings = [f"{key}={config[key]}" for key in ("output_mode", "num_oov_indices", "invert", "salt") if key in config]
    return f"{type(case[0]).__name__}({','.join(settings)})"
