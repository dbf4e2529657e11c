"""Generated sequences: the answer follows from the question by plain Python, and the draws are even."""

from collections.abc import Callable

import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.datasets import adding_problem, copy_task, reverse_task


def test_adding_problem() -> None:
    x, y = adding_problem(5000, steps=7)
    assert x.shape == (5000, 7, 2) and x.dtype == y.dtype == np.float32 and y.shape == (5000, 1)
    for row, answer in zip(x[:50], y[:50], strict=True):
        assert sum(value for value, marked in row if marked) == pytest.approx(answer[0], abs=1e-6)
    places = [np.flatnonzero(row) for row in x[..., 1]]
    assert all(len(place) == 2 and place[0] < 3 <= place[1] for place in places)
    assert np.bincount(np.concatenate(places), minlength=7) / 5000 == pytest.approx([1 / 3] * 3 + [1 / 4] * 4, abs=0.04)
    assert 0 <= x.min() and x[..., 0].max() < 1
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.01)  # the error of a constant answer, as documented


@pytest.mark.parametrize("task", [copy_task, reverse_task])
def test_copy_and_reverse(task: Callable) -> None:
    x, y = task(4000, steps=6, symbols=4, min_steps=3, seed=2)
    assert x.shape == y.shape == (4000, 6) and x.dtype == y.dtype == np.int32
    said = [[symbol for symbol in row if symbol] for row in x.tolist()]
    assert [row for row in x.tolist()] == [row + [0] * (6 - len(row)) for row in said]
    wanted = [row[::-1] if task is reverse_task else row for row in said]
    assert y.tolist() == [row + [0] * (6 - len(row)) for row in wanted]
    assert np.bincount([len(row) for row in said]) / 4000 == pytest.approx([0, 0, 0, 0.25, 0.25, 0.25, 0.25], abs=0.04)
    assert np.bincount(np.concatenate(said)) / sum(map(len, said)) == pytest.approx([0] + [0.25] * 4, abs=0.02)
    assert (task(10, steps=6)[0] > 0).all()


@pytest.mark.parametrize("make", [adding_problem, copy_task, reverse_task])
def test_the_seed_decides(make: Callable) -> None:
    assert np.array_equal(make(20, seed=3)[0], make(20, seed=3)[0])
    assert not np.array_equal(make(20, seed=3)[0], make(20, seed=4)[0])


@pytest.mark.parametrize(
    ("make", "options", "sentence"),
    [
        (adding_problem, {"samples": 0}, "samples must be at least 1. Expected samples >= 1, received 0"),
        (adding_problem, {"steps": 1}, "adding_problem: steps must be at least 2"),
        (copy_task, {"symbols": 0}, "copy_task: symbols must be at least 1"),
        (copy_task, {"min_steps": 0}, "copy_task: min_steps must be at least 1"),
        (reverse_task, {"steps": 3, "min_steps": 4}, "reverse_task: steps must be at least 4"),
    ],
)
def test_refused(make: Callable, options: dict, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        make(**options)
