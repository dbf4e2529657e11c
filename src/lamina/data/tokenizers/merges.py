"""Learning which neighbours to join: the inner loop of byte pair encoding and of WordPiece."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pair = tuple[int, int]


def learn_merges(
    words: Mapping[str, int],
    cut: Callable[[str], Sequence[str]],
    symbols: list[str],
    size: int,
    join: Callable[[str, str], str],
    min_count: int = 2,
) -> list[tuple[str, str]]:
    """Join the most frequent pair of neighbours to a new symbol, again and again, until there are `size` symbols.

    Of equally frequent pairs the one whose symbols are older comes first. Each different word is looked at once, and
    after a merge only the words that hold the pair are counted anew.

    Args:
        words: words of the text, with how often each occurs.
        cut: the symbols of a word at the beginning.
        symbols: the symbols at the beginning; new ones are appended to this list.
        size: how many symbols there may be.
        join: the name of a joined pair.
        min_count: how often a pair must occur to be joined.

    Returns:
        The joined pairs, the first one first.

    Reference: Sennrich, Haddow and Birch 2016, Neural machine translation of rare words with subword units.
    """
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    pairs = _Pairs([[ids[symbol] for symbol in cut(word)] for word in words], list(words.values()))
    merges = []
    while len(symbols) < size and (pair := pairs.most_frequent(min_count)) is not None:
        first, second = symbols[pair[0]], symbols[pair[1]]
        merges.append((first, second))
        joined = join(first, second)
        if joined not in ids:  # "ab" + "c" and "a" + "bc" are one symbol
            ids[joined] = len(symbols)
            symbols.append(joined)
        pairs.merge(pair, ids[joined])
    return merges


class _Pairs:
    """How often each pair of neighbours occurs, and in which words; the heap may hold counts that are out of date."""

    def __init__(self, words: list[list[int]], weights: list[int]) -> None:
        self.words, self.weights = words, weights
        self.counts: Counter[Pair] = Counter()
        self.places: defaultdict[Pair, set[int]] = defaultdict(set)
        for i in range(len(words)):
            self._count(i, weights[i])
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapify(self.heap)

    def _count(self, i: int, weight: int) -> None:
        for pair in pairwise(self.words[i]):
            self.counts[pair] += weight
            self.places[pair].add(i)

    def most_frequent(self, min_count: int) -> Pair | None:
        while self.heap:
            negative, pair = heappop(self.heap)
            count = self.counts[pair]
            if count == -negative and count >= min_count:
                return pair
            if count >= min_count:
                heappush(self.heap, (-count, pair))
        return None

    def merge(self, pair: Pair, new: int) -> None:
        changed: set[Pair] = set()
        for i in self.places.pop(pair):
            self._count(i, -self.weights[i])
            self.words[i] = list(merged(self.words[i], pair, new))
            self._count(i, self.weights[i])
            changed.update(found for found in pairwise(self.words[i]) if new in found)
        self.places.pop(pair, None)
        for found in changed:
            heappush(self.heap, (-self.counts[found], found))


def merged(symbols: Sequence[int], pair: Pair, new: int) -> Iterator[int]:
    """The symbols with `new` for each `pair`, from left to right.

    Example:
        >>> list(merged([1, 1, 1, 2], (1, 1), 7))
        [7, 1, 2]
    """
    i, last = 0, len(symbols) - 1
    while i <= last:
        joins = i < last and symbols[i] == pair[0] and symbols[i + 1] == pair[1]
        yield new if joins else symbols[i]
        i += 2 if joins else 1
