"""A table with columns of several kinds as numbers that a model can take, described in one place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...core import ArgumentError, Configurable, DataError, DTypeError, NotBuiltError, Tensor
from ..arguments import one_of, whole
from ..layer import Layer, get, registry
from ..rescaling import Rescaling
from ..reshaping import Identity
from .category_encoding import CategoryEncoding
from .discretization import Discretization
from .hashed_crossing import HashedCrossing
from .hashing import Hashing
from .host import is_text, to_host, whole_numbers
from .index_lookup import IndexLookup
from .integer_lookup import IntegerLookup
from .normalization import Normalization
from .string_lookup import StringLookup


class Feature(Configurable):
    """How one column becomes numbers.

    Args:
        dtype: of the column: "float32", "int32" or "string".
        preprocessor: a layer for the column (N, 1), or its config.
        output_mode: "float" for what the layer gives; "int" for numbers of categories, "one_hot" for vectors of them.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.dtype = one_of(dtype, ("float32", "int32", "string"), "Feature", "dtype")
        self.preprocessor: Layer = get(preprocessor)
        self.output_mode = one_of(output_mode, ("int", "one_hot", "float"), "Feature", "output_mode")

    def get_config(self) -> dict[str, Any]:
        """The arguments, with what the layer has learnt."""
        layer = self.preprocessor
        config = layer.get_config()
        if isinstance(layer, Normalization) and layer.given is None and layer.built:
            config |= {"mean": layer.adapt_mean.tolist(), "variance": layer.adapt_variance.tolist()}
        made = {"class_name": type(layer).__name__, "config": config}
        return {"dtype": self.dtype, "preprocessor": made, "output_mode": self.output_mode}


class Cross(Configurable):
    """Combinations of the categories of several columns, in `crossing_dim` buckets.

    Args:
        feature_names: of two or more columns.
        crossing_dim: number of buckets.
        output_mode: "one_hot" or "int".
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        self.feature_names = tuple(feature_names)
        self.output_mode = one_of(output_mode, ("int", "one_hot"), "Cross", "output_mode")
        self.name = "_X_".join(self.feature_names)
        self.preprocessor = HashedCrossing(whole(crossing_dim, "Cross", "crossing_dim"), name=self.name)


def float_raw(name: str | None = None) -> Feature:
    """Numbers as they are."""
    return Feature("float32", Identity(name=name), "float")


def float_rescaled(scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
    """scale · x + offset."""
    return Feature("float32", Rescaling(scale, offset, name=name), "float")


def float_normalized(name: str | None = None) -> Feature:
    """Mean 0 and variance 1, by what `adapt` learns."""
    return Feature("float32", Normalization(name=name), "float")


def float_discretized(
    num_bins: int | None, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Numbers of bins that `adapt` learns, or of given ones."""
    layer = Discretization(bin_boundaries, None if bin_boundaries is not None else num_bins, name=name)
    return Feature("float32", layer, output_mode)


def integer_categorical(
    max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Whole numbers that stand for categories; `adapt` learns which there are."""
    return Feature("int32", IntegerLookup(max_tokens, num_oov_indices, name=name), output_mode)


def string_categorical(
    max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Words that stand for categories; `adapt` learns which there are."""
    return Feature("string", StringLookup(max_tokens, num_oov_indices, name=name), output_mode)


def integer_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Whole numbers in `num_bins` buckets; nothing is learnt."""
    return Feature("int32", Hashing(num_bins, name=name), output_mode)


def string_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Words in `num_bins` buckets; nothing is learnt."""
    return Feature("string", Hashing(num_bins, name=name), output_mode)


@registry.register()
class FeatureSpace(Layer):
    """The columns of a table, each made into numbers in its own way, side by side: y (N, F).

    Args:
        features: name of each column to how it is encoded: a `Feature`, or a name: "float", "float_rescaled",
            "float_normalized", "float_discretized", "integer_categorical", "string_categorical", "integer_hashed",
            "string_hashed". The functions of these names, `FeatureSpace.integer_hashed(9)`, take settings.
        output_mode: "concat" for one array, columns in alphabetical order and then crosses; "dict" for one by name.
        crosses: tuples of names of columns with categories, or `FeatureSpace.cross(names, crossing_dim)`: combinations.
        crossing_dim: number of buckets of each of these.
        hashing_dim: number of buckets of "..._hashed".
        num_discretization_bins: number of bins of "float_discretized".

    Input: a dict or frame of columns (N,) or (N, 1), or of the values of one row. It runs on the host, before a model:
    `model.fit(space(table), y)`. Its config holds what it has learnt.

    Raises:
        NotBuiltError: called before `adapt`, if there is something to learn.
        ArgumentError: an unknown kind or column, or numbers of categories that would be put beside measures.

    Example:
        >>> import lamina
        >>> table = {"age": [20.0, 40.0], "city": ["Bonn", "Rome"]}
        >>> space = lamina.layers.FeatureSpace({"age": "float_normalized", "city": "string_categorical"})
        >>> space.adapt(table)
        >>> space(table)  # the age, then three places: another city, Rome, Bonn
        Tensor([[-1.,  0.,  0.,  1.],
                [ 1.,  0.,  1.,  0.]], float32)

    Keras differs: it is `keras.utils.FeatureSpace`, runs in TensorFlow, and has symbolic inputs and outputs too.
    """

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.hashing_dim, self.num_discretization_bins = hashing_dim, num_discretization_bins
        self.output_mode = one_of(output_mode, ("concat", "dict"), "FeatureSpace", "output_mode")
        self.features = {name: self._feature(name, kind) for name, kind in features.items()}
        self.crosses = {cross.name: cross for cross in (self._cross(given, crossing_dim) for given in crosses or ())}
        self.preprocessors = {name: feature.preprocessor for name, feature in self.features.items()}
        self.crossers = {name: cross.preprocessor for name, cross in self.crosses.items()}

    def _feature(self, name: str, kind: Any) -> Feature:
        if isinstance(kind, Feature):
            return kind
        if isinstance(kind, Mapping):
            return Feature.from_config(kind["config"])
        label, bins = f"{self.name}_{name}", {"integer_hashed": self.hashing_dim, "string_hashed": self.hashing_dim}
        bins["float_discretized"] = self.num_discretization_bins
        kind = one_of(kind, tuple(KINDS), "FeatureSpace", f"features[{name!r}]")
        return KINDS[kind](bins[kind], name=label) if kind in bins else KINDS[kind](name=label)

    def _cross(self, given: Any, crossing_dim: int) -> Cross:
        if isinstance(given, Mapping):
            given = Cross.from_config(given["config"])
        made = given if isinstance(given, Cross) else Cross(given, crossing_dim)
        unknown = [name for name in made.feature_names if name not in self.features]
        if unknown:
            raise ArgumentError(
                "FeatureSpace",
                "columns that are crossed are among the features",
                expected="some of " + ", ".join(self.features),
                received=", ".join(unknown),
                remedy="Add them to features",
            )
        return made

    # -- the table --------------------------------------------------------------------------------
    def _columns(self, data: Any) -> dict[str, np.ndarray]:
        """The columns that are described, each (N, 1) or, of one row, ()."""
        missing = [name for name in self.features if name not in data]
        if missing:
            raise DataError(
                self._who,
                "the data has all columns that are described",
                expected=", ".join(self.features),
                received=f"no {', '.join(missing)}",
                remedy="Pass a dict or a frame with these names",
            )
        columns = {name: self._column(data[name], name, feature.dtype) for name, feature in self.features.items()}
        return {name: column[:, None] if column.ndim == 1 else column for name, column in columns.items()}

    def _column(self, values: Any, name: str, dtype: str) -> np.ndarray:
        who = f"{self._who}, column {name!r}"
        column = to_host(values, who)
        if is_text(column) == (dtype == "string"):
            return whole_numbers(column, who) if dtype == "int32" else column
        raise DTypeError(
            who,
            "a column holds what its feature says",
            expected="text" if dtype == "string" else "numbers",
            received=f"{column.flat[0]!r}" if column.size else "none",
            remedy="Choose another kind of feature, or convert the column",
        )

    @property
    def _who(self) -> str:
        return f"FeatureSpace {self.name!r}"

    def adapt(self, data: Any) -> None:
        """Learn vocabularies, bins and statistics, column by column.

        Args:
            data: a dict or frame of columns, or an iterable of such batches, such as a Dataset; of elements (x, y) x.
        """
        batches = [data] if hasattr(data, "keys") else [e[0] if isinstance(e, tuple) else e for e in _elements(data)]
        tables = [self._columns(batch) for batch in batches]
        for name, layer in self.preprocessors.items():
            if self._learns(layer):
                layer.adapt(np.concatenate([table[name].reshape(-1, 1) for table in tables]))  # type: ignore[attr-defined]

    @staticmethod
    def _learns(layer: Any) -> bool:
        if isinstance(layer, Normalization):
            return layer.given is None
        return layer.num_bins is not None if isinstance(layer, Discretization) else hasattr(layer, "adapt")

    # -- encoding ---------------------------------------------------------------------------------
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The table as numbers: (N, F), or a dict of arrays (N, ...); of one row without the axis N."""
        columns = self._columns(inputs)
        single = all(column.ndim == 0 for column in columns.values())
        made = {
            name: self.preprocessors[name](columns[name].reshape(-1, 1) if single else columns[name])
            for name in sorted(self.features)
        }
        crossed = {
            name: self.crossers[name]([np.asarray(made[part]) for part in self.crosses[name].feature_names])
            for name in sorted(self.crosses)
        }
        found = {name: self._encoded(name, values) for name, values in (made | crossed).items()}
        found = {name: values[0] if single else values for name, values in found.items()}
        return found if self.output_mode == "dict" else ops.concatenate(list(found.values()), axis=-1)

    def _encoded(self, name: str, values: Tensor) -> Tensor:
        spec: Any = self.features.get(name) or self.crosses[name]
        if spec.output_mode == "one_hot":
            return CategoryEncoding(_categories(spec.preprocessor), "multi_hot", dtype=self.dtype_policy)(values)
        if spec.output_mode == "float":
            return values.astype(self.compute_dtype)
        if self.output_mode == "concat":
            raise ArgumentError(
                self._who,
                "numbers of categories are no measures that could stand beside others",
                expected="output_mode='one_hot' or 'float' of each feature",
                received=f"'int' of {name!r}",
                remedy="Use output_mode='dict' and an Embedding",
            )
        return values

    def get_config(self) -> dict[str, Any]:
        """The arguments, with what has been learnt."""
        specs = {name: {"class_name": "Feature", "config": one.get_config()} for name, one in self.features.items()}
        crosses = [{"class_name": "Cross", "config": cross.get_config()} for cross in self.crosses.values()]
        return {**super().get_config(), "features": specs, "crosses": crosses}


def _elements(data: Any) -> list[Any]:
    if isinstance(data, Iterable):
        return list(data)
    raise DataError(
        "FeatureSpace",
        "adapt learns from a table",
        expected="a dict or frame of columns, or batches of them",
        received=f"a {type(data).__name__}",
        remedy="Pass {name: column, ...}",
    )


def _categories(layer: Layer) -> int:
    """How many numbers a layer gives."""
    if isinstance(layer, IndexLookup):
        return layer.vocabulary_size()
    if isinstance(layer, Discretization) and layer.bin_boundaries is not None:
        return len(layer.bin_boundaries) + 1
    count = getattr(layer, "num_bins", None)
    if count is None:
        raise NotBuiltError(
            f"{type(layer).__name__} {layer.name!r}",
            "vectors of categories need to know how many there are",
            expected="a lookup, hashing or discretization layer",
            received="a layer that does not say",
            remedy="Use output_mode='float'",
        )
    return int(count)


KINDS: dict[str, Callable[..., Feature]] = {
    "float": float_raw,
    "float_rescaled": float_rescaled,
    "float_normalized": float_normalized,
    "float_discretized": float_discretized,
    "integer_categorical": integer_categorical,
    "string_categorical": string_categorical,
    "integer_hashed": integer_hashed,
    "string_hashed": string_hashed,
}
for _kind, _make in KINDS.items():
    setattr(FeatureSpace, _kind, staticmethod(_make))
FeatureSpace.cross, FeatureSpace.feature = Cross, Feature  # type: ignore[attr-defined]
