"""The common part of the layers that number the terms of a vocabulary."""

from collections.abc import Hashable
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np

from ...core import ArgumentError, DataError, FileFormatError, NotBuiltError, Tensor
from ..arguments import one_of, whole
from .buckets import bucket, check_salt
from .encoding import MODES, encode, output_mode
from .host import HostLayer, batches, is_traced
from .vocabulary import Terms, check_terms, read_terms


class IndexLookup(HostLayer):
    """Terms to their number in a vocabulary, or back.

    The numbering is: the mask token (only where it is set and `output_mode` is "int"), `num_oov_indices` buckets for
    unknown terms, then the vocabulary. A subclass says how terms are found.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        oov_method: str,
        salt: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        kind = type(self).__name__
        self.max_tokens = None if max_tokens is None else whole(max_tokens, kind, "max_tokens", least=2)
        self.num_oov_indices = whole(num_oov_indices, kind, "num_oov_indices", least=0)
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, invert
        self.output_mode = _mode(output_mode, kind)
        self.pad_to_max_tokens = pad_to_max_tokens
        self.oov_method = one_of(oov_method, ("floormod", "farmhash"), kind, "oov_method")
        self.salt = check_salt(salt, kind)
        self._check_arguments(idf_weights)
        self.terms: list[Any] | None = None
        self.idf: np.ndarray | None = None
        self.taken = False
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _check_arguments(self, idf_weights: Any) -> None:
        rules = (
            (self.pad_to_max_tokens and self.max_tokens is None, "pad_to_max_tokens pads to a size", "max_tokens"),
            (self.invert and self.output_mode != "int", "the way back starts from numbers", "output_mode='int'"),
            (idf_weights is not None and self.output_mode != "tf_idf", "idf_weights belong to tf_idf",
             "output_mode='tf_idf'"),
        )  # fmt: skip
        for broken, rule, expected in rules:
            if broken:
                received = f"max_tokens={self.max_tokens}, output_mode={self.output_mode!r}"
                raise ArgumentError(self.who, rule, expected=expected, received=received, remedy="Change one of them")

    # -- the vocabulary ---------------------------------------------------------------------------
    @property
    def _special(self) -> list[Any]:
        """What stands before the terms: the mask token, if it has a number, and the buckets of unknown terms."""
        mask = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return mask + [self.oov_token] * self.num_oov_indices

    @property
    def _first_bucket(self) -> int:
        return len(self._special) - self.num_oov_indices

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The terms in the order of their numbers.

        Args:
            include_special_tokens: with mask and OOV tokens in front, so that the place is the number.
        """
        return [*(self._special if include_special_tokens else []), *(self.terms or [])]

    def vocabulary_size(self) -> int:
        """Length of the vocabulary with mask and OOV tokens."""
        return len(self._special) + len(self.terms or [])

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take a known vocabulary instead of learning one.

        Args:
            vocabulary: different terms, with or without mask and OOV tokens in front; or the path of a text file
                with one term in each line.
            idf_weights: for tf_idf, one number a term; unknown terms get the mean of all.
        """
        self._refuse_if_taken()
        given = [self._term(term) for term in read_terms(vocabulary)]
        special = self._special
        complete = given[: len(special)] == special
        terms = given[len(special) :] if complete else given
        reserved = [t for t in (self.mask_token, self.oov_token if self.invert else None) if t is not None]
        limit = None if self.max_tokens is None else self.max_tokens - len(special)
        check_terms(terms, reserved, limit, self.who)
        idf = self._check_idf(idf_weights, len(given))
        self._take(terms, idf if idf is None or complete else self._with_unknown(idf))

    def _check_idf(self, idf_weights: Any, count: int) -> np.ndarray | None:
        if idf_weights is None and self.output_mode != "tf_idf":
            return None
        idf = np.asarray(idf_weights if idf_weights is not None else [], np.float32)
        if self.output_mode != "tf_idf" or idf.shape != (count,):
            raise ArgumentError(
                self.who,
                "idf_weights are given with the vocabulary for tf_idf, one a term, and never otherwise",
                expected=f"{count} numbers" if self.output_mode == "tf_idf" else "none",
                received=f"shape {idf.shape}",
                remedy="Give one weight a term, or call adapt to learn them",
            )
        return idf

    def _with_unknown(self, idf: np.ndarray) -> np.ndarray:
        return np.concatenate([np.full(len(self._special), idf.mean(), np.float32), idf])

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: the terms by falling frequency; what was learnt before is forgotten.

        Args:
            data: an array or list of terms, or batches: a Dataset, a generator, a list of arrays. For tf_idf a row
                is a document; values in a list or array of one axis are documents of one term, a batch of one axis
                is one document.
            steps: most batches to read.
        """
        self._refuse_if_taken()
        counted = Terms(ignored=[t for t in (self.mask_token, self.oov_token) if t is not None])
        whole_data = hasattr(data, "__array__") or isinstance(data, (list, tuple))
        for batch in batches(data, self.who, steps, self.encoding):
            counted.add(self._documents(self._values(batch), whole_data))
        self.learn(counted)

    @staticmethod
    def _documents(values: np.ndarray, whole_data: bool) -> list[list[Any]]:
        if values.ndim < 2:
            values = values.reshape(-1, 1) if whole_data else values.reshape(1, -1)
        return values.reshape(len(values), int(np.prod(values.shape[1:]))).tolist()

    def learn(self, counted: Terms) -> None:
        """Take the most frequent of the counted terms as the vocabulary."""
        limit = None if self.max_tokens is None else self.max_tokens - len(self._special)
        terms = counted.most_frequent(limit)
        if not terms:
            raise DataError(
                self.who, "there is nothing to learn from", expected="terms", received="none", remedy="Pass data"
            )
        idf = self._with_unknown(counted.idf(terms).astype(np.float32)) if self.output_mode == "tf_idf" else None
        self._take(terms, idf)

    def _refuse_if_taken(self) -> None:
        if self.taken:
            raise ArgumentError(
                self.who,
                "the vocabulary is fixed once it is part of a compiled step or of a graph of layers",
                expected="a layer that is not yet used there",
                received="one whose vocabulary a program holds",
                remedy="Adapt the layer first, then build the model; or make a new layer",
            )

    def _take(self, terms: list[Any], idf: np.ndarray | None) -> None:
        self.terms, self.idf = terms, idf

    # -- what a subclass says ---------------------------------------------------------------------
    def _term(self, term: Any) -> Hashable:
        """A term of a given vocabulary in the form of the data's."""
        raise NotImplementedError

    def _values(self, inputs: Any) -> Any:
        """The data as an array of terms."""
        raise NotImplementedError

    def _find(self, values: Any) -> Any:
        """The place of each value among the terms, −1 where it is none."""
        raise NotImplementedError

    def _back(self, places: Any) -> Any:
        """The terms at these places of `get_vocabulary()`."""
        raise NotImplementedError

    # -- looking up -------------------------------------------------------------------------------
    def call(self, inputs: Any) -> Any:
        if self.terms is None:
            raise NotBuiltError(
                self.who,
                "the vocabulary must be known first",
                expected="a call of adapt or set_vocabulary",
                received="none",
                remedy="Call layer.adapt(data), or give vocabulary",
            )
        self.taken = self.taken or is_traced(inputs)
        if self.invert:
            return self._back(inputs)
        ids, unknown = self._numbers(self._values(inputs))
        return self._encoded(ids, unknown)

    def _numbers(self, values: Any) -> tuple[Any, Any]:
        """The number of each value (−1 where it counts nowhere), and whether it has none although it should."""
        xp = jnp if isinstance(values, jax.Array) else np
        place = self._find(values)
        known = place >= 0
        if self.num_oov_indices == 0:
            unknown_as = xp.full_like(place, -1)
        elif self.num_oov_indices == 1:
            unknown_as = xp.full_like(place, self._first_bucket)
        else:
            unknown_as = self._bucket(values).astype(place.dtype) + self._first_bucket
        ids = xp.where(known, place + len(self._special), unknown_as)
        if self.mask_token is not None:
            masked = xp.asarray(values == self.mask_token, bool)
            ids = xp.where(masked, xp.full_like(ids, 0 if self.output_mode == "int" else -1), ids)
            known = known | masked
        unknown = ~known if self.num_oov_indices == 0 else xp.zeros_like(known)
        if xp is np and np.any(unknown):
            self._refuse_unknown(values, unknown)
        return ids, unknown

    def _bucket(self, values: Any) -> Any:
        return bucket(values, self.num_oov_indices, self.salt)

    def _refuse_unknown(self, values: np.ndarray, unknown: np.ndarray) -> None:
        places = np.argwhere(unknown)
        first = tuple(places[0].tolist())
        raise DataError(
            self.who,
            "with num_oov_indices=0 every term is in the vocabulary",
            expected=f"one of {len(self.terms or [])} terms",
            received=f"{values[first]!r} at {first}" + (f", and {len(places) - 1} more" if len(places) > 1 else ""),
            remedy="Set num_oov_indices=1, or adapt the layer to this data too",
        )

    def _encoded(self, ids: Any, unknown: Any) -> Tensor:
        depth = self.max_tokens if self.pad_to_max_tokens and self.max_tokens else self.vocabulary_size()
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        vectors = encode(ids, mode, depth, self.compute_dtype)
        if self.output_mode == "tf_idf":
            weights = np.zeros(depth, np.float32)
            weights[: self.vocabulary_size()] = self.idf
            vectors = vectors * weights.astype(vectors.dtype)
        if mode == "int" or self.num_oov_indices or not isinstance(ids, jax.Array):
            return Tensor(vectors)
        bad = unknown.reshape(vectors.shape[:-1]) if mode == "one_hot" else jnp.atleast_1d(unknown).any(-1)
        return Tensor(jnp.where(bad[..., None], jnp.asarray(jnp.nan, vectors.dtype), vectors))

    # -- as data ----------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The arguments, with the vocabulary and its weights as they are now; no path of a file."""
        known = self.terms is not None
        idf = None if self.idf is None else self.idf.tolist()
        learnt = {"vocabulary": self.get_vocabulary() if known else None, "idf_weights": idf}
        return {**super().get_config(), **learnt}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A layer with these arguments and this vocabulary."""
        refuse_path(config, cls.__name__)
        return super().from_config(config)


def refuse_path(config: dict[str, Any], who: str) -> None:
    """A config may hold terms, but must not make the program open a file."""
    if isinstance(config.get("vocabulary"), str):
        raise FileFormatError(
            who,
            "a config holds the terms of the vocabulary themselves",
            expected="a list of terms",
            received=repr(config["vocabulary"]),
            remedy="Pass the path to the constructor or to set_vocabulary",
        )


def _mode(value: str, who: str) -> str:
    return output_mode(value, (*MODES, "tf_idf"), who)
