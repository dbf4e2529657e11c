"""Strings to their number in a vocabulary."""

from typing import Any

import numpy as np

from ...core import DTypeError
from ..layer import registry
from .host import is_text, whole_numbers
from .index_lookup import IndexLookup


@registry.register()
class StringLookup(IndexLookup):
    """y = number of the string x in a vocabulary; unknown strings share `num_oov_indices` numbers before it.

    A device holds no text: the layer runs on the host, before a model: `model(layer(texts))`,
    `model.fit(layer(texts), y)`, `dataset.map(layer)`. The vocabulary is part of the layer's config.

    Args:
        max_tokens: most terms, mask and OOV tokens included.
        num_oov_indices: numbers for unknown strings; several are given out by hash, 0 makes unknown ones an error.
        mask_token: string for "nothing here": number 0 for output_mode "int", not counted otherwise.
        oov_token: what `invert` gives for the numbers of unknown strings.
        vocabulary: the strings, or the path of a text file with one in each line; otherwise `adapt` learns them.
        idf_weights: for tf_idf with a given vocabulary, a weight for each string.
        invert: numbers to strings.
        output_mode: "int"; "one_hot", "multi_hot" and "count" as in `CategoryEncoding`; "tf_idf": count times idf,
            where idf = log(1 + D / (1 + d)) for D documents (rows) of which d hold the string.
        pad_to_max_tokens: make the vectors `max_tokens` long even if fewer strings are known.
        encoding: of bytes in the data.
        salt: key for the hash of unknown strings: SipHash-2-4 instead of FarmHash64.

    Input (N, ...) of strings, output int32 of the same shape, or vectors (N, ..., K). With `invert` integers in,
    a NumPy array of strings out.

    Raises:
        NotBuiltError: there is no vocabulary yet.
        DataError: an unknown string with num_oov_indices=0.
        DTypeError: numbers instead of text, or a compiled step around the layer.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.StringLookup()
        >>> layer.adapt(["b", "a", "c", "c"])
        >>> layer.get_vocabulary(), layer(["a", "z", "c"])
        (['[UNK]', 'c', 'b', 'a'], Tensor([3, 0, 1], int32))
        >>> lamina.layers.StringLookup(vocabulary=["c", "b"], invert=True)([0, 2]).tolist()
        ['[UNK]', 'b']

    Keras differs: a layer with a given vocabulary cannot be adapted any more.
    """

    takes_numbers = False

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        encoding: str = "utf-8",
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode,
            pad_to_max_tokens, "farmhash", salt, **kwargs,
        )  # fmt: skip

    def _take(self, terms: list[Any], idf: np.ndarray | None) -> None:
        super()._take(terms, idf)
        self.numbers = {term: number for number, term in enumerate(terms)}

    def _term(self, term: Any) -> str:
        return term.decode(self.encoding) if isinstance(term, bytes) else str(term)

    def _values(self, inputs: Any) -> np.ndarray:
        if not is_text(inputs) and inputs.size:
            raise DTypeError(
                self.who,
                "the values must be text",
                expected="strings",
                received=f"an array of {inputs.dtype}, first {inputs.flat[0]}",
                remedy="IntegerLookup numbers integers",
            )
        return inputs

    def _find(self, values: np.ndarray) -> np.ndarray:
        places = [self.numbers.get(value, -1) for value in values.ravel().tolist()]
        return np.array(places, np.int64).reshape(values.shape)

    def _back(self, places: np.ndarray) -> np.ndarray:
        places, terms = whole_numbers(places, self.who), np.array(self.get_vocabulary(), dtype=str)
        known = (places >= 0) & (places < len(terms))
        return np.where(known, terms[np.where(known, places, 0)], str(self.oov_token))
