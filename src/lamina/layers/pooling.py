"""Pooling over space: the largest or the mean value of each window, or of the whole space."""

from typing import Any

from .. import ops
from ..core import Tensor
from .arguments import one_of
from .layer import registry
from .spatial import Spatial


class Pooling(Spatial):
    """Base of the windowed pooling layers; arguments as in `MaxPooling2D`."""

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, name=name, **kwargs)
        self.pool_size = self.per_axis(pool_size, "pool_size")
        self.strides = self.pool_size if strides is None else self.per_axis(strides, "strides")
        self.padding = one_of(padding.lower(), ("valid", "same"), type(self).__name__, "padding")


class MaxPooling(Pooling):
    """The largest value of each window."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding)


class AveragePooling(Pooling):
    """The mean value of each window; padding does not count."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding)


class GlobalPooling(Spatial):
    """Base of the layers that pool the whole space; arguments as in `GlobalAveragePooling2D`."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.keepdims = keepdims


class GlobalMaxPooling(GlobalPooling):
    """The largest value of each channel."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.global_max_pool(inputs, self.keepdims)


class GlobalAveragePooling(GlobalPooling):
    """The mean value of each channel."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.global_average_pool(inputs, self.keepdims)


@registry.register()
class MaxPooling1D(MaxPooling):
    """The largest value of each window of time steps; as `MaxPooling2D`.

    Input (N, T, C), output (N, T', C).

    Example:
        >>> import lamina
        >>> lamina.layers.MaxPooling1D(2)(lamina.Tensor([[[3.0], [1.0], [4.0], [1.0]]]))[0, :, 0]
        Tensor([3., 4.], float32)
    """

    rank = 1


@registry.register()
class MaxPooling2D(MaxPooling):
    """The largest value of each window: y[n,o,p,c] = max over i,j of x[n, o·strides + i, p·strides + j, c].

    Args:
        pool_size: positions in a window, (H, W) or one number for both.
        strides: positions from one window to the next; `pool_size` by default.
        padding: "valid" (whole windows only) or "same" (ceil(size / strides) windows).
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, H', W', C).

    Example:
        >>> import lamina
        >>> lamina.layers.MaxPooling2D((2, 2))(lamina.ops.zeros((1, 26, 26, 8))).shape
        (1, 13, 13, 8)

    The gradient goes to the first of several equal largest values.
    """

    rank = 2


@registry.register()
class MaxPooling3D(MaxPooling):
    """The largest value of each window of a volume; as `MaxPooling2D`.

    Input (N, H, W, D, C), output (N, H', W', D', C).

    Example:
        >>> import lamina
        >>> lamina.layers.MaxPooling3D(2)(lamina.ops.zeros((1, 4, 6, 8, 3))).shape
        (1, 2, 3, 4, 3)
    """

    rank = 3


@registry.register()
class AveragePooling1D(AveragePooling):
    """The mean of each window of time steps; as `AveragePooling2D`.

    Input (N, T, C), output (N, T', C).

    Example:
        >>> import lamina
        >>> lamina.layers.AveragePooling1D(2)(lamina.Tensor([[[3.0], [1.0], [4.0], [1.0]]]))[0, :, 0]
        Tensor([2. , 2.5], float32)
    """

    rank = 1


@registry.register()
class AveragePooling2D(AveragePooling):
    """The mean of each window, padding left out of the count.

    Args:
        pool_size, strides, padding, data_format: as in `MaxPooling2D`.

    Input (N, H, W, C), output (N, H', W', C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.AveragePooling2D(2, padding="same")
        >>> layer(lamina.Tensor([[1.0, 3.0, 5.0]]).reshape((1, 1, 3, 1)))[0, 0, :, 0]
        Tensor([2., 5.], float32)

    PyTorch counts the padding by default. Keras has no default pool_size here.
    """

    rank = 2


@registry.register()
class AveragePooling3D(AveragePooling):
    """The mean of each window of a volume; as `AveragePooling2D`.

    Input (N, H, W, D, C), output (N, H', W', D', C).

    Example:
        >>> import lamina
        >>> lamina.layers.AveragePooling3D((1, 2, 2))(lamina.ops.zeros((1, 4, 6, 8, 3))).shape
        (1, 4, 3, 4, 3)
    """

    rank = 3


@registry.register()
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel over time.

    Input (N, T, C), output (N, C), or (N, 1, C) with keepdims.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalMaxPooling1D()(lamina.Tensor([[[1.0, 5.0], [2.0, 4.0]]]))
        Tensor([[2., 5.]], float32)
    """

    rank = 1


@registry.register()
class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest value of each channel over the image.

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: keep the space axes, with size 1.

    Input (N, H, W, C), output (N, C), or (N, 1, 1, C) with keepdims.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalMaxPooling2D(keepdims=True)(lamina.ops.zeros((2, 7, 7, 3))).shape
        (2, 1, 1, 3)
    """

    rank = 2


@registry.register()
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest value of each channel over the volume.

    Input (N, H, W, D, C), output (N, C), or (N, 1, 1, 1, C) with keepdims.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalMaxPooling3D()(lamina.ops.zeros((2, 4, 4, 4, 3))).shape
        (2, 3)
    """

    rank = 3


@registry.register()
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over time; over the steps that a mask leaves, if there is one.

    Input (N, T, C), output (N, C), or (N, 1, C) with keepdims. Without any step left the mean is 0.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalAveragePooling1D()(lamina.Tensor([[[1.0, 5.0], [2.0, 4.0]]]))
        Tensor([[1.5, 4.5]], float32)
    """

    rank = 1

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Any:
        return None  # the time has ended

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        if mask is None:
            return super().call(inputs)
        time, channels = (1, -1) if self.data_format == "channels_last" else (2, 1)
        counts = ops.expand_dims(ops.cast(mask, inputs.dtype), channels)
        total = ops.sum(ops.where(counts > 0, inputs, 0.0), time, keepdims=self.keepdims)
        return total / ops.maximum(ops.sum(counts, time, keepdims=self.keepdims), 1.0)


@registry.register()
class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel over the image: y[n,c] = mean over h,w of x[n,h,w,c].

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: keep the space axes, with size 1.

    Input (N, H, W, C), output (N, C), or (N, 1, 1, C) with keepdims.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalAveragePooling2D()(lamina.ops.ones((2, 7, 7, 3))).shape
        (2, 3)

    Reference: Lin et al. 2014, Network in network, arXiv 1312.4400.
    """

    rank = 2


@registry.register()
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel over the volume.

    Input (N, H, W, D, C), output (N, C), or (N, 1, 1, 1, C) with keepdims.

    Example:
        >>> import lamina
        >>> lamina.layers.GlobalAveragePooling3D()(lamina.ops.ones((2, 4, 4, 4, 3))).shape
        (2, 3)
    """

    rank = 3
