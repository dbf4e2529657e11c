"""The numbers against scikit-learn, and the page as a browser's parser sees it."""

import base64
import io
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lamina.core import DataError, ShapeError
from lamina.training.report import Classification, Story, as_probabilities, write_report


def made_up(n: int = 400, classes: int = 4) -> Classification:
    rng = np.random.default_rng(0)
    y = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 2 * np.eye(classes)[y]
    return Classification(y, as_probabilities(logits))


def test_numbers_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    result = made_up()
    y, p = result.y_true, result.probabilities
    np.testing.assert_array_equal(result.confusion, metrics.confusion_matrix(y, p.argmax(1)))
    expected = metrics.precision_recall_fscore_support(y, p.argmax(1))
    np.testing.assert_allclose([list(score)[1:] for score in result.scores], np.transpose(expected), rtol=1e-12)
    assert result.accuracy == pytest.approx(metrics.accuracy_score(y, p.argmax(1)))
    assert result.loss == pytest.approx(metrics.log_loss(y, p))
    assert result.mistakes == (y != p.argmax(1)).sum()


def test_the_interval_is_wilsons() -> None:
    y = np.zeros(10, int)
    p = np.tile([[1.0, 0.0]], (10, 1))
    assert Classification(y, p).interval == pytest.approx((0.7225, 1.0), abs=1e-4)  # 10 of 10
    p[:5] = [[0.0, 1.0]]
    assert Classification(y, p).interval == pytest.approx((0.2366, 0.7634), abs=1e-4)  # 5 of 10


def test_a_class_that_is_never_there_has_no_score() -> None:
    score = Classification(np.array([0, 0]), np.array([[0.9, 0.1, 0], [0.8, 0.2, 0]])).scores[2]
    assert math.isnan(score.precision) and math.isnan(score.recall) and score.support == 0


def test_the_worst_come_first() -> None:
    result = made_up()
    rows = result.worst(1000)
    of_truth = result.probabilities[rows, result.y_true[rows]]
    assert len(rows) == result.mistakes and (np.diff(of_truth) >= 0).all() and len(result.worst(3)) == 3
    assert result.confused(1)[0][2] == (result.confusion - np.diag(np.diag(result.confusion))).max()


def test_labels_must_fit() -> None:
    p = np.full((2, 2), 0.5)
    with pytest.raises(DataError, match="labels 0 to 2"):
        Classification(np.array([0, 2]), p)
    with pytest.raises(DataError, match="no row"):
        Classification(np.zeros(0, int), p[:0])
    with pytest.raises(ShapeError, match="3 names"):
        Classification(np.array([0, 1]), p, ("a", "b", "c"))
    with pytest.raises(ShapeError):
        Classification(np.array([[0], [1]]), p)


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([[0.25, 0.75]], [[0.25, 0.75]]),
        ([[1000.0, 1000.0]], [[0.5, 0.5]]),
        ([[-1.0, 1.0]], [[1 / (1 + math.e**2), 1 / (1 + math.e**-2)]]),
        ([[0.25], [1.0]], [[0.75, 0.25], [0.0, 1.0]]),
        ([[0.0], [-2.0]], [[0.5, 0.5], [1 / (1 + math.e**-2), 1 / (1 + math.e**2)]]),
    ],
)
def test_outputs_become_probabilities(outputs: list[list[float]], expected: list[list[float]]) -> None:
    np.testing.assert_allclose(as_probabilities(np.array(outputs, np.float32)), expected, atol=1e-7)


class Page(HTMLParser):
    """Collects what a page refers to and whether its tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        if tag not in ("meta", "img", "source", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


STORY = Story(
    title="<script>alert('x')</script> & more",
    subtitle="Some words.",
    history={"loss": [1.0, 0.5], "val_loss": [0.9, 0.6], "accuracy": [0.5, 0.8], "val_accuracy": [0.6, 0.7]},
    steps={"loss": [2.0, 1.0, float("nan"), 0.5]},
    timing=[("training", 12.345)],
    facts=[("data", "<b>bold</b>"), ("seed", 0)],
    summary="layer │ <shape>",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    result = made_up()
    named = Classification(result.y_true, result.probabilities, ("<i>", '"q"', "three", "four"))
    write_report(path, STORY, named, np.random.default_rng(0).integers(0, 256, (400, 28, 28)))
    return path


def test_the_page_needs_nothing_else(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    page = Page(text)
    assert page.open == [] and page.addresses and all(a.startswith("data:image/png;base64,") for a in page.addresses)
    assert "script" not in page.tags and "link" not in page.tags
    assert not re.search(r"url\(|@import|https?://", text)


def test_names_are_shown_and_not_interpreted(folder: Path) -> None:
    page = Page((folder / "report.html").read_text("utf-8"))
    assert page.words.count("<script>alert('x')</script> & more") == 2  # title and heading
    for words in ("<i>", '"q"', "<b>bold</b>", "layer │ <shape>", "12.35 s", "12.3 s"):
        assert words in page.words
    assert "i" not in page.tags


def test_every_picture_can_be_opened(folder: Path) -> None:
    page = Page((folder / "report.html").read_text("utf-8"))
    sizes = []
    for address in page.addresses:
        image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
        image.load()
        sizes.append(image.size)
    assert sizes.count((28, 28)) == 36
    assert sum(width > 500 for width, _ in sizes) == 6  # loss, accuracy and confusion, light and dark
    assert {path.name for path in folder.glob("*.png")} == {"loss.png", "accuracy.png", "confusion.png", "mistakes.png"}
    for path in folder.glob("*.png"):
        assert len(np.unique(np.asarray(Image.open(path).convert("L")))) > 10  # something is drawn


def test_a_perfect_model_has_no_worst_mistakes(tmp_path: Path) -> None:
    result = Classification(np.array([0, 1]), np.eye(2))
    text = write_report(tmp_path, Story("Easy"), result, np.zeros((2, 28, 28))).read_text("utf-8")
    assert "worst mistakes" not in text and "There is no mistake." in text and "100.00 %" in text


def test_losses_that_are_no_numbers_can_be_drawn(tmp_path: Path) -> None:
    nan = float("nan")
    story = Story("Hard", history={"loss": [nan, nan], "val_loss": [nan, 1.0]}, steps={"loss": [nan] * 4})
    assert write_report(tmp_path, story, made_up()).exists()
    negative = Story("Odd", history={"loss": [-1.0, -2.0], "val_loss": [0.0, -1.0]})
    assert write_report(tmp_path, negative, made_up()).exists()
