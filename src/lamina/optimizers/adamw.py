"""AdamW: Adam with weight decay beside, not inside, the gradient."""

from typing import Any, Unpack

from .adam import Adam
from .optimizer import registry
from .options import CommonOptions


@registry.register("AdamW", "adamw", "adam_w")
class AdamW(Adam):
    """Adam with decoupled weight decay: w ← w - η λ w, then Adam's step.

    An L2 penalty would be divided by √v̂ with the rest of the gradient and so hardly reach the weights with large
    gradients; decay beside it reaches all alike. For plain SGD the two are the same (L2 factor λ / 2).

    Args:
        learning_rate: η, a number or schedule.
        weight_decay: λ. Biases and scales are usually left out, see `exclude_from_weight_decay`.
        beta_1, beta_2, epsilon, amsgrad: see `Adam`.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0, 0.0])
        >>> AdamW(learning_rate=0.1, weight_decay=0.5).apply([[0.0, 0.0]], [w]); w
        Variable([0.95, 0. ], float32)

    Reference: Loshchilov and Hutter 2019, arXiv 1711.05101.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        amsgrad: bool = False,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)
