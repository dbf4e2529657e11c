"""Metrics of texts against sacrebleu, rouge-score and jiwer, fed in ragged batches, and their refusals."""

import random
from collections.abc import Callable
from typing import Any

import jiwer
import numpy as np
import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from lamina import metrics
from lamina.core import ArgumentError, DataError, DTypeError, UnknownNameError
from lamina.metrics.edit_distance import edit_distance
from lamina.metrics.rouge import longest_common

WORDS = ["the", "a", "Cat", "cat", "dog,", "sat.", "on", "it's", "3.5%", "mat-room", "-5", "12-14", "(very)", "&amp;"]
WORDS += ['"quoted"', "U.S.", "e.g.", "über", "naïve", "x_y", "深度", "1,000"]
LENGTHS = [0, 1, 2, 3, 9, 14, 20]


def sentence(draw: random.Random) -> str:
    return draw.choice([" ", "  "]).join(draw.choices(WORDS, k=draw.choice(LENGTHS)))


def spoilt(text: str, draw: random.Random) -> str:
    words = [w for w in text.split() if draw.random() > 0.15]
    return " ".join(draw.choice(WORDS) if draw.random() < 0.2 else w for w in words)


@pytest.fixture
def corpus() -> tuple[list[str], list[str]]:
    draw = random.Random(7)
    references = [sentence(draw) for _ in range(40)]
    return references, [spoilt(text, draw) for text in references]


def streamed(metric: Any, references: list[Any], texts: list[str], weights: Any = None) -> Any:
    for rows in (slice(0, 25), slice(25, 39), slice(39, None)):
        metric.update_state(references[rows], texts[rows], None if weights is None else weights[rows])
    return metric.result()


Corpus = tuple[list[str], list[str]]


@pytest.mark.parametrize("tokenize", ["13a", "char", "none"])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("max_order", [2, 4])
def test_bleu_is_sacrebleu(tokenize: str, lowercase: bool, max_order: int, corpus: Corpus) -> None:
    references, texts = corpus
    peer = sacrebleu.BLEU(tokenize=tokenize, lowercase=lowercase, max_ngram_order=max_order)
    expected = peer.corpus_score(texts, [references]).score / 100
    found = streamed(metrics.BLEU(max_order, tokenize, lowercase), references, texts).item()
    assert 0.1 < found < 0.9 and found == pytest.approx(expected, rel=2e-6)


def test_bleu_of_several_references(corpus: Corpus) -> None:
    references, texts = corpus
    draw = random.Random(3)
    second = [spoilt(text, draw) for text in references]
    expected = sacrebleu.BLEU().corpus_score(texts, [references, second]).score / 100
    found = streamed(metrics.BLEU(), list(zip(references, second, strict=True)), texts).item()
    assert found == pytest.approx(expected, rel=2e-6)
    assert found > streamed(metrics.BLEU(), references, texts).item()


@pytest.mark.parametrize(
    ("reference", "text"),
    [("a b c d e", "a x b y c"), ("a b c d e f", "b c a e d f"), ("a b", "a b"), ("a b c d", "x y z w"), ("a", "")],
)
@pytest.mark.parametrize("smoothing", ["exp", "none"])
def test_bleu_without_matches_of_an_order(reference: str, text: str, smoothing: str) -> None:
    expected = sacrebleu.BLEU(smooth_method=smoothing).corpus_score([text], [[reference]]).score / 100
    found = metrics.BLEU(smoothing=smoothing)([reference], [text]).item()
    assert found == pytest.approx(expected, rel=2e-6, abs=1e-12)


def test_13a_finds_sacrebleus_tokens() -> None:
    peer = sacrebleu.BLEU(tokenize="13a").tokenizer
    draw = random.Random(1)
    symbols = "ab9 .,-'\"&;!?()[]{}<>/\\@#$%^*_+=|~`:\n" + "é中"
    ours = metrics.BLEU().tokenize
    for _ in range(3000):
        text = "".join(draw.choices([*symbols, "&amp;", "&lt;", "&quot;", "<skipped>"], k=15))
        assert ours(text) == peer(text).split(), text


ROUGES: dict[str, Callable[[], Any]] = {
    "rouge1": lambda: metrics.RougeN(order=1),
    "rouge2": metrics.RougeN,
    "rougeL": metrics.RougeL,
}


@pytest.mark.parametrize("kind", ROUGES)
@pytest.mark.parametrize("several", [False, True])
def test_rouge_is_rouge_score(kind: str, several: bool, corpus: Corpus) -> None:
    references, texts = corpus
    draw = random.Random(5)
    given = [[text, spoilt(text, draw)] if several else [text] for text in references]
    scorer = RougeScorer([kind], use_stemmer=False)
    scores = [scorer.score_multi(right, text)[kind] for right, text in zip(given, texts, strict=True)]
    found = streamed(ROUGES[kind](), given if several else references, texts)
    for name, field in (("precision", "precision"), ("recall", "recall"), ("f1_score", "fmeasure")):
        expected = np.mean([getattr(score, field) for score in scores])
        assert 0.1 < expected < 0.95 and found[name].item() == pytest.approx(expected, rel=1e-6)


def test_error_rates_are_jiwers(corpus: Corpus) -> None:
    references, texts = corpus
    filled = [(r, t) for r, t in zip(references, texts, strict=True)]
    references, texts = map(list, zip(*filled, strict=True))
    assert (
        0.1
        < streamed(metrics.WordErrorRate(), references, texts).item()
        == pytest.approx(jiwer.wer(references, texts), rel=1e-6)
    )
    assert (
        0.1
        < streamed(metrics.CharErrorRate(), references, texts).item()
        == pytest.approx(jiwer.cer(references, texts), rel=1e-6)
    )


@pytest.mark.parametrize(("reference", "text"), [("", "a b"), ("", ""), ("a b", ""), (" a  b ", "a b"), ("a", "b c d")])
def test_error_rates_at_the_edges(reference: str, text: str) -> None:
    assert metrics.WordErrorRate()([reference], [text]).item() == pytest.approx(jiwer.wer(reference, text))
    assert metrics.CharErrorRate()([reference], [text]).item() == pytest.approx(jiwer.cer(reference, text))


def test_edits_and_common_parts_against_the_recursion() -> None:
    draw = random.Random(2)

    def edits(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        return min(edits(a[1:], b) + 1, edits(a, b[1:]) + 1, edits(a[1:], b[1:]) + (a[0] != b[0]))

    def common(a: str, b: str) -> int:
        if not a or not b:
            return 0
        return common(a[1:], b[1:]) + 1 if a[0] == b[0] else max(common(a[1:], b), common(a, b[1:]))

    for _ in range(60):
        a, b = ("".join(draw.choices("abc", k=draw.randint(0, 6))) for _ in range(2))
        assert edit_distance(a, b) == edits(a, b)
        assert longest_common(list(a), list(b)) == common(a, b)


NAMES = ["bleu", "rouge_n", "rouge_l", "wer", "cer"]


def flat(result: Any) -> list[float]:
    return [value.item() for value in (result.values() if isinstance(result, dict) else [result])]


@pytest.mark.parametrize("name", NAMES)
def test_a_weight_counts_a_pair_as_so_many(name: str, corpus: Corpus) -> None:
    references, texts = corpus
    times = np.random.default_rng(0).integers(0, 4, len(texts))
    repeated = [[text for text, n in zip(side, times, strict=True) for _ in range(n)] for side in corpus]
    weighted = streamed(metrics.get(name), references, texts, times)
    assert flat(weighted) == pytest.approx(flat(metrics.get(name)(*repeated)), rel=1e-6)
    assert flat(weighted) != pytest.approx(flat(metrics.get(name)(references, texts)), rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_state_and_forms_of_texts(name: str, corpus: Corpus) -> None:
    references, texts = corpus
    metric = metrics.get(name)
    start = flat(metric.result())
    first = flat(metric(references, texts))
    assert flat(metric.result()) == first != start == [0.0] * len(start)
    metric.reset_state()
    assert flat(metric(np.array(references), np.array(texts, dtype=object))) == pytest.approx(first)
    metric.reset_state()
    metric.update_state([], [])
    assert flat(metric.result()) == start
    assert flat(metric(references[1], texts[1])) == flat(metrics.get(name)([references[1]], [texts[1]]))


@pytest.mark.parametrize("name", NAMES)
def test_refusals(name: str) -> None:
    metric = metrics.get(name)
    with pytest.raises(DataError, match="each predicted text has one label. Expected 1, received 2"):
        metric.update_state(["a", "b"], ["a"])
    with pytest.raises(DataError, match="one sample weight"):
        metric.update_state(["a"], ["a"], [1.0, 2.0])
    with pytest.raises(DataError, match="compared with something"):
        metric.update_state([[]], ["a"])
    with pytest.raises(DTypeError, match="Expected str, received bytes"):
        metric.update_state(["a"], [b"a"])
    with pytest.raises(DTypeError, match="Expected str, received int"):
        metric.update_state([1], ["a"])


def test_refused_arguments() -> None:
    with pytest.raises(ArgumentError, match="BLEU: max_order"):
        metrics.BLEU(0)
    with pytest.raises(ArgumentError, match="smoothing is out of range. Expected 'exp' or 'none', received 'floor'"):
        metrics.BLEU(smoothing="floor")
    with pytest.raises(UnknownNameError, match="tokenizer"):
        metrics.BLEU(tokenize="13b")
    with pytest.raises(UnknownNameError, match="tokenizer"):
        metrics.RougeL("words")
    with pytest.raises(ArgumentError, match="RougeN: order"):
        metrics.RougeN(0)
