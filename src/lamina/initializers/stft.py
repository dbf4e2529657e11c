"""First values that make a convolution a short-time Fourier transform."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, ShapeError, floatx, require
from .initializer import Initializer, registry


@registry.register("STFT", "stft", "STFTInitializer")
class STFT(Initializer):
    """w(t) / s · cos(2π t f / F), or w(t) / s · sin(-2π t f / F): the kernel (T, 1, F/2 + 1) of one half of an STFT.

    t counts the samples of a frame and f the frequencies, F = 2 · (last axis - 1). The scale s is √Σw² for
    "density" and Σ|w| for "spectrum".

    Args:
        side: "real" or "imag".
        window: w: the name of one of SciPy's windows ("hann", "hamming", ...), T values, or None for none.
        scaling: "density", "spectrum", or None for s = 1; without a window there is no scaling.
        periodic: SciPy's `fftbins`: make a periodic window instead of a symmetric one.

    Raises:
        ArgumentError: an argument is none of these.
        ShapeError: the shape has not 3 axes, or the window not T values.

    Example:
        >>> STFT("real", window=None)((4, 1, 3)).round(2)[:, 0].tolist()
        [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -1.0, 1.0], [1.0, 0.0, -1.0]]

    Keras differs: it computes in the kernel's own type, so that large frames lose digits.
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        _check("side", "real or imag", side, side in ("real", "imag"))
        _check("scaling", "density, spectrum or None", scaling, scaling in ("density", "spectrum", None))
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        if len(shape) != 3 or shape[2] < 2:
            raise ShapeError(
                "STFT",
                "the kernel is that of a Conv1D over one channel",
                expected="(T, 1, F/2 + 1)",
                received=tuple(shape),
                remedy="Use Conv1D with filters=F/2 + 1 and kernel_size=T",
            )
        length, _, frequencies = shape
        angles = 2 * np.pi * np.arange(length)[:, None, None] * np.arange(frequencies) / (2 * (frequencies - 1))
        wave = np.cos(angles) if self.side == "real" else -np.sin(angles)
        kernel = wave * self._window(int(length))[:, None, None]
        return np.broadcast_to(kernel, tuple(shape)).astype(jnp.dtype(dtype or floatx()))

    def _window(self, length: int) -> np.ndarray:
        """w / s, in float64."""
        if self.window is None:
            return np.ones(length)
        if isinstance(self.window, str):
            window = require("scipy.signal").get_window(self.window, length, self.periodic)
        else:
            window = np.asarray(self.window, np.float64)
        if window.shape != (length,):
            raise ShapeError(
                "STFT",
                "the window has one value for each sample of a frame",
                expected=(length,),
                received=window.shape,
                remedy="Give as many values as the kernel is long",
            )
        scales = {"density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window)), None: 1.0}
        return window / scales[self.scaling]


def _check(name: str, expected: str, received: Any, fine: bool) -> None:
    if not fine:
        raise ArgumentError(
            "STFT", f"{name} is not known", expected=expected, received=repr(received), remedy=f"Change {name}"
        )
