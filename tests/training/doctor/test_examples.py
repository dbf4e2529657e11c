"""The repository's own examples, stopped where they would train and examined there: no finding is an error."""

import importlib.util
import runpy
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina.models import Model
from lamina.training.doctor import Finding

FOLDER = Path(__file__).parents[3] / "examples"
EXPECTED = {  # what is there, and is known
    "listings/text_transformer": {"future-seen"},  # the chapter's listing has no causal mask
    "listings/dense_model": {"labels-independent"},  # and this one random labels
}


class Enough(Exception):
    """The example has shown its model and its data."""


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Finding]]:
    """What is found where an example calls `fit`; it goes no further."""
    found: list[Finding] = []
    accepted = ("x", "y", "batch_size", "validation_split", "validation_data", "shuffle", "sample_weight")

    def fit(self: Any, *given: Any, **more: Any) -> None:
        data = dict(zip(("x", "y", "batch_size"), given, strict=False)) | more
        found.extend(self.check(**{name: value for name, value in data.items() if name in accepted}, verbose=0))
        raise Enough

    monkeypatch.setattr(Model, "fit", fit)
    np.random.seed(0)  # a listing's random labels: some of them would look as if they meant something
    yield found


def run(name: str) -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / f"{name}.py"))


def listing(name: str) -> None:
    spec = importlib.util.spec_from_file_location("run_listing", FOLDER / "listings" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.run(name, images=500)


def series() -> None:
    pytest.importorskip("statsmodels")
    found = run("series/forecast")
    years, numbers, cycle = found["yearly_sunspots"]()
    found["compare"](numbers, cycle, size=25, kinds=("GRU",))


def translation() -> None:
    found = run("sequences/translate_dates")
    found["learn"]("LSTM", found["date_translation"], epochs=4, samples=500)


EXAMPLES: dict[str, Callable[[], Any]] = {
    "listings/cnn": lambda: listing("cnn"),
    "listings/dense_model": lambda: listing("dense_model"),
    "listings/text_transformer": lambda: listing("text_transformer"),
    "classic/xor": lambda: run("classic/xor"),
    "classic/regression": lambda: run("classic/regression"),
    "classic/judge": lambda: run("classic/judge"),
    "classic/digits": lambda: run("classic/digits"),
    "series/forecast": series,
    "text/questions": lambda: run("text/questions")["learn"]("en", samples=200),
    "text/sentiment": lambda: run("text/sentiment")["learn"]("zh", samples=200),
    "text/summaries": lambda: run("text/summaries")["learn"]("en", samples=200),
    "sequences/adding_problem": lambda: run("sequences/adding_problem")["error"](
        run("sequences/adding_problem")["LSTM"](8), steps=20
    ),
    "sequences/copy_and_reverse": lambda: run("sequences/copy_and_reverse")["learn"]("LSTM", epochs=1),
    "sequences/translate_dates": translation,
}
SLOW = {"sequences/copy_and_reverse", "sequences/translate_dates", "text/questions", "text/summaries", "classic/xor"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in EXAMPLES])
def test_no_error_is_found(name: str, examined: list[Finding]) -> None:
    with warnings.catch_warnings(), pytest.raises(Enough):
        EXAMPLES[name]()
    assert examined
    assert [str(finding) for finding in examined if finding.severity == "error"] == []
    assert {finding.code for finding in examined if finding.severity == "warning"} == EXPECTED.get(name, set())
