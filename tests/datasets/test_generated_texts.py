"""Generated texts: the answer follows from the text by rules of the test's own, and the test part is really new."""

import re

import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.datasets import TOPICS, facts, reports, reviews, topics

MAKERS = [reviews, facts, reports, topics]
FEELING = {
    "en": ({"good", "exciting", "funny", "moving", "clever", "beautiful", "convincing"},
           ["do not think", "nobody", "is not", "hardly", "never"], ", but ", ", and "),
    "zh": ({"好看", "精彩", "有趣", "感人", "巧妙", "动人", "可信"},
           ["不觉得", "没人会说", "不怎么", "一点也不", "算不上", "不"], "，但是", "，而且"),
}  # fmt: skip
languages = pytest.mark.parametrize("language", ["en", "zh"])


def clauses(text: str, language: str) -> list[str]:
    return re.split("|".join(FEELING[language][2:]), text.rstrip(".。"))


def feeling(clause: str, language: str) -> tuple[int, int]:
    """The word's own feeling and the clause's, 1 or 0: each negation turns it around."""
    good, negations, *_ = FEELING[language]
    own = int(any(clause.endswith(word) for word in good))
    found = re.findall("|".join(negations), clause, re.IGNORECASE)
    return own, (own + len(found)) % 2


@languages
def test_reviews(language: str) -> None:
    (texts, labels), (test_texts, test_labels) = reviews(2000, language)
    assert len(texts) == len(labels) == 1600 and labels.dtype == np.int32 and not set(texts) & set(test_texts)
    rules = [[feeling(clause, language) for clause in clauses(text, language)] for text in texts + test_texts]
    assert [rule[-1][1] for rule in rules] == [*labels, *test_labels]
    for text, rule in zip(texts, rules, strict=False):
        if len(rule) == 2:
            assert (rule[0][1] != rule[1][1]) == (FEELING[language][2] in text)
    assert np.mean(labels) == pytest.approx(0.5, abs=0.04)
    words_alone = [rule[-1][0] for rule in rules[1600:]]  # who does not see negations
    assert np.mean(np.array(words_alone) == test_labels) == pytest.approx(0.5, abs=0.1)


def test_reviews_of_the_test_part_combine_anew() -> None:
    def combinations(texts: list[str]) -> list[tuple[str, ...]]:
        pattern = r"(is not at all|is really|is quite|is hardly|is not|is|turned out to be|never gets) (\w+)"
        return [re.search(pattern + "$", clauses(text, "en")[-1]).groups() for text in texts]

    (texts, _), (test_texts, _) = reviews(4000)
    seen, new = combinations(texts), combinations(test_texts)
    assert not set(seen) & set(new)
    for part in (0, 1):
        assert {pair[part] for pair in new} == {pair[part] for pair in seen}


@languages
def test_facts(language: str) -> None:
    train, test = facts(1500, language)
    assert len(train) == 1200 and len(test) == 300 and len(set(train + test)) == 1500
    assert np.mean([q.is_answerable for q in train]) == pytest.approx(0.8, abs=0.04)
    for q in train + test:
        assert q.context[q.start : q.end] == q.answer and q.is_answerable == bool(q.answer)
    names = re.compile(r"[A-Z]\w+ [A-Z]\w+(?=[ '?])" if language == "en" else "^..")
    asked = [{names.search(q.question)[0] for q in part} for part in (train, test)]
    assert not asked[0] & asked[1] and len(asked[1]) > 30
    for q in train:
        name = names.search(q.question)[0]
        assert name in q.context
        sentences = re.findall(r"[^.。]+[.。]", q.context)
        if q.answer:  # it stands in a sentence about who was asked about
            place, length = q.start, 0
            own = next(s for s in sentences if place < (length := length + len(s)))
            assert name in own and q.answer in own


def test_facts_without_an_answer_are_not_told() -> None:
    word = {"born": r"born|birth", "live": "live|home", "job": "work|As a", "work": "work|As a", "play": "play",
            "animal": "has a (?!lot)|\\bpet", "pet": "has a (?!lot)|\\bpet"}  # fmt: skip
    questions = facts(1500, unanswerable=0.5)[0]
    assert np.mean([q.is_answerable for q in questions]) == pytest.approx(0.5, abs=0.05)
    for q in questions:
        name = re.search(r"[A-Z]\w+ [A-Z]\w+(?=[ '?])", q.question)[0]
        kind = next(kind for kind in word if kind in q.question)
        told = [s for s in q.context.split(".") if name in s and re.search(word[kind], s)]
        assert len(told) == int(q.is_answerable)


@languages
def test_reports(language: str) -> None:
    (texts, summaries), (test_texts, test_summaries) = reports(1000, language)
    assert len(texts) == len(summaries) == 800 and len(test_texts) == 200 and not set(texts) & set(test_texts)
    pattern = (
        r"(\w+): sales of (\w+) (rose|fell) (\d+) percent in (\w+) because of (.+)"
        if language == "en"
        else "(..)：(.+月)(.+)销量因(.+)(上升|下降)百分之(.+)"
    )
    pairs: list[set] = []
    for part, lines in ((texts, summaries), (test_texts, test_summaries)):
        found = [re.fullmatch(pattern, line).groups() for line in lines]
        assert all(all(piece in text for piece in pieces) for text, pieces in zip(part, found, strict=True))
        pairs.append({(pieces[0], pieces[1 if language == "en" else 2]) for pieces in found})
    assert not pairs[0] & pairs[1] and {a for a, _ in pairs[0]} == {a for a, _ in pairs[1]}
    assert np.mean([len(line) for line in summaries]) < 0.5 * np.mean([len(text) for text in texts])


@languages
def test_topics(language: str) -> None:
    (texts, labels), (test_texts, test_labels) = topics(700, language)
    assert len(texts) == 560 and not set(texts) & set(test_texts) and set(labels) == set(range(len(TOPICS)))

    def pieces(text: str) -> set[str]:
        words = (
            re.findall(r"\w+", text.lower()) if language == "en" else [text[i : i + 2] for i in range(len(text) - 1)]
        )
        return set(words)

    counts: dict[str, np.ndarray] = {}
    for text, label in zip(texts, labels, strict=True):
        for piece in pieces(text):
            counts.setdefault(piece, np.zeros(len(TOPICS)))[label] += 1
    scores = [sum(np.log(counts.get(p, 0) + np.full(5, 0.1)) for p in pieces(text)) for text in test_texts]
    assert np.mean(np.argmax(scores, axis=1) == test_labels) > 0.95  # words tell the topic, though pairs are new


@pytest.mark.parametrize("make", MAKERS)
def test_the_seed_decides(make) -> None:
    assert repr(make(60, seed=3)) == repr(make(60, seed=3)) != repr(make(60, seed=4))


@pytest.mark.parametrize("make", MAKERS)
def test_refused(make) -> None:
    with pytest.raises(ArgumentError, match=f"{make.__name__}: language is one of a few. Expected 'en' or 'zh'"):
        make(language="fr")
    for options in ({"samples": 1}, {"test_size": 0.0}, {"test_size": 1.0}, {"samples": 3, "test_size": 0.1}):
        with pytest.raises(ArgumentError, match=f"{make.__name__}: both parts have samples"):
            make(**options)


def test_there_are_not_endlessly_many() -> None:
    with pytest.raises(ArgumentError, match=r"topics: no two samples are alike. Expected about \d+ samples at most"):
        topics(5000)
