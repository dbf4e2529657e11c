"""Words as vectors, learnt from who stands near whom."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, DataError, Tensor
from ..data import Dataset, permutation
from ..data.randomness import MAP, generator
from ..layers import Embedding, Input
from ..layers.layer import registry
from ..losses import BinaryCrossentropy
from ..models import Model
from ..optimizers import Adam

_NOISE_POWER = 0.75  # Mikolov et al. found it best; between how often words occur and all alike


@registry.register()
class Word2Vec(Model):
    """Skip-gram with negative sampling: is c a neighbour of w? P = σ(v_w · u_c).

    Every word w has two vectors, v_w in `words` and u_w in `contexts`. Words with like neighbours get like v_w.
    Trained on the pairs that `skip_grams` makes, with Adam and binary cross-entropy.

    Args:
        vocabulary_size: V.
        units: U, length of a vector.
        learning_rate: of Adam; `compile` may be called anew.
        name: by default "word2vec".

    Input {"word": (N,), "context": (N, K)} of ids, output (N, K): logits. Weights: two tables (V, U).

    Example:
        >>> tea, milk, car, fuel = range(4)
        >>> pairs = skip_grams([[tea, milk], [milk, tea], [car, fuel], [fuel, car]] * 20, 4, batch_size=16)
        >>> model = Word2Vec(4, units=8)
        >>> _ = model.fit(pairs, epochs=20, verbose=0)
        >>> logits = model.predict({"word": np.array([tea]), "context": np.array([[milk, fuel]])}, verbose=0)
        >>> bool(logits[0, 0] > logits[0, 1])
        True

    Reference: Mikolov et al. 2013, Distributed representations of words and phrases and their compositionality.
    """

    def __init__(
        self, vocabulary_size: int, units: int = 64, learning_rate: float = 0.01, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.words = Embedding(vocabulary_size, units)
        self.contexts = Embedding(vocabulary_size, units, "zeros")
        self({"word": Input((), dtype="int32"), "context": Input((None,), dtype="int32")})  # builds it
        self.compile(Adam(learning_rate), BinaryCrossentropy(from_logits=True))

    def call(self, inputs: Any) -> Tensor:
        words, contexts = self.words(inputs["word"]), self.contexts(inputs["context"])
        return ops.sum(ops.expand_dims(words, axis=1) * contexts, axis=-1)

    def nearest(self, word: int, count: int = 5) -> list[tuple[int, float]]:
        """The words whose vectors v point most nearly the same way, with the cosine of the angle between them.

        Args:
            word: id of a word.
            count: how many.

        Raises:
            ArgumentError: there is no such word.
        """
        vectors = self.words.embeddings.numpy()
        if not 0 <= word < len(vectors):
            raise ArgumentError(
                "Word2Vec",
                "every word has its id",
                expected=f"an id from 0 to {len(vectors) - 1}",
                received=word,
                remedy="Use the tokenizer that made the training pairs",
            )
        directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        cosines = directions @ directions[word]
        order = [int(i) for i in np.argsort(-cosines, kind="stable") if i != word]
        return [(i, float(cosines[i])) for i in order[:count]]


def skip_grams(
    documents: Sequence[Sequence[int]],
    vocabulary_size: int,
    window: int = 5,
    negatives: int = 5,
    batch_size: int = 256,
    seed: int = 0,
) -> Dataset:
    """Every word with each neighbour (label 1), and with words drawn at random (label 0).

    Random words are drawn with a probability that goes with their frequency to the power 3/4, anew in each epoch.

    Args:
        documents: token ids of each; no pair reaches from one into the next.
        vocabulary_size: V.
        window: how far apart neighbours may be.
        negatives: random words for each neighbour.
        batch_size: N, pairs in a batch; a last, smaller batch is left out.
        seed: any integer.

    Returns:
        Batches of {"word": int32 (N,), "context": int32 (N, 1 + negatives)} and labels float32 (N, 1 + negatives).

    Raises:
        DataError: fewer pairs than one batch has, or an id outside of the vocabulary.

    Example:
        >>> x, y = next(iter(skip_grams([[0, 1, 2, 1]], 3, window=1, negatives=2, batch_size=6)))
        >>> sorted(zip(x["word"].tolist(), x["context"][:, 0].tolist()))
        [(0, 1), (1, 0), (1, 2), (1, 2), (2, 1), (2, 1)]
        >>> y[0]
        array([1., 0., 0.], dtype=float32)

    Differs from the first program of its kind, which leaves out many of the most frequent words and takes near
    neighbours more often than far ones.
    """
    pairs = _pairs(documents, window)
    _check_pairs(pairs, vocabulary_size, batch_size)
    noise = np.cumsum(np.bincount(np.concatenate([np.asarray(d, int) for d in documents])) ** _NOISE_POWER)
    labels = np.zeros((batch_size, 1 + negatives), np.float32)
    labels[:, 0] = 1
    batches = len(pairs) // batch_size

    def epoch(e: int) -> Iterator[Any]:
        order = permutation(len(pairs), seed, e)
        for i in range(batches):
            rows = pairs[order[i * batch_size : (i + 1) * batch_size]]
            drawn = generator(seed, e, MAP, i).random((batch_size, negatives)) * noise[-1]
            others = np.searchsorted(noise, drawn, side="right").astype(np.int32)
            yield {"word": rows[:, 0], "context": np.concatenate([rows[:, 1:], others], axis=1)}, labels

    return Dataset(epoch, batches, batched=True)


def _pairs(documents: Sequence[Sequence[int]], window: int) -> np.ndarray:
    """All words with each of their neighbours, int32 (pairs, 2)."""
    found = [np.zeros((0, 2), np.int32)]
    for document in documents:
        ids = np.asarray(document, np.int32)
        for distance in range(1, min(window, len(ids) - 1) + 1):
            near = np.stack([ids[:-distance], ids[distance:]], axis=1)
            found += [near, near[:, ::-1]]
    return np.concatenate(found)


def _check_pairs(pairs: np.ndarray, vocabulary_size: int, batch_size: int) -> None:
    inside = len(pairs) == 0 or (pairs.min() >= 0 and pairs.max() < vocabulary_size)
    if inside and len(pairs) >= batch_size:
        return
    raise DataError(
        "skip_grams",
        "there are pairs for a batch, of words of the vocabulary",
        expected=f"at least {batch_size} pairs of ids from 0 to {vocabulary_size - 1}",
        received=f"{len(pairs)} pairs" + (f" of ids from {pairs.min()} to {pairs.max()}" if len(pairs) else ""),
        remedy="Pass longer documents, a smaller batch_size, or the right vocabulary_size",
    )
