"""Fourier transforms of real signals, whole or frame by frame."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Array, ShapeError, Tensor, composite, op
from .casting import tensor
from .indexing import take
from .joining import pad


def _ends(frequencies: int, length: int, inside: float, at_ends: float) -> np.ndarray:
    """One factor for each frequency: 0 and half the sampling rate occur once in a real signal, the others twice."""
    factors = np.full(frequencies, inside)
    factors[[0, -1] if length % 2 == 0 else [0]] = at_ends
    return factors


def _known_length(length: int, who: str) -> int:
    if isinstance(length, int) and length >= 1:
        return length
    raise ArgumentError(
        who,
        "fft_length counts samples",
        expected="an integer >= 1",
        received=repr(length),
        remedy="For example 512",
    )


@op
def rfft(x: Array, fft_length: int | None = None) -> Any:
    """The discrete Fourier transform of real numbers: X_k = Σ_t x_t e^{−2πi kt/n}, k = 0 ... n/2.

    Args:
        x: (..., T), float32 or float64.
        fft_length: n; x is cut or filled with zeros to that length. By default T.

    Returns:
        Real and imaginary part, each (..., n // 2 + 1).

    Example:
        >>> from lamina import ops
        >>> ops.rfft([0.0, 1.0, 2.0, 3.0])
        (Tensor([ 6., -2., -2.], float32), Tensor([0., 2., 0.], float32))
    """
    length = _known_length(x.shape[-1] if fft_length is None else fft_length, "rfft")
    found = jnp.fft.rfft(x, length)
    return (found.real, found.imag), (x.shape[-1], length)


@rfft.backward
def _(kept: Any, g_real: Tensor | None, g_imaginary: Tensor | None) -> Any:
    size, length = kept
    known = g_real if g_real is not None else g_imaginary
    weights = Tensor(_ends(known.shape[-1], length, length / 2, float(length)), known.dtype)  # type: ignore[union-attr]
    real, imaginary = (weights * (known * 0.0 if part is None else part) for part in (g_real, g_imaginary))  # type: ignore[operator]
    gx = irfft(real, imaginary, length)[..., :size]
    return gx if size <= length else pad(gx, [(0, 0)] * (gx.ndim - 1) + [(0, size - length)])


@op
def irfft(real: Array, imaginary: Array, fft_length: int | None = None) -> Any:
    """The real signal of which these are the Fourier transform; undoes `rfft`.

    x_t = 1/n Σ_k (X_k e^{2πi kt/n}), where X continues beyond n/2 as its conjugate. The imaginary parts of the first
    and, for even n, of the last frequency do not count.

    Args:
        real, imaginary: (..., n // 2 + 1).
        fft_length: n; by default the even one.

    Returns:
        (..., n).

    Raises:
        ShapeError: the number of frequencies is not that of n.

    Example:
        >>> from lamina import ops
        >>> ops.irfft(*ops.rfft([0.0, 1.0, 2.0]), 3)
        Tensor([0., 1., 2.], float32)

    Keras differs: it takes the pair as one argument.
    """
    frequencies = real.shape[-1]
    length = _known_length(2 * (frequencies - 1) if fft_length is None else fft_length, "irfft")
    if frequencies != length // 2 + 1:
        raise ShapeError(
            "irfft",
            "a signal of n samples has n // 2 + 1 frequencies",
            expected=f"(..., {length // 2 + 1}) for fft_length={length}",
            received=real.shape,
            remedy="Give the fft_length of rfft",
        )
    ends = jnp.asarray(_ends(frequencies, length, 1.0, 0.0), real.dtype)
    return jnp.fft.irfft(jax.lax.complex(real, imaginary * ends), length), (length,)


@irfft.backward
def _(kept: Any, g: Tensor) -> Any:
    (length,) = kept
    real, imaginary = rfft(g, length)
    weights = Tensor(_ends(real.shape[-1], length, 2 / length, 1 / length), g.dtype)
    return real * weights, imaginary * weights


@composite
def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: str | Sequence[float] | None = "hann",
    center: bool = True,
) -> tuple[Tensor, Tensor]:
    """The short-time Fourier transform: `rfft` of overlapping frames, each faded in and out by a window.

    Args:
        x: (..., T), float32 or float64.
        sequence_length: samples of a window, at most `fft_length`.
        sequence_stride: samples from one frame to the next.
        fft_length: n; a shorter window stands in the middle of n samples, with zeros around it.
        window: "hann" or "hamming" (both periodic), the values of a window, or None for ones.
        center: continue the signal by its mirror image, so that frame i has its middle at sample i · stride.

    Returns:
        Real and imaginary part, each (..., number of frames, n // 2 + 1).

    Raises:
        ArgumentError, ShapeError: the lengths or the window do not fit.

    Example:
        >>> from lamina import ops
        >>> real, imaginary = ops.stft(ops.ones((10,)), 4, 2, 4, window=None, center=False)
        >>> real.shape, real[0]
        ((4, 3), Tensor([4., 0., 0.], float32))
    """
    x = tensor(x)
    shape = _window(window, sequence_length, fft_length)
    if center:
        x = pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)], "reflect")
    count = (x.shape[-1] - fft_length) // sequence_stride + 1
    if count < 1:
        raise ShapeError(
            "stft",
            "a signal holds at least one frame",
            expected=f"(..., T) with T >= {fft_length}",
            received=x.shape,
            remedy="Pass a longer signal, a smaller fft_length, or center=True",
        )
    places = np.arange(count)[:, None] * sequence_stride + np.arange(fft_length)
    frames = take(x, places.astype(np.int32), axis=-1)
    return rfft(frames * Tensor(shape, x.dtype), fft_length)


def _window(window: Any, length: int, fft_length: int) -> np.ndarray:
    """The window in the middle of `fft_length` samples."""
    if not 1 <= length <= fft_length:
        raise ArgumentError(
            "stft",
            "a frame holds the window",
            expected=f"sequence_length in 1 ... fft_length = {fft_length}",
            received=length,
            remedy="Make fft_length larger",
        )
    turns = 2 * np.pi * np.arange(length) / length
    named = {"hann": 0.5 - 0.5 * np.cos(turns), "hamming": 0.54 - 0.46 * np.cos(turns), None: np.ones(length)}
    if isinstance(window, str) and window not in named:
        raise ArgumentError(
            "stft",
            "the window must be known",
            expected="'hann', 'hamming', None or values",
            received=repr(window),
            remedy="Choose one of these",
        )
    values = named[window] if window is None or isinstance(window, str) else np.asarray(window, np.float64)
    if values.shape != (length,):
        raise ShapeError(
            "stft",
            "the window has one value for each of its samples",
            expected=(length,),
            received=values.shape,
            remedy="Give as many values as sequence_length",
        )
    before = (fft_length - length) // 2
    return np.pad(values, (before, fft_length - length - before))
