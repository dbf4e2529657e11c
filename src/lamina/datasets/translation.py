"""Translation with a known answer: dates and numbers, Chinese and English, in both directions."""

from datetime import date, timedelta

from ..core import ArgumentError
from ..data.randomness import generator
from .generated import check_choice, choose, draw_split
from .numerals import chinese_digits, chinese_numeral, english_numeral

Texts = tuple[list[str], list[str]]  # sources, targets

DIRECTIONS = ("zh-en", "en-zh")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()  # strftime would give the names of the user's language
_FIRST_DAY, _DAYS = date(1900, 1, 1), 73_049  # to the end of 2099


def date_translation(
    samples: int = 10_000, direction: str = "zh-en", test_size: float = 0.1, seed: int = 0
) -> tuple[Texts, Texts]:
    """Dates of the years 1900 to 2099, written in several forms, and in one form of the other language.

    Chinese: 2024年3月5日, 2024年03月05日, 二〇二四年三月五日, 二零二四年三月五号.
    English: March 5, 2024, 5 March 2024, Mar 5, 2024, the 5th of March 2024. Targets have their language's first form.

    Args:
        samples: pairs in both parts together, each day once at most: up to 73,049.
        direction: "zh-en" or "en-zh".
        test_size: share of the days in the test part; no day of it is in the training part.
        seed: any integer.

    Returns:
        ((sources, targets), (test sources, test targets)), lists of texts.

    Raises:
        ArgumentError: an unknown direction, too many samples, or an empty part.

    Example:
        >>> (source, target), _ = date_translation(100)
        >>> source[0], target[0]
        ('一九一四年七月二十六日', 'July 26, 1914')
    """
    check_choice("date_translation", "direction", direction, DIRECTIONS)
    days = _numbers("date_translation", samples, _DAYS, test_size, seed)
    forms, target = (_chinese_forms, _english) if direction == "zh-en" else (_english_forms, _chinese)

    def pairs(part: list[tuple[int, int]]) -> Texts:
        dates = [(_FIRST_DAY + timedelta(day), form) for day, form in part]
        return [forms(day)[form % 4] for day, form in dates], [target(day) for day, _ in dates]

    return pairs(days[0]), pairs(days[1])


def numeral_translation(
    samples: int = 5000, direction: str = "zh-en", most: int = 99_999, test_size: float = 0.1, seed: int = 0
) -> tuple[Texts, Texts]:
    """Whole numbers in words: 七千零二十四 and seven thousand twenty-four.

    Args:
        samples: pairs in both parts together, each number once at most.
        direction: "zh-en" or "en-zh".
        most: greatest number, below 10^12.
        test_size: share of the numbers in the test part; none of them is in the training part.
        seed: any integer.

    Returns:
        ((sources, targets), (test sources, test targets)), lists of texts.

    Raises:
        ArgumentError: an unknown direction, too many samples, or an empty part.

    Example:
        >>> (source, target), _ = numeral_translation(100)
        >>> source[0], target[0]
        ('七千二百八十一', 'seven thousand two hundred eighty-one')
    """
    check_choice("numeral_translation", "direction", direction, DIRECTIONS)
    parts = _numbers("numeral_translation", samples, most + 1, test_size, seed)

    def pairs(part: list[tuple[int, int]]) -> Texts:
        chinese = [chinese_numeral(number) for number, _ in part]
        english = [english_numeral(number) for number, _ in part]
        return (chinese, english) if direction == "zh-en" else (english, chinese)

    return pairs(parts[0]), pairs(parts[1])


def _numbers(who: str, samples: int, count: int, test_size: float, seed: int) -> tuple[list, list]:
    """Different numbers below `count`, each with a form from 0 to 3."""
    if samples > count:
        raise ArgumentError(
            who, "each occurs once", expected=f"at most {count} samples", received=samples, remedy="Pass fewer samples"
        )
    numbers = iter(generator(seed, epoch=2).choice(count, samples, replace=False).tolist())
    return draw_split(who, lambda rng, _: (next(numbers), choose(rng, range(4))), samples, test_size, seed)


def _chinese_forms(day: date) -> list[str]:
    month, number = chinese_numeral(day.month), chinese_numeral(day.day)
    return [
        _chinese(day),
        f"{day.year}年{day.month:02}月{day.day:02}日",
        f"{chinese_digits(day.year)}年{month}月{number}日",
        f"{chinese_digits(day.year, '零')}年{month}月{number}号",
    ]


def _english_forms(day: date) -> list[str]:
    name = _MONTHS[day.month - 1]
    ending = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return [
        _english(day),
        f"{day.day} {name} {day.year}",
        f"{name[:3]} {day.day}, {day.year}",
        f"the {day.day}{ending} of {name} {day.year}",
    ]


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _english(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
