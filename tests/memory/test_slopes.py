"""Memory does not grow with steps, calls, fits or models that are thrown away."""

import gc
import json
import subprocess
import sys
import weakref
from pathlib import Path

import jax
import numpy as np
import pytest

from lamina.data import Dataset
from memory.slopes import BOUNDS, LABELS, ROWS, slope, small_model

SCRIPT = Path(__file__).with_name("slopes.py")


def objects_made(unit) -> int:
    """How many Python objects and arrays are alive after five more calls, beside those before.

    The fewest of three rounds: now and then others make some, too, for example a cache of the test runner.
    """
    for _ in range(3):
        unit()
    return min(_made_in_a_round(unit) for _ in range(3))


def _made_in_a_round(unit) -> int:
    gc.collect()
    objects, arrays = len(gc.get_objects()), len(jax.live_arrays())
    for _ in range(5):
        unit()
    gc.collect()
    return len(gc.get_objects()) - objects + len(jax.live_arrays()) - arrays


@pytest.fixture(scope="module")
def model():
    model = small_model()
    model.fit(ROWS[:64], LABELS[:64], verbose=0)
    return model


def test_the_short_form_calls_leave_no_object_behind(model) -> None:
    stream = Dataset.from_arrays(ROWS[:64], LABELS[:64]).map(lambda x, y: (x, y), threads=2).batch(32).prefetch()
    calls = {
        "predict": lambda: model.predict(ROWS[:33], verbose=0),
        "evaluate": lambda: model.evaluate(ROWS[:64], LABELS[:64], verbose=0),
        "fit": lambda: model.fit(ROWS[:64], LABELS[:64], verbose=0),
        "fit a stream": lambda: model.fit(stream, verbose=0),
    }
    made = {name: objects_made(call) for name, call in calls.items()}
    assert all(count < 5 for count in made.values()), made  # less than one each


def test_objects_that_stay_are_counted() -> None:
    kept: list[list[int]] = []
    assert objects_made(lambda: kept.append([])) >= 5


def test_a_model_that_is_thrown_away_is_gone() -> None:
    arrays = len(jax.live_arrays())
    model = small_model()
    model.fit(ROWS[:64], LABELS[:64], verbose=0)
    model.predict(ROWS[:3], verbose=0)
    parts = [weakref.ref(part) for part in (model, model.layers[0], model.optimizer, model.objective)]
    del model
    gc.collect()
    assert not any(part() for part in parts) and len(jax.live_arrays()) <= arrays


def test_the_slope_of_a_line_with_jumps() -> None:
    line = 3 * np.arange(100) + np.where(np.arange(100) % 10 == 0, 10**6, 0)
    assert slope(line.tolist()) == pytest.approx(3, abs=0.01)
    assert slope([7] * 100) == 0 and slope([0] * 30 + [5] * 70) == 0


def results(*arguments: str) -> dict[str, float]:
    command = [sys.executable, str(SCRIPT), *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = map(json.loads, output.splitlines())
    return {line["what"]: line["bytes each"] for line in lines}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_memory_stays_level() -> None:
    measured = results()
    assert measured.keys() == BOUNDS.keys()
    assert {what: each for what, each in measured.items() if each > BOUNDS[what]} == {}
