"""Does memory grow? Resident memory of one process over thousands of steps, calls and fits; run it as a script.

    python tests/memory/slopes.py            the long form: 10,000 steps, 1,000 predict calls, 50 fits and more
    python tests/memory/slopes.py --leak     the same with a leak planted, to see that it would be found

The slope is the median of the slopes between all pairs of samples (Theil 1950, Sen 1968), which a few jumps of the
allocator do not move. The first samples are left out: caches and arenas fill up first.
"""

import ctypes
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from lamina import Sequential, layers
from lamina.callbacks import LambdaCallback
from lamina.data import Dataset
from lamina.losses import SparseCategoricalCrossentropy

# Bytes each. A new model leaves some 30 to 80 thousand behind, outside of Python and its arrays, part of it entries of
# JAX's own caches, which are limited in number; a program that is kept costs several times as much.
BOUNDS = {"step": 64, "predict": 256, "fit": 8192, "stream": 16384, "model": 163_840}
LEAK = {"step": 200, "predict": 1000, "fit": 20_000, "stream": 40_000, "model": 400_000}  # when planted

ROWS = np.random.default_rng(0).normal(size=(3200, 20)).astype(np.float32)
LABELS = np.arange(3200) % 3


def resident() -> int:
    """Bytes of memory that this process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def slope(samples: list[int], warm_up: float = 0.3) -> float:
    """Bytes from one sample to the next: the median over all pairs.

    >>> slope([0, 0, 0, 5, 7, 9, 11, 13, 15, 99])
    2.0
    """
    late = np.array(samples[int(warm_up * len(samples)) :], float)
    i, j = np.triu_indices(len(late), 1)
    return float(np.median((late[j] - late[i]) / (j - i)))


def small_model() -> Sequential:
    parts = [layers.Dense(32, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.1), layers.Dense(3)]
    model = Sequential([layers.Input((20,)), *parts])
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def sampled(unit: Callable[[], Any], count: int, every: int = 1) -> list[int]:
    """Resident memory after every `every` of `count` calls."""
    samples = []
    for i in range(1, count + 1):
        unit()
        if i % every == 0:
            samples.append(resident())
    return samples


def measure(leak: Callable[[int], None]) -> Iterator[tuple[str, float]]:
    """(what, bytes for each of it), one after the other; `leak` is told how many bytes to lose."""
    model, samples = small_model(), list[int]()
    note = LambdaCallback(on_epoch_end=lambda *_: (leak(100 * LEAK["step"]), samples.append(resident())))
    model.fit(ROWS, LABELS, epochs=250, verbose=0, callbacks=[note])  # 100 steps each
    yield "step", slope(samples, warm_up=0.6) / 100

    def predict() -> None:
        leak(LEAK["predict"])
        model.predict(ROWS[:33], verbose=0)

    yield "predict", slope(sampled(predict, 1500, every=10)) / 10

    def fit() -> None:
        leak(LEAK["fit"])
        model.fit(ROWS[:640], LABELS[:640], validation_data=(ROWS[:64], LABELS[:64]), verbose=0)

    yield "fit", slope(sampled(fit, 300))
    stream = Dataset.from_arrays(ROWS[:320], LABELS[:320]).map(lambda x, y: (x + 1, y), threads=2).batch(32).prefetch()

    def fit_stream() -> None:
        leak(LEAK["stream"])
        model.fit(stream, verbose=0)

    yield "stream", slope(sampled(fit_stream, 150))

    trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda keep: None)  # the C library of GNU has it

    def throw_away() -> None:
        leak(LEAK["model"])
        short_lived = small_model()
        short_lived.fit(ROWS[:64], LABELS[:64], verbose=0)
        short_lived.predict(ROWS[:3], verbose=0)
        del short_lived
        gc.collect()  # a model is a circle of objects
        trim(0)  # what the compiler has used and freed is the allocator's; what is left is ours

    yield "model", slope(sampled(throw_away, 50))


def main() -> None:
    jax.config.update("jax_disable_most_optimizations", True)  # compiling is most of the time
    lost: list[bytes] = []
    planted = "--leak" in sys.argv

    def leak(size: int) -> None:
        if planted:
            lost.append(b"x" * size)

    for what, each in measure(leak):
        print(json.dumps({"what": what, "bytes each": round(each, 1), "bound": BOUNDS[what]}), flush=True)


if __name__ == "__main__":
    main()
