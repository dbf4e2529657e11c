"""Activation functions made of other ops: names, arguments and defaults as in Keras."""

from typing import Any

from ..core import Tensor, composite
from .activation import elu, relu, softplus
from .casting import tensor
from .comparison import where
from .exponential import exp
from .extrema import clip
from .powers import sqrt
from .trigonometric import tanh

# Self-normalising: with these two numbers mean 0 and variance 1 are a fixed point (Klambauer et al. 2017).
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@composite
def linear(x: Any) -> Tensor:
    """x itself.

    Example:
        >>> from lamina import ops
        >>> ops.linear([1.0, 2.0])
        Tensor([1., 2.], float32)
    """
    return tensor(x)


@composite
def exponential(x: Any) -> Tensor:
    """eˣ, under the name that it has as an activation.

    Example:
        >>> from lamina import ops
        >>> ops.exponential([0.0, 1.0])
        Tensor([1. , 2.7182817], float32)
    """
    return exp(x)


@composite
def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6).

    Example:
        >>> from lamina import ops
        >>> ops.relu6([-1.0, 5.0, 7.0])
        Tensor([0., 5., 6.], float32)

    Reference: Howard et al. 2017, MobileNets, arXiv 1704.04861.
    """
    return relu(x, max_value=6.0)


@composite
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """x above 0, negative_slope·x elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.leaky_relu([-1.0, 2.0])
        Tensor([-0.2, 2. ], float32)

    Reference: Maas, Hannun and Ng 2013. PyTorch's default slope is 0.01.
    """
    return relu(x, negative_slope=negative_slope)


@composite
def selu(x: Any) -> Tensor:
    """Scaled elu: s·elu(x, α) with s ≈ 1.0507 and α ≈ 1.6733, which keep mean 0 and variance 1.

    Example:
        >>> from lamina import ops
        >>> ops.selu([-1.0, 1.0])
        Tensor([-1.1113307, 1.050701 ], float32)

    Reference: Klambauer et al. 2017, arXiv 1706.02515.
    """
    return _SELU_SCALE * elu(x, _SELU_ALPHA)


@composite
def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Elu with slope 1 at 0 for every alpha: x above 0, alpha·(e^{x/alpha} − 1) elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.celu([-1.0, 2.0], alpha=2.0)
        Tensor([-0.7869387, 2. ], float32)

    Reference: Barron 2017, arXiv 1704.07483.
    """
    return elu(tensor(x) / alpha) * alpha


@composite
def log_sigmoid(x: Any) -> Tensor:
    """log σ(x) = −softplus(−x).

    Example:
        >>> from lamina import ops
        >>> ops.log_sigmoid([-100.0, 0.0])
        Tensor([-100. , -0.6931472], float32)
    """
    return -softplus(-tensor(x))


@composite
def mish(x: Any) -> Tensor:
    """x·tanh(softplus(x)).

    Example:
        >>> from lamina import ops
        >>> ops.mish([-1.0, 0.0, 1.0])
        Tensor([-0.3034, 0. , 0.8651 ], float32)

    Reference: Misra 2019, arXiv 1908.08681.
    """
    return tensor(x) * tanh(softplus(x))


@composite
def softsign(x: Any) -> Tensor:
    """x / (1 + |x|), in (−1, 1).

    Example:
        >>> from lamina import ops
        >>> ops.softsign([-1.0, 0.0, 3.0])
        Tensor([-0.5 , 0. , 0.75], float32)

    Reference: Bergstra et al. 2009.
    """
    x = tensor(x)
    return x / (1 + abs(x))


@composite
def squareplus(x: Any, b: float = 4.0) -> Tensor:
    """(x + √(x² + b)) / 2: a smooth relu without exponentials.

    Example:
        >>> from lamina import ops
        >>> ops.squareplus([-1.0, 0.0, 1.0])
        Tensor([0.618034, 1. , 1.618034], float32)

    Reference: Barron 2021, arXiv 2112.11687.
    """
    x = tensor(x)
    return (x + sqrt(x * x + b)) * 0.5


@composite
def hard_sigmoid(x: Any) -> Tensor:
    """The sigmoid in three straight pieces: min(max(x + 3, 0), 6) / 6.

    Example:
        >>> from lamina import ops
        >>> ops.hard_sigmoid([-4.0, 0.0, 1.5])
        Tensor([0. , 0.5 , 0.75], float32)

    Reference: Howard et al. 2019, arXiv 1905.02244.
    """
    return relu6(tensor(x) + 3) / 6


@composite
def hard_silu(x: Any) -> Tensor:
    """x·hard_sigmoid(x), also called hard_swish.

    Example:
        >>> from lamina import ops
        >>> ops.hard_silu([-4.0, 0.0, 1.5])
        Tensor([-0. , 0. , 1.125], float32)

    Reference: Howard et al. 2019, arXiv 1905.02244.
    """
    return tensor(x) * hard_sigmoid(x)


@composite
def hard_tanh(x: Any) -> Tensor:
    """min(max(x, −1), 1).

    Example:
        >>> from lamina import ops
        >>> ops.hard_tanh([-4.0, 0.5, 1.5])
        Tensor([-1. , 0.5, 1. ], float32)

    Reference: Collobert 2004.
    """
    return clip(x, -1.0, 1.0)


@composite
def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x where |x| > threshold, else 0.

    Example:
        >>> from lamina import ops
        >>> ops.hard_shrink([-1.0, 0.3, 0.7])
        Tensor([-1. , 0. , 0.7], float32)
    """
    x = tensor(x)
    return where(abs(x) > threshold, x, 0.0)


@composite
def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x moved towards 0 by threshold, but not beyond: max(x − threshold, 0) − max(−x − threshold, 0).

    Example:
        >>> from lamina import ops
        >>> ops.soft_shrink([-1.0, 0.3, 0.75])
        Tensor([-0.5 , 0. , 0.25], float32)
    """
    x = tensor(x)
    return relu(x - threshold) - relu(-x - threshold)


@composite
def tanh_shrink(x: Any) -> Tensor:
    """x − tanh(x).

    Example:
        >>> from lamina import ops
        >>> ops.tanh_shrink([-1.0, 0.0])
        Tensor([-0.23840582, 0. ], float32)
    """
    return tensor(x) - tanh(x)


@composite
def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """x above the threshold, default_value elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.threshold([-1.0, 0.5, 2.0], 1.0, 9.0)
        Tensor([9., 9., 2.], float32)
    """
    x = tensor(x)
    return where(x > threshold, x, default_value)


@composite
def sparse_plus(x: Any) -> Tensor:
    """0 up to −1, (x + 1)²/4 up to 1, then x: a softplus that reaches 0.

    Example:
        >>> from lamina import ops
        >>> ops.sparse_plus([-2.0, 0.0, 3.0])
        Tensor([0. , 0.25, 3. ], float32)
    """
    x = tensor(x)
    left = relu(x + 1)
    return where(x >= 1, x, left * left * 0.25)


@composite
def sparse_sigmoid(x: Any) -> Tensor:
    """0 up to −1, (x + 1)/2 up to 1, then 1: the slope of `sparse_plus`.

    Example:
        >>> from lamina import ops
        >>> ops.sparse_sigmoid([-2.0, 0.5, 3.0])
        Tensor([0. , 0.75, 1. ], float32)
    """
    return relu(tensor(x) + 1, max_value=2.0) * 0.5
