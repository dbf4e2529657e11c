"""Sentences on a topic, to be told apart by their words."""

import numpy as np

from .generated import check_choice, choose, draw_split, is_held_out

Labelled = tuple[list[str], np.ndarray]  # texts, labels

TOPICS = ("sport", "weather", "food", "music", "science")
_LANGUAGES: dict[str, tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]] = {
    "en": (
        ("Yesterday {who} {did}.", "We heard that {who} {did}.", "{who} {did}, as the paper says.",
         "Nobody knew why {who} {did}.", "It was {who} who {did}."),
        (
            (("the goalkeeper", "the runner", "our team", "the coach", "the swimmer", "the referee"),
             ("won the match", "trained for the race", "scored twice", "lost the final", "stopped the game")),
            (("the storm", "the north wind", "heavy rain", "the first snow", "a warm front", "thick fog"),
             ("came over the coast", "kept the valley cold", "passed at night", "broke the drought", "flooded roads")),
            (("the cook", "the baker", "a waiter", "the new kitchen", "my grandmother", "the guest"),
             ("fried the fish", "tasted the soup", "baked fresh bread", "cut the onions", "ordered dessert")),
            (("the violinist", "the choir", "a young pianist", "the band", "the conductor", "the singer"),
             ("played a tune", "tuned the strings", "sang the chorus", "wrote a symphony", "rehearsed the concert")),
            (("the physicist", "a biologist", "the laboratory", "the astronomer", "a chemist", "the research group"),
             ("measured the particle", "tested the theory", "repeated the experiment", "observed the galaxy",
              "published the data")),
        ),
    ),
    "zh": (
        ("昨天{who}{did}。", "听说{who}{did}。", "报纸上说，{who}{did}。",
         "没人知道为什么{who}{did}。", "原来是{who}{did}。"),
        (
            (("守门员", "跑步选手", "我们的球队", "教练", "游泳运动员", "裁判"),
             ("赢得了比赛", "参加了训练", "进了两个球", "输掉了决赛", "暂停了比赛")),
            (("暴风雨", "北风", "大雨", "第一场雪", "暖气团", "浓雾"),
             ("席卷了海岸", "让山谷降温", "在夜里过去了", "缓解了干旱", "淹没了道路")),
            (("厨师", "面包师", "服务员", "新厨房", "奶奶", "食客"),
             ("煎好了鱼", "尝了一口汤", "烤了新鲜面包", "切好了洋葱", "点了甜品")),
            (("小提琴手", "合唱团", "年轻的钢琴家", "乐队", "指挥", "歌手"),
             ("演奏了慢板", "调好了琴弦", "唱起了副歌", "写了一首交响曲", "排练了音乐会")),
            (("物理学家", "生物学家", "实验室", "天文学家", "化学家", "研究小组"),
             ("测量了粒子", "验证了理论", "重复了实验", "观测了星系", "发表了数据")),
        ),
    ),
}  # fmt: skip


def topics(
    samples: int = 400, language: str = "en", test_size: float = 0.2, seed: int = 0
) -> tuple[Labelled, Labelled]:
    """Sentences on sport (0), weather (1), food (2), music (3) and science (4).

    One in five pairs of who and what is in the test part only; each half of such a pair also occurs in training.

    Args:
        samples: sentences in both parts together, no two alike: up to 600 for training and 150 for the test.
        language: "en" or "zh".
        test_size: share of the test part.
        seed: any integer.

    Returns:
        ((texts, labels), (test texts, test labels)): lists of texts, labels int32 (N,).

    Raises:
        ArgumentError: an unknown language, too many samples, or an empty part.

    Example:
        >>> (texts, labels), _ = topics(100)
        >>> texts[0], TOPICS[labels[0]]
        ('Nobody knew why the guest tasted the soup.', 'food')
    """
    check_choice("topics", "language", language, tuple(_LANGUAGES))
    parts = draw_split("topics", lambda rng, held_out: _sentence(rng, language, held_out), samples, test_size, seed)
    train, test = (([text for text, _ in part], np.array([label for _, label in part], np.int32)) for part in parts)
    return train, test


def _sentence(rng: np.random.Generator, language: str, held_out: bool) -> tuple[str, int]:
    templates, subjects = _LANGUAGES[language]
    label = int(rng.integers(len(TOPICS)))
    who, did = subjects[label]
    while True:
        i, j = int(rng.integers(len(who))), int(rng.integers(len(did)))
        if is_held_out(i, j) == held_out:
            text = choose(rng, templates).format(who=who[i], did=did[j])
            return text[0].upper() + text[1:], label
