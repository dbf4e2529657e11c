"""Layers that tell a network where in the sequence a vector stands."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ... import ops
from ...core import ShapeError, Tensor, as_array
from ...ops.positions import sine_waves
from ..arguments import known_axis, rules, whole
from ..layer import Layer, registry


def places(inputs: Tensor, start_index: Any, positions: Any, axis: int) -> Any:
    """The places of the inputs along their sequence: those given, or consecutive ones from `start_index`."""
    if positions is not None:
        return as_array(positions)
    if isinstance(start_index, int):
        return np.arange(start_index, start_index + inputs.shape[axis])
    return jnp.arange(inputs.shape[axis], dtype=jnp.int32) + as_array(start_index).astype(jnp.int32)


@registry.register()
class PositionEmbedding(Layer):
    """A learned vector for every place: y[n, t] = embeddings[t], to be added to the vectors of the tokens.

    Args:
        sequence_length: L, the longest sequence.
        initializer, regularizer, constraint: as for the kernel of `Dense`.

    Call with the inputs (N, T, U), whose values do not matter, and optionally start_index (the place of the first of
    them) or positions, (T,) or (N, T). Output (N, T, U). Weights: embeddings (L, U).

    Raises:
        ShapeError: T > L. Compiled code cannot look at start_index and positions: beyond L such a row is NaN there.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.PositionEmbedding(3, initializer=lamina.initializers.Identity())
        >>> layer(lamina.ops.zeros((1, 2, 3)))
        Tensor([[[1., 0., 0.], [0., 1., 0.]]], float32)

    Reference: Gehring et al. 2017, arXiv 1705.03122; Devlin et al. 2018, arXiv 1810.04805.
    From KerasHub, which has no regularizer and constraint.
    """

    supports_masking = True

    def __init__(
        self,
        sequence_length: int,
        initializer: Any = "glorot_uniform",
        regularizer: Any = None,
        constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sequence_length = whole(sequence_length, "PositionEmbedding", "sequence_length")
        self.embeddings_rules = rules(initializer, regularizer, constraint)

    def build(self, input_shape: Any) -> None:
        shape = self.sequence_length, known_axis(input_shape, -1, self)
        self.embeddings = self.add_weight(shape, name="embeddings", **self.embeddings_rules)

    def call(self, inputs: Tensor, start_index: Any = 0, positions: Any = None) -> Tensor:
        length = inputs.shape[-2] + (start_index if isinstance(start_index, int) else 0)
        if positions is None and length > self.sequence_length:
            raise ShapeError(
                f"PositionEmbedding {self.name!r}",
                "there is a vector for every place",
                expected=f"at most {self.sequence_length} places",
                received=length,
                remedy="Make sequence_length larger, or cut the sequence",
            )
        if positions is None and isinstance(start_index, int):
            rows = self.embeddings[start_index:length]
        else:
            rows = ops.take(self.embeddings, places(inputs, start_index, positions, -2), axis=0)
        return ops.broadcast_to(rows, inputs.shape)


@registry.register()
class SinePositionEncoding(Layer):
    """A fixed vector for every place, of sines and cosines: see `lamina.ops.sinusoidal_positions`.

    Args:
        max_wavelength: the slowest wave is 2π · max_wavelength places long.

    Call with the inputs (N, T, U), whose values do not matter, and optionally start_index or positions, as in
    `PositionEmbedding`. Output (N, T, U), to be added to the vectors of the tokens.

    Example:
        >>> import lamina
        >>> lamina.layers.SinePositionEncoding()(lamina.ops.zeros((1, 2, 2))).tolist()
        [[[0.0, 1.0], [0.841, 0.540]]]

    Reference: Vaswani et al. 2017, arXiv 1706.03762. From KerasHub.
    """

    supports_masking = True

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def call(self, inputs: Tensor, start_index: Any = 0, positions: Any = None) -> Tensor:
        at = places(inputs, start_index, positions, -2)
        waves = Tensor(sine_waves(at, inputs.shape[-1], self.max_wavelength), inputs.dtype)
        return ops.broadcast_to(waves, inputs.shape)


@registry.register()
class RotaryEmbedding(Layer):
    """Queries and keys turned by angles that grow with their place: see `lamina.ops.rotary_embedding`.

    Args:
        max_wavelength: `base` of the op.
        scaling_factor: places are divided by it, to stretch a model over longer sequences (Chen et al. 2023, arXiv
            2306.15595).
        sequence_axis, feature_axis: which axes are T and H.

    Call with the inputs (N, T, ..., H) and optionally start_index or positions, as in `PositionEmbedding`. Output of
    the same shape. Features i and i + H/2 are a pair.

    Raises:
        ShapeError: H is odd.

    Example:
        >>> import lamina
        >>> lamina.layers.RotaryEmbedding()(lamina.ops.ones((1, 2, 2))).tolist()
        [[[1.0, 1.0], [-0.301, 1.382]]]

    Reference: Su et al. 2021, arXiv 2104.09864. From KerasHub.
    """

    supports_masking = True

    def __init__(
        self,
        max_wavelength: float = 10000,
        scaling_factor: float = 1.0,
        sequence_axis: int = 1,
        feature_axis: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_wavelength, self.scaling_factor = max_wavelength, scaling_factor
        self.axes = sequence_axis, feature_axis

    def call(self, inputs: Tensor, start_index: Any = 0, positions: Any = None) -> Tensor:
        at = places(inputs, start_index, positions, self.axes[0]).astype("float32") / self.scaling_factor
        x = ops.moveaxis(inputs, self.axes, (1, -1))
        return ops.moveaxis(ops.rotary_embedding(x, at, float(self.max_wavelength)), (1, -1), self.axes)
