"""What the guard against NaN costs: time of a step under it, over the time without it.

    python benchmarks/guard_cost.py [mlp cnn lstm gpt wide]

Both forms of a model train side by side, a dispatch of one, then one of the other, so that a busy machine
slows both; told is the median of the quotients of neighbours.
"""

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import lamina
from lamina import layers
from lamina.data import as_array_data
from lamina.training.feed import ArrayFeed
from lamina.training.recorder.rerun import guard_of

ROUNDS, WARM = 31, 5
Made = tuple[Any, np.ndarray, int]  # layers, x, batch size


def mlp() -> Made:
    return [layers.Dense(128, activation="relu"), layers.Dense(10)], np.zeros((4096, 784), np.float32), 32


def wide() -> Made:
    """The worst case: many weights, a small batch, hardly any work for each weight."""
    hidden = [layers.Dense(2048, activation="relu") for _ in range(2)]
    return [*hidden, layers.Dense(10)], np.zeros((1024, 784), np.float32), 32


def cnn() -> Made:
    blocks: list[Any] = []
    for filters in (16, 32):
        blocks += [layers.Conv2D(filters, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D()]
    x = np.zeros((1024, 28, 28, 1), np.float32)
    return [*blocks, layers.Flatten(), layers.Dropout(0.3), layers.Dense(10)], x, 32


def lstm() -> Made:
    return [layers.LSTM(64), layers.Dense(10)], np.zeros((1024, 30, 16), np.float32), 32


def gpt() -> Made:
    blocks = [layers.TransformerEncoder(512, 4) for _ in range(2)]
    x = np.zeros((256, 64, 16), np.float32)
    return [layers.Dense(128), *blocks, layers.GlobalAveragePooling1D(), layers.Dense(10)], x, 16


def prepared(make: Callable[[], Made]) -> Any:
    """A model's program, its batches, and its guard."""
    parts, x, batch_size = make()
    rng = np.random.default_rng(0)
    x = rng.normal(size=x.shape).astype(np.float32)
    model = lamina.Sequential(parts)
    model.compile("adam", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    feed = ArrayFeed(as_array_data(x, rng.integers(0, 10, len(x)), None, who="fit"), batch_size)
    program = model._prepare("train", feed)
    return program, next(iter(feed.epoch(0, 0))), guard_of(model)


def seconds(program: Any, portion: Any, guard: Any) -> float:
    """Time of one step, in a dispatch as long as `fit` would make it."""
    with program.guarded(guard) if guard is not None else contextlib.nullcontext():
        count = min(program.pace.count, portion.steps)
        begin = time.perf_counter()
        program(portion.data, portion.rows, 0, count)
        return (time.perf_counter() - begin) / count


def main(names: list[str]) -> None:
    """Measure, and print a line for each model."""
    for name in names:
        forms = [prepared(globals()[name]) for _ in range(2)]
        (free, portion, _), (guarded, _, guard) = forms
        rounds = [(seconds(free, portion, None), seconds(guarded, portion, guard)) for _ in range(ROUNDS)][WARM:]
        quotient, step = np.median([b / a for a, b in rounds]), np.median([a for a, _ in rounds])
        print(f"{name}: {1e6 * step:.0f} us a step, under the guard {quotient:.3f} times that")


if __name__ == "__main__":
    main(sys.argv[1:] or ["mlp", "cnn", "lstm", "gpt", "wide"])
