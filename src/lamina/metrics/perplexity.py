"""How many classes a language model hesitates between."""

from .. import ops
from ..core import Tensor
from .cross_entropy import SparseCategoricalCrossentropy
from .metric import registry


@registry.register()
class Perplexity(SparseCategoricalCrossentropy):
    """exp(mean -log p), p the probability of the token that came: C for a model that guesses evenly among C tokens.

    Tokens of all batches are averaged before exp is taken, so that the result does not depend on how they are batched.

    Args:
        name, dtype: as in `Metric`.
        from_logits: whether predictions (N, T, C) are logits.
        ignore_class: a label (of padding, say) that does not count.
        axis: the class axis.

    Example:
        >>> Perplexity()([[1, 0]], [[[0.5, 0.5], [0.125, 0.875]]]).item()
        4.0

    Reference: Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks.
    """

    def result(self) -> Tensor:
        """The perplexity; 1 before the first batch."""
        return ops.exp(super().result())
