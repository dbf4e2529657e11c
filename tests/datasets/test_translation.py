"""Dates and numbers: read back by rules of the test's own, and compared with forms written by hand."""

import datetime
import re

import pytest

from lamina.core import ArgumentError
from lamina.datasets import date_translation, numeral_translation
from lamina.datasets.numerals import chinese_digits, chinese_numeral, english_numeral

DIGITS = {character: i for i, character in enumerate("零一二三四五六七八九")} | {"〇": 0}


def read_chinese(text: str) -> int:
    """The number, by adding what stands before each unit."""
    total = group = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in "十百千":
            group += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        else:
            total = (
                (total + group + digit) * {"万": 10**4, "亿": 10**8}[character]
                if character == "万"
                else (total + group + digit) * 10**8
            )
            group = digit = 0
    return total + group + digit


def read_english(text: str) -> int:
    units = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
    words = {english_numeral(n): n for n in [*range(20), *range(20, 100, 10)]}
    total = group = 0
    for word in re.split("[ -]", text):
        if word == "hundred":
            group *= 100
        elif word in units:
            total, group = total + group * units[word], 0
        else:
            group += words[word]
    return total + group


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        (0, "零", "zero"),
        (10, "十", "ten"),
        (20, "二十", "twenty"),
        (110, "一百一十", "one hundred ten"),
        (1001, "一千零一", "one thousand one"),
        (1010, "一千零一十", "one thousand ten"),
        (10_000, "一万", "ten thousand"),
        (10_010, "一万零一十", "ten thousand ten"),
        (110_000, "十一万", "one hundred ten thousand"),
        (1_000_000, "一百万", "one million"),
        (100_000_001, "一亿零一", "one hundred million one"),
        (1_200_030_045, "十二亿零三万零四十五", "one billion two hundred million thirty thousand forty-five"),
    ],
)
def test_numerals_by_hand(number: int, chinese: str, english: str) -> None:
    assert chinese_numeral(number) == chinese and english_numeral(number) == english
    assert chinese_digits(2007) == "二〇〇七"


def test_numerals_can_be_read_back() -> None:
    for number in [*range(0, 12_000, 7), *range(10**6, 10**8, 1_234_567)]:
        assert read_chinese(chinese_numeral(number)) == read_english(english_numeral(number)) == number


@pytest.mark.parametrize("direction", ["zh-en", "en-zh"])
def test_dates(direction: str) -> None:
    (source, target), (test_source, test_target) = date_translation(2000, direction)
    assert len(source) == len(target) == 1800 and len(test_source) == 200
    assert len(set(target + test_target)) == 2000  # a day is in one part only, once
    chinese, english = (source, target) if direction == "zh-en" else (target, source)
    months = [datetime.date(2000, month, 1).strftime("%B") for month in range(1, 13)]
    for zh, en in zip(chinese, english, strict=True):
        year, month, day = re.fullmatch("(.+)年(.+)月(.+)[日号]", zh).groups()
        year = "".join(str(DIGITS.get(digit, digit)) for digit in year)
        month, day = (int(part) if part.isdigit() else read_chinese(part) for part in (month, day))
        name, number = re.search("[A-Z][a-z]+", en)[0], re.search(r"\b(\d\d?)(?:\b|st|nd|rd|th)", en)[1]
        assert en.endswith(year) and months[month - 1].startswith(name) and int(number) == day
    forms = {re.sub(r"\d+", "9", re.sub("[〇零一二三四五六七八九十]+", "一", text)) for text in chinese}
    assert forms == ({"9年9月9日", "一年一月一日", "一年一月一号"} if direction == "zh-en" else {"9年9月9日"})
    if direction == "en-zh":
        assert any(text.startswith("the 22nd of") for text in source) and any("11th" in text for text in source)


def test_numbers() -> None:
    (source, target), (test_source, _) = numeral_translation(1000, most=9999)
    assert len(source) == 900 and len(set(source + test_source)) == 1000
    assert [read_chinese(text) for text in source] == [read_english(text) for text in target]
    assert max(map(read_english, target)) <= 9999
    assert numeral_translation(1000, "en-zh", most=9999)[0] == (target, source)


def test_the_seed_decides() -> None:
    assert date_translation(50, seed=1) == date_translation(50, seed=1) != date_translation(50, seed=2)


def test_refused() -> None:
    with pytest.raises(ArgumentError, match="direction is one of a few. Expected 'zh-en' or 'en-zh', received 'de-en'"):
        date_translation(direction="de-en")
    with pytest.raises(ArgumentError, match="each occurs once. Expected at most 73049 samples, received 80000"):
        date_translation(80_000)
    with pytest.raises(ArgumentError, match="Expected at most 10 samples, received 11"):
        numeral_translation(11, most=9)
    with pytest.raises(ArgumentError, match="both parts have samples"):
        numeral_translation(1)
