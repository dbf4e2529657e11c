"""The data of the workloads, the same arrays for every peer."""

from __future__ import annotations

import numpy as np
from workloads import DIGITS, Workload

Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def data_of(workload: Workload) -> Split:
    """Training rows, their targets, test rows and their targets."""
    if workload.time:
        return text(workload.rows, workload.time, workload.vocabulary)
    if workload.model == "resnet20" or workload.made_up:
        return images(workload.rows, workload.side, channels=3 if workload.model == "resnet20" else 1)
    if workload.model == "mlp":
        return table(workload.rows)
    x, y, x_test, y_test = digits(workload.rows, workload.side)
    if workload.model == "autoencoder":
        x, x_test = (a.reshape(len(a), -1) for a in (x, x_test))
        return x, x, x_test, x_test
    return x, y, x_test, y_test


def text(rows: int, time: int, vocabulary: int) -> Split:
    """Token numbers (N, T) and the ones that follow them, of a language in which a token decides the next one nine
    times out of ten, and 64 further rows.
    """
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, vocabulary, (rows + 64, time + 1))
    for t in range(time):
        decided = rng.random(len(tokens)) < 0.9
        tokens[:, t + 1] = np.where(decided, (3 * tokens[:, t] + 1) % vocabulary, tokens[:, t + 1])
    x, y = tokens[:, :-1].astype("int32"), tokens[:, 1:].astype("int32")
    return x[:rows], y[:rows], x[rows:], y[rows:]


def digits(rows: int, side: int) -> Split:
    """The first training images (N, side, side, 1) in [0, 1], their labels (N,), and the 10,000 test images and
    labels. Smaller sides cut the border off.
    """
    with np.load(DIGITS) as file:
        x_train, y_train, x_test, y_test = (file[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    start = (28 - side) // 2
    inner = slice(start, start + side)
    x, x_test = (scaled(a[:, inner, inner]) for a in (x_train[:rows], x_test))
    return x, y_train[:rows].astype("int32"), x_test, y_test.astype("int32")


def scaled(images: np.ndarray) -> np.ndarray:
    return images[..., None].astype("float32") / np.float32(255)


def images(rows: int, side: int, channels: int, classes: int = 10, tests: int = 500) -> Split:
    """Images (N, side, side, channels) of coarse colour patterns, one a class, under noise as strong as they are."""
    rng = np.random.default_rng(0)
    coarse = np.arange(side) * 4 // side
    patterns = rng.normal(size=(classes, 4, 4, channels)).astype("float32")[:, coarse][:, :, coarse]
    y = rng.integers(0, classes, rows + tests).astype("int32")
    x = patterns[y] + rng.standard_normal((rows + tests, side, side, channels), "float32")
    return x[:rows], y[:rows], x[rows:], y[rows:]


def table(rows: int) -> Split:
    """The textbook network's random table, (N, 10) and (N, 1); there is nothing to generalise, so it is its own test
    set.
    """
    rng = np.random.default_rng(0)
    x, y = rng.random((rows, 10), dtype="float32"), rng.integers(0, 2, (rows, 1)).astype("float32")
    return x, y, x, y


def tensors(count: int) -> list[np.ndarray]:
    """Small tensors as a network of many layers has: kernels and biases."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(32, 32) if i % 2 else (32,)).astype("float32") for i in range(count)]
