"""Reports of a few sentences, and the one line that says what matters in them."""

from typing import NamedTuple

import numpy as np

from .generated import check_choice, choose, draw_split, is_held_out

Texts = tuple[list[str], list[str]]  # reports, summaries


class _Language(NamedTuple):
    months: tuple[str, ...]
    towns: tuple[str, ...]
    goods: tuple[str, ...]
    causes: tuple[str, ...]
    verbs: tuple[str, str]  # rising, falling
    openings: tuple[str, ...]
    news: tuple[str, ...]
    reasons: tuple[str, ...]
    others: tuple[str, ...]
    summary: str
    between: str


_LANGUAGES = {
    "en": _Language(
        tuple("January February March April May June July August September October November December".split()),
        tuple("Oslo Lisbon Vienna Dublin Krakow Naples Bergen Seville Ghent Tartu".split()),
        ("bicycles", "tents", "heaters", "lamps", "books", "umbrellas", "radios", "shoes", "toys", "chairs"),
        ("the weather", "a new shop", "higher prices", "a strike", "the holidays", "a large order", "road works"),
        ("rose", "fell"),
        ("This is the report of the branch in {town}.", "The branch in {town} reports for {month}."),
        ("Sales of {goods} {verb} by {percent} percent in {month}.",
         "In {month}, {goods} did not stand still: sales {verb} by {percent} percent."),
        ("The manager names {cause} as the reason.", "The reason was {cause}."),
        ("{count} people work there.", "The shop was open on {count} days.", "The rent stayed the same.",
         "{count} customers filled in a form.", "A new sign was put up.", "The accounts have been checked."),
        "{town}: sales of {goods} {verb} {percent} percent in {month} because of {cause}", " ",
    ),
    "zh": _Language(
        tuple("一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月".split()),
        tuple("北京 上海 广州 成都 西安 杭州 南京 武汉 重庆 昆明".split()),
        tuple("自行车 帐篷 电暖器 台灯 图书 雨伞 收音机 鞋子 玩具 椅子".split()),
        tuple("天气 新店开业 价格上涨 罢工 假期 大额订单 道路施工".split()),
        ("上升", "下降"),
        ("这是{town}分店的报告。", "{town}分店汇报{month}的情况。"),
        ("{month}{goods}的销量{verb}了百分之{percent}。", "{goods}在{month}有变化，销量{verb}了百分之{percent}。"),
        ("经理认为原因是{cause}。", "这是由于{cause}。"),
        ("店里有{count}名员工。", "商店营业了{count}天。", "租金没有变化。", "{count}位顾客填写了表格。",
         "门口换了新招牌。", "账目已经核对。"),
        "{town}：{month}{goods}销量因{cause}{verb}百分之{percent}", "",
    ),
}  # fmt: skip


def reports(samples: int = 5000, language: str = "en", test_size: float = 0.2, seed: int = 0) -> tuple[Texts, Texts]:
    """Reports of branches, and summaries of one line: town, goods, how sales changed, when and why.

    A report has the three sentences that the summary needs and two or three others, all but the first in random order.
    One in five pairs of a town and goods is in the test part only.

    Args:
        samples: reports in both parts together, no two alike.
        language: "en" or "zh".
        test_size: share of the test part.
        seed: any integer.

    Returns:
        ((reports, summaries), (test reports, test summaries)), lists of texts.

    Raises:
        ArgumentError: an unknown language, or an empty part.

    Example:
        >>> (texts, summaries), _ = reports(100)
        >>> print(summaries[0])
        Naples: sales of radios fell 24 percent in March because of the holidays
    """
    check_choice("reports", "language", language, tuple(_LANGUAGES))
    words = _LANGUAGES[language]
    parts = draw_split("reports", lambda rng, held_out: _report(rng, words, held_out), samples, test_size, seed)
    train, test = (([text for text, _ in part], [summary for _, summary in part]) for part in parts)
    return train, test


def _report(rng: np.random.Generator, words: _Language, held_out: bool) -> tuple[str, str]:
    known = _known(rng, words, held_out)
    others = [words.others[i] for i in rng.permutation(len(words.others))[: rng.integers(2, 4)]]
    rest = [choose(rng, words.news), choose(rng, words.reasons), *others]
    order = [choose(rng, words.openings), *(rest[i] for i in rng.permutation(len(rest)))]
    sentences = [sentence.format(**known, count=int(rng.integers(3, 31))) for sentence in order]
    return words.between.join(sentences), words.summary.format(**known)


def _known(rng: np.random.Generator, words: _Language, held_out: bool) -> dict[str, str]:
    """What the summary says; town and goods are together in this part only."""
    while True:
        i, j = int(rng.integers(len(words.towns))), int(rng.integers(len(words.goods)))
        if is_held_out(i, j) == held_out:
            return {
                "town": words.towns[i],
                "goods": words.goods[j],
                "month": choose(rng, words.months),
                "verb": choose(rng, words.verbs),
                "percent": str(rng.integers(2, 61)),
                "cause": choose(rng, words.causes),
            }
