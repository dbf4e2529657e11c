"""Whole numbers in words, in Chinese and in English."""

_CHINESE = "零一二三四五六七八九"
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def chinese_numeral(number: int) -> str:
    """A number below 10^12 in Chinese.

    Example:
        >>> [chinese_numeral(n) for n in (0, 12, 305, 7024, 100_500, 20_000_010)]
        ['零', '十二', '三百零五', '七千零二十四', '十万零五百', '二千万零一十']
    """
    text, gap = "", False
    for unit, value in (("亿", number // 10**8), ("万", number // 10**4 % 10**4), ("", number % 10**4)):
        if value:
            text += ("零" if text and (gap or value < 1000) else "") + _below_ten_thousand(value) + unit
        gap = not value
    return (text.removeprefix("一") if text.startswith("一十") else text) or "零"


def _below_ten_thousand(number: int) -> str:
    text, gap = "", False
    for unit, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // power % 10
        if digit:
            text += ("零" if text and gap else "") + _CHINESE[digit] + unit
        gap = not digit
    return text


def english_numeral(number: int) -> str:
    """A number below 10^12 in English, without "and".

    Example:
        >>> [english_numeral(n) for n in (0, 12, 305, 7024, 100_500)]
        ['zero', 'twelve', 'three hundred five', 'seven thousand twenty-four', 'one hundred thousand five hundred']
    """
    if number < 20:
        return _SMALL[number]
    if number < 100:
        return _TENS[number // 10 - 2] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
    units = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
    power, unit = next((power, unit) for power, unit in units if number >= power)
    rest = f" {english_numeral(number % power)}" if number % power else ""
    return f"{english_numeral(number // power)} {unit}{rest}"


def chinese_digits(number: int, zero: str = "〇") -> str:
    """Digit by digit, as years are read.

    Example:
        >>> chinese_digits(2024)
        '二〇二四'
    """
    return "".join(_CHINESE[int(digit)] for digit in str(number)).replace("零", zero)
