"""`TextClassifier`: what a text is, of a few possibilities."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from .. import ops
from ..core import ArgumentError, DataError, Tensor, lookup
from ..data.tokenizers.tokenizer import registry as tokenizers
from ..layers import GRU, Bidirectional, Dense, Dropout, Embedding, Input
from ..layers.arguments import whole
from ..layers.layer import registry
from ..models import Model
from .token_rows import token_rows


class Verdict(NamedTuple):
    """What a `TextClassifier` takes a text for.

    Args:
        label: the most probable class.
        probability: of this class.
        probabilities: of all classes, by name.

    Example:
        >>> Verdict("good", 0.9, {"bad": 0.1, "good": 0.9}).label
        'good'
    """

    label: str
    probability: float
    probabilities: dict[str, float]


@registry.register()
class TextClassifier(Model):
    """Logits of classes for a text, which a GRU reads from both ends.

    x = dropout(E[tokens]), h = GRU forwards over x beside GRU backwards over x, logits = dropout(h) W + b.
    A recurrent network carries one state through the text, which a negation can turn around wherever it stands: on
    `lamina.datasets.reviews` it found that out in half the epochs that two Transformer blocks took.

    Train it on `encode(texts)` and class numbers, with the loss `SparseCategoricalCrossentropy(from_logits=True)`.

    Args:
        tokenizer: one of Lamina's: of characters for Chinese, which needs no cutting into words then, of words or
            parts of words for English; saved with the model.
        classes: K names; class number k is the k-th.
        width: numbers per token.
        units: U, numbers of the state, in each direction.
        dropout: share of the numbers of tokens, and of the state at the end, that is dropped in training.
        context: most tokens that are read of a text; the rest is left out.
        name: by default "text_classifier".

    Input (N, T) of ids as `encode` makes them: token i is i + 1, and 0 is padding, which is not read. Output (N, K).

    Raises:
        ArgumentError: fewer than two classes, a class named twice, or a size below 1.

    Example:
        >>> import lamina
        >>> from lamina.data.tokenizers import CharacterTokenizer
        >>> lamina.set_seed(0)
        >>> model = TextClassifier(CharacterTokenizer.train("好看不"), ["bad", "good"], width=8, units=8)
        >>> model.encode(["不好看"]).tolist()
        [[3, 4, 5, 0, 0, 0, 0, 0]]
        >>> model.predict_texts(["不好看", "好看"]).shape
        (2, 2)

    Reference: Cho et al. 2014, arXiv 1406.1078; Schuster and Paliwal 1997, Bidirectional recurrent neural networks.
    """

    def __init__(
        self,
        tokenizer: Any,
        classes: Sequence[str],
        width: int = 64,
        units: int = 64,
        dropout: float = 0.2,
        context: int = 256,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.tokenizer, self.classes = tokenizer, tuple(classes)
        self.context = whole(context, "TextClassifier", "context")
        _check(self.classes)
        self.embedding = Embedding(len(tokenizer) + 1, whole(width, "TextClassifier", "width"), mask_zero=True)
        self.reader = Bidirectional(GRU(whole(units, "TextClassifier", "units")))
        self.dropout, self.output_dense = Dropout(dropout), Dense(len(self.classes))
        self(Input((self.context,), dtype="int32"))  # builds it

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described, with new weights."""
        return super().from_config({**config, "tokenizer": lookup(tokenizers, config.get("tokenizer"))})

    def call(self, inputs: Tensor) -> Tensor:
        return self.output_dense(self.dropout(self.reader(self.dropout(self.embedding(inputs)))))

    def encode(self, texts: str | Iterable[str]) -> np.ndarray:
        """Ids (N, T) of texts, padded behind with 0.

        Raises:
            DataError: there is no text, or nothing in one of them.
        """
        rows = [[i + 1 for i in ids] for ids in self.tokenizer.encode_batch(_listed(texts))]
        empty = [place for place, row in enumerate(rows) if not row]
        if empty or not rows:
            raise DataError(
                f"TextClassifier {self.name!r}",
                "there must be something to read",
                expected="texts with at least one token",
                received=f"none in text {empty[0]}" if empty else "no text",
                remedy="Leave empty texts out",
            )
        return token_rows(rows, self.context)

    def predict_texts(self, texts: str | Iterable[str], batch_size: int = 32) -> np.ndarray:
        """Probabilities (N, K) of the classes for each text."""
        logits = self.predict(self.encode(texts), batch_size=batch_size, verbose=0)
        return np.asarray(ops.softmax(Tensor(logits)))

    def classify(self, texts: str | Iterable[str], batch_size: int = 32) -> list[Verdict]:
        """The most probable class of each text, and how probable all classes are.

        Args:
            texts: a list of texts, or one.
            batch_size: N, texts that are read at a time.

        Raises:
            DataError: there is no text, or nothing in one of them.
        """
        found = []
        for row in self.predict_texts(texts, batch_size).tolist():
            best = int(np.argmax(row))
            found.append(Verdict(self.classes[best], row[best], dict(zip(self.classes, row, strict=True))))
        return found


def _listed(texts: str | Iterable[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def _check(classes: tuple[str, ...]) -> None:
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise ArgumentError(
            "TextClassifier",
            "there are classes to choose from, each with its own name",
            expected="at least two different names",
            received=list(classes),
            remedy="Name every class once",
        )
