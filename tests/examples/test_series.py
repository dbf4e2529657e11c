"""The example on time series runs, in a short form, beats the naive forecasts and does not look ahead."""

import runpy
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("statsmodels")
PATH = Path(__file__).parents[2] / "examples" / "series" / "forecast.py"


@pytest.mark.slow
def test_a_gru_beats_the_naive_forecasts_of_sunspots(tmp_path: Path) -> None:
    found = runpy.run_path(str(PATH))
    years, numbers, cycle = found["yearly_sunspots"]()
    forecasts, errors = found["compare"](numbers, cycle, size=25, epochs=20, kinds=("GRU",))
    assert errors["GRU"] < 0.8 * min(errors["no change"], errors["a cycle ago"])
    found["draw"](tmp_path / "forecast.png", [("Sunspots", years, numbers, forecasts, errors)] * 2)
    assert (tmp_path / "forecast.png").stat().st_size > 10_000


@pytest.mark.slow
def test_what_comes_later_changes_no_forecast() -> None:
    found = runpy.run_path(str(PATH))
    values = 50 + 40 * np.sin(np.arange(120) * 2 * np.pi / 5)
    other = np.concatenate([values[:-3], values[-3:] + 30])
    same, changed = (found["compare"](v, 5, size=10, epochs=1, kinds=("GRU",))[0]["GRU"] for v in (values, other))
    np.testing.assert_array_equal(same[:-2], changed[:-2])
    assert (same[-2:] != changed[-2:]).all()
