"""Short texts about people, and questions whose answer stands in the text, or does not stand there at all."""

from typing import NamedTuple

import numpy as np

from .generated import check_choice, choose, draw_split, is_held_out


class Question(NamedTuple):
    """A question about a text; `context[start:end] == answer`.

    Args:
        context: the text.
        question: what is asked.
        answer: the words of the context that answer it; "" if none do.
        start, end: where they stand, in characters; both 0 if there is no answer.

    Example:
        >>> Question("Ida is a baker.", "What is Ida's job?", "baker", 9, 14).is_answerable
        True
    """

    context: str
    question: str
    answer: str
    start: int
    end: int

    @property
    def is_answerable(self) -> bool:
        """Whether the context has the answer."""
        return bool(self.answer)


class _Fact(NamedTuple):
    """One thing that may be said about a person: ways to say it, ways to ask for it, and what it may be."""

    statements: tuple[str, ...]
    questions: tuple[str, ...]
    values: tuple[str, ...]


class _Language(NamedTuple):
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    name: str
    between: str
    facts: tuple[_Fact, ...]


_YEARS = tuple(str(year) for year in range(1930, 2010))
_LANGUAGES = {
    "en": _Language(
        tuple("Ada Boris Clara David Elena Felix Greta Hugo Ines Jonas Karla Leo Marta Nils Olga".split()),
        tuple("Abbot Berger Castro Dunn Evans Fischer Grant Holm Ivanova Jensen Keller Larsen Moreau Novak".split()),
        "{first} {last}",
        " ",
        (
            _Fact(("{name} was born in {value}.", "The year of {name}'s birth is {value}."),
                  ("When was {name} born?", "In which year was {name} born?"), _YEARS),
            _Fact(("{name} lives in {value}.", "The home of {name} is in {value}."),
                  ("Where does {name} live?", "In which town does {name} live?"),
                  tuple("Oslo Lisbon Vienna Dublin Krakow Naples Bergen Seville Ghent Tartu Malmo Graz".split())),
            _Fact(("{name} works as a {value}.", "As a {value}, {name} has a lot to do."),
                  ("What is the job of {name}?", "What does {name} work as?"),
                  tuple("baker teacher pilot doctor painter farmer lawyer tailor gardener driver".split())),
            _Fact(("{name} plays the {value}.", "On the {value}, {name} plays every day."),
                  ("Which instrument does {name} play?", "What does {name} play?"),
                  tuple("piano violin guitar flute cello trumpet harp drums clarinet".split())),
            _Fact(("{name} has a {value}.", "The pet of {name} is a {value}."),
                  ("Which animal does {name} have?", "What pet does {name} have?"),
                  tuple("cat dog parrot rabbit turtle hamster pony goldfish".split())),
        ),
    ),
    "zh": _Language(
        tuple("伟 芳 娜 敏 静 丽 强 磊 军 洋 艳 勇 杰 娟 涛".split()),
        tuple("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱".split()),
        "{last}{first}",
        "",
        (
            _Fact(("{name}出生于{value}年。", "{value}年，{name}出生了。"),
                  ("{name}是哪一年出生的？", "{name}出生于哪一年？"), _YEARS),
            _Fact(("{name}住在{value}。", "{value}是{name}居住的城市。"),
                  ("{name}住在哪里？", "{name}居住在哪个城市？"),
                  tuple("北京 上海 广州 成都 西安 杭州 南京 武汉 重庆 昆明 青岛 厦门".split())),
            _Fact(("{name}的职业是{value}。", "作为一名{value}，{name}很忙。"),
                  ("{name}的职业是什么？", "{name}做什么工作？"),
                  tuple("教师 医生 厨师 司机 律师 画家 农民 裁缝 园丁 飞行员".split())),
            _Fact(("{name}会演奏{value}。", "{name}每天练习{value}。"),
                  ("{name}会演奏什么乐器？", "{name}练习什么乐器？"),
                  tuple("钢琴 小提琴 吉他 长笛 大提琴 小号 竖琴 二胡 古筝".split())),
            _Fact(("{name}养了一只{value}。", "{name}的宠物是{value}。"),
                  ("{name}养了什么动物？", "{name}的宠物是什么？"),
                  tuple("猫 狗 鹦鹉 兔子 乌龟 仓鼠 金鱼 鸽子".split())),
        ),
    ),
}  # fmt: skip


def facts(
    samples: int = 5000, language: str = "en", unanswerable: float = 0.2, test_size: float = 0.2, seed: int = 0
) -> tuple[list[Question], list[Question]]:
    """Questions on texts about two or three people, for a model that marks the answer in the text.

    A text tells two to four of five facts about each person, the sentences in random order. A question that cannot be
    answered asks for a fact about one of them that the text leaves out. The people asked about in the test part
    do not occur in the training part, though their first and last names do.

    Args:
        samples: questions in both parts together, no two alike.
        language: "en" or "zh".
        unanswerable: probability of a question without an answer.
        test_size: share of the test part.
        seed: any integer.

    Returns:
        (train, test): lists of `Question`.

    Raises:
        ArgumentError: an unknown language, or an empty part.

    Example:
        >>> train, test = facts(100)
        >>> train[0].question, train[0].answer
        ('Which animal does Jonas Dunn have?', 'hamster')
        >>> train[0].context[train[0].start : train[0].end] == train[0].answer
        True

    Reference: the form is that of Rajpurkar, Jia and Liang 2018, Know what you don't know (SQuAD 2.0).
    """
    check_choice("facts", "language", language, tuple(_LANGUAGES))
    words = _LANGUAGES[language]
    return draw_split("facts", lambda rng, new: _question(rng, words, unanswerable, new), samples, test_size, seed)


def _question(rng: np.random.Generator, words: _Language, unanswerable: float, held_out: bool) -> Question:
    people = _people(rng, words, held_out)
    sentences: list[tuple[str, int, int, str]] = []  # sentence, person, fact, value
    for person, name in enumerate(people):
        for fact in rng.permutation(len(words.facts))[: rng.integers(2, 5)].tolist():
            value = choose(rng, words.facts[fact].values)
            sentences.append(
                (choose(rng, words.facts[fact].statements).format(name=name, value=value), person, fact, value)
            )
    sentences = [sentences[i] for i in rng.permutation(len(sentences))]
    told = {(person, fact): (i, value) for i, (_, person, fact, value) in enumerate(sentences)}
    wanted = [(p, f) for p in range(len(people)) for f in range(len(words.facts))]
    has_answer = rng.random() >= unanswerable
    person, fact = choose(rng, [place for place in wanted if (place in told) == has_answer])
    question = choose(rng, words.facts[fact].questions).format(name=people[person])
    context = words.between.join(sentence for sentence, *_ in sentences)
    if not has_answer:
        return Question(context, question, "", 0, 0)
    i, value = told[person, fact]
    before = sum(len(sentence) + len(words.between) for sentence, *_ in sentences[:i])
    start = before + sentences[i][0].index(value)
    return Question(context, question, value, start, start + len(value))


def _people(rng: np.random.Generator, words: _Language, held_out: bool) -> list[str]:
    """Two or three people with different first and last names, all from one part."""
    while True:
        count = int(rng.integers(2, 4))
        first = rng.permutation(len(words.first_names))[:count].tolist()
        last = rng.permutation(len(words.last_names))[:count].tolist()
        if all(is_held_out(i, j) == held_out for i, j in zip(first, last, strict=True)):
            names = zip(first, last, strict=True)
            return [words.name.format(first=words.first_names[i], last=words.last_names[j]) for i, j in names]
