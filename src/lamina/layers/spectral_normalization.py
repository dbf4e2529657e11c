"""Weights divided by their largest singular value."""

from typing import Any

from .. import ops
from ..core import ArgumentError, Tensor, autocast, no_grad
from ..initializers import TruncatedNormal
from .arguments import whole
from .layer import registry
from .normalization import to_unit_length
from .wrapper import Wrapper


@registry.register()
class SpectralNormalization(Wrapper):
    """A layer with kernel / σ in place of its kernel, where σ is the kernel's largest singular value.

    With W the kernel as a matrix of U columns, each iteration is v ← u Wᵀ/‖u Wᵀ‖, u ← v W/‖v W‖; then σ = v W uᵀ.
    So the layer stretches no input by more than 1. A training step keeps its u for the next one; the gradient flows
    through σ, not through u and v.

    Args:
        layer: one with a `kernel` or `embeddings`.
        power_iterations: rounds of the iteration in each call.

    Input and output are those of `layer`. Weights: kernel, vector_u (1, U), not trained, the rest of `layer`.

    Raises:
        ArgumentError: `layer` has neither a kernel nor embeddings.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.SpectralNormalization(lamina.layers.Dense(2, use_bias=False), power_iterations=20)
        >>> layer(lamina.ops.eye(2), training=True).shape
        (2, 2)
        >>> layer.layer.set_weights([[[3.0, 0.0], [0.0, 1.0]]])
        >>> lamina.ops.round(layer(lamina.ops.eye(2), training=True), 4)
        Tensor([[1.    , 0.    ], [0.    , 0.3333]], float32)

    Reference: Miyato et al. 2018, arXiv 1802.05957.
    Keras differs: in training it overwrites the kernel with kernel / σ, which its JAX backend forgets after a step of
    `fit`, and otherwise it uses the kernel undivided. Here, as in the paper, the kernel stays and is always divided.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = whole(power_iterations, "SpectralNormalization", "power_iterations")

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        names = [name for name in ("kernel", "embeddings") if hasattr(self.layer, name)]
        if not names:
            raise ArgumentError(
                f"SpectralNormalization {self.name!r}",
                "the layer must have a weight to normalise",
                expected="a layer with a kernel or embeddings",
                received=repr(self.layer),
                remedy="Wrap a Dense, convolution or Embedding layer",
            )
        self.weight_name = names[0]
        self.kernel = getattr(self.layer, self.weight_name)
        shape, start = (1, self.kernel.shape[-1]), TruncatedNormal(stddev=0.02)
        self.vector_u = self.add_weight(shape, start, "vector_u", trainable=False, dtype=self.kernel.dtype)

    def call(self, inputs: Any, training: bool = False) -> Any:
        with autocast(None):
            weight, vector_u = self._normalized()
            if training:
                self.vector_u.assign(vector_u)
        setattr(self.layer, self.weight_name, weight.astype(self.layer.compute_dtype))
        try:
            return self.layer(inputs)
        finally:
            setattr(self.layer, self.weight_name, self.kernel)

    def _normalized(self) -> tuple[Tensor, Tensor]:
        """kernel / σ, and u after the iterations; a kernel of zeros stays as it is, and so does u."""
        matrix = self.kernel.reshape((-1, self.kernel.shape[-1]))
        with no_grad():
            u: Tensor = self.vector_u
            for _ in range(self.power_iterations):
                v = to_unit_length(u @ matrix.T, (0, 1))
                u = to_unit_length(v @ matrix, (0, 1))
            found = (u != 0).any()
            u = ops.where(found, u, self.vector_u)
        sigma = (v @ matrix @ u.T).reshape(())
        return self.kernel / ops.where(found, sigma, 1.0), u
