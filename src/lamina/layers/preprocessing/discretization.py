"""Numbers as the number of the bin that they fall into."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ...core import ArgumentError, DataError, DTypeError, NotBuiltError, Tensor, as_array
from ..arguments import whole
from ..layer import Layer, registry
from .encoding import MODES, encode, output_mode
from .host import batches, is_text, is_traced, to_host
from .quantiles import boundaries, merge, summarize


@registry.register()
class Discretization(Layer):
    """y = number of boundaries b with b <= x: bin 0 lies below the first, bin i in [b[i−1], b[i]).

    Args:
        bin_boundaries: the inner edges of the bins, rising.
        num_bins: instead of them, how many bins `adapt(data)` makes, each with about the same number of values.
        epsilon: the share of the data by which a learnt boundary may be off; 0.01 keeps about 100 values in memory.
        output_mode: "int", or "one_hot", "multi_hot" or "count" as in `CategoryEncoding`.

    Input (N, ...), output of the same shape and int32, or vectors (N, ..., bins).

    Raises:
        NotBuiltError: called before `adapt`.
        ArgumentError: `adapt` after a compiled step or a graph of layers has taken the boundaries in.

    Example:
        >>> import lamina
        >>> lamina.layers.Discretization(bin_boundaries=[0.0, 1.0])([-1.5, 0.0, 0.4, 3.0])
        Tensor([0, 1, 1, 2], int32)
        >>> layer = lamina.layers.Discretization(num_bins=4)
        >>> layer.adapt(range(100)); layer.bin_boundaries
        [24.0, 49.0, 74.0]

    Keras differs: boundaries that do not rise are accepted, and NaN is learnt from.
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bin_boundaries = None if bin_boundaries is None else _rising(bin_boundaries)
        if (bin_boundaries is None) == (num_bins is None):
            raise ArgumentError(
                "Discretization",
                "the bins are given or learnt",
                expected="either bin_boundaries or num_bins",
                received=f"bin_boundaries={bin_boundaries}, num_bins={num_bins}",
                remedy="For example num_bins=10, then call adapt",
            )
        self.num_bins = None if num_bins is None else whole(num_bins, "Discretization", "num_bins")
        self.epsilon, self.output_mode = epsilon, _mode(output_mode)
        self.taken = False

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn boundaries between equally filled bins; what was learnt before is forgotten.

        Args:
            data: an array of any shape, or batches: a Dataset, a generator, a list of arrays.
            steps: most batches to read.
        """
        if self.num_bins is None or self.taken:
            raise ArgumentError(
                self._who,
                "boundaries are learnt where none were given, before the layer becomes part of a program",
                expected="a new layer with num_bins",
                received="given boundaries" if self.num_bins is None else "a layer that a model already uses",
                remedy="Make a layer with num_bins, adapt it, then build the model",
            )
        summary = None
        for batch in batches(data, self._who, steps):
            new = summarize(_known(_numbers(batch, self._who), self._who), self.epsilon)
            empty = np.zeros((2, 0), np.float32)
            summary = merge(new, empty if summary is None else summary, self.epsilon)
        if summary is None or not summary.size:
            raise DataError(
                self._who, "there is nothing to learn from", expected="values", received="none", remedy="Pass data"
            )
        self.bin_boundaries = boundaries(summary, self.num_bins)

    @property
    def _who(self) -> str:
        return f"Discretization {self.name!r}"

    def _as_input(self, value: Any) -> Any:
        """In 16 bits, values next to a boundary would change sides."""
        return value if isinstance(value, Tensor) else Tensor(_numbers(to_host(value, self._who), self._who))

    def call(self, inputs: Tensor) -> Tensor:
        if self.bin_boundaries is None:
            raise NotBuiltError(
                self._who,
                "the boundaries must be learnt first",
                expected="a call of adapt",
                received="none",
                remedy="Call layer.adapt(x_train), or give bin_boundaries",
            )
        self.taken = self.taken or is_traced(inputs)
        values = as_array(inputs).astype(self.variable_dtype)
        edges = jnp.asarray(self.bin_boundaries, values.dtype)
        bins = jnp.searchsorted(edges, values, side="right")
        return Tensor(encode(bins, self.output_mode, len(self.bin_boundaries) + 1, self.compute_dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments, and the boundaries as they are now."""
        return {**super().get_config(), "bin_boundaries": self.bin_boundaries}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Discretization":
        """A layer with these arguments; learnt boundaries stand beside `num_bins`."""
        learnt = config.get("bin_boundaries")
        if learnt is None or config.get("num_bins") is None:
            return super().from_config(config)
        layer = super().from_config({**config, "bin_boundaries": None})
        layer.bin_boundaries = _rising(learnt)
        return layer


def _rising(edges: Sequence[float]) -> list[float]:
    values = np.asarray(edges, np.float64)
    if values.ndim != 1 or not values.size or not (np.diff(values) >= 0).all():
        raise ArgumentError(
            "Discretization",
            "bin_boundaries rise",
            expected="a list of numbers in rising order",
            received=edges,
            remedy="Sort them",
        )
    return values.tolist()


def _numbers(values: np.ndarray, who: str) -> np.ndarray:
    if is_text(values):
        raise DTypeError(
            who, "bins hold numbers", expected="numbers", received="text", remedy="StringLookup takes text"
        )
    return values


def _known(values: np.ndarray, who: str) -> np.ndarray:
    if np.isnan(values).any():
        raise DataError(
            who,
            "quantiles need numbers",
            expected="no NaN",
            received=f"NaN at {tuple(np.argwhere(np.isnan(values))[0].tolist())}",
            remedy="Fill or drop missing values first",
        )
    return values


def _mode(value: str) -> str:
    return output_mode(value, MODES, "Discretization")
