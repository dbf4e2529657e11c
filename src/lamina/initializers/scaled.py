"""The usual variance scalings under their authors' names: Glorot, He, LeCun."""

from collections.abc import Sequence

from .initializer import registry
from .variance_scaling import VarianceScaling


class _Scaled(VarianceScaling):
    """VarianceScaling with the first three arguments settled by the subclass."""

    settled: tuple[float, str, str]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.settled, seed, input_axes, output_axes)


@registry.register()
class GlorotUniform(_Scaled):
    """Uniform values in ±sqrt(6 / (fan_in + fan_out)), for tanh and sigmoid layers; the default of Keras.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = GlorotUniform()((50, 100)); bool(abs(w).max() <= (6 / (50 + 100)) ** 0.5)
        True

    Reference: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks.
    """

    settled = (1.0, "fan_avg", "uniform")


@registry.register()
class GlorotNormal(_Scaled):
    """Truncated normal values of variance 2 / (fan_in + fan_out).

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = GlorotNormal()((50, 100)); bool(abs(w.std() / (2 / (50 + 100)) ** 0.5 - 1.0) < 0.05)
        True

    Reference: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks.
    """

    settled = (1.0, "fan_avg", "truncated_normal")


@registry.register()
class HeUniform(_Scaled):
    """Uniform values in ±sqrt(6 / fan_in), for ReLU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = HeUniform()((50, 100)); bool(abs(w).max() <= (6 / 50) ** 0.5)
        True

    Reference: He et al. 2015, arXiv 1502.01852.
    """

    settled = (2.0, "fan_in", "uniform")


@registry.register()
class HeNormal(_Scaled):
    """Truncated normal values of variance 2 / fan_in, for ReLU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = HeNormal()((50, 100)); bool(abs(w.std() / (2 / 50) ** 0.5 - 1.0) < 0.05)
        True

    Reference: He et al. 2015, arXiv 1502.01852.
    """

    settled = (2.0, "fan_in", "truncated_normal")


@registry.register()
class LecunUniform(_Scaled):
    """Uniform values in ±sqrt(3 / fan_in).

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = LecunUniform()((50, 100)); bool(abs(w).max() <= (3 / 50) ** 0.5)
        True

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.6.
    """

    settled = (1.0, "fan_in", "uniform")


@registry.register()
class LecunNormal(_Scaled):
    """Truncated normal values of variance 1 / fan_in, for SELU layers.

    Args:
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Example:
        >>> w = LecunNormal()((50, 100)); bool(abs(w.std() / (1 / 50) ** 0.5 - 1.0) < 0.05)
        True

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.6; Klambauer et al. 2017, arXiv 1706.02515.
    """

    settled = (1.0, "fan_in", "truncated_normal")
