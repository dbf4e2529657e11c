"""Fourier transforms against NumPy's, and against the sum that defines them."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import scipy.signal

from lamina import ops
from ops.contract import Case, Inputs


def signals(*shape: int) -> Inputs:
    return lambda rng: [rng.normal(size=shape)]


def by_sum(x: np.ndarray, fft_length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    n = fft_length or x.shape[-1]
    x = np.concatenate([x, np.zeros((*x.shape[:-1], n))], axis=-1)[..., :n]
    angles = 2 * np.pi * np.outer(np.arange(n), np.arange(n // 2 + 1)) / n
    return x @ np.cos(angles), -x @ np.sin(angles)


def by_numpy(real: np.ndarray, imaginary: np.ndarray, fft_length: int | None = None) -> np.ndarray:
    return np.fft.irfft(real + 1j * imaginary, fft_length)


def by_jax(x: Any, fft_length: int | None = None) -> tuple[Any, Any]:
    found = jnp.fft.rfft(x, fft_length)
    return found.real, found.imag


def by_frames(
    x: np.ndarray, sequence_length: int, sequence_stride: int, fft_length: int, window: Any, center: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Frame by frame, with SciPy's window."""
    half, before = fft_length // 2, (fft_length - sequence_length) // 2
    x = np.pad(x, ((0, 0), (half, half)), "reflect") if center else x
    values = scipy.signal.get_window(window, sequence_length) if isinstance(window, str) else np.ones(sequence_length)
    starts = range(0, x.shape[-1] - fft_length + 1, sequence_stride)
    faded = [x[:, s + before : s + before + sequence_length] * values for s in starts]
    frames = np.stack([np.pad(f, ((0, 0), (before, fft_length - sequence_length - before))) for f in faded], axis=1)
    return by_sum(frames)


FRAMES = [
    {"sequence_length": 4, "sequence_stride": 3, "fft_length": 6, "window": "hann", "center": True},
    {"sequence_length": 5, "sequence_stride": 2, "fft_length": 5, "window": "hamming", "center": False},
    {"sequence_length": 5, "sequence_stride": 2, "fft_length": 8, "window": None, "center": True},
]
ONLY = {"dtypes": ("float32",)}
CASES = [
    Case("rfft_even", ops.rfft, signals(2, 6), numpy=by_sum, jax=by_jax, **ONLY),
    Case("rfft_odd", ops.rfft, signals(2, 3, 5), numpy=by_sum, jax=by_jax, **ONLY),
    Case("rfft_longer", ops.rfft, signals(2, 5), {"fft_length": 8}, numpy=by_sum, jax=by_jax, **ONLY),
    Case("rfft_shorter", ops.rfft, signals(2, 7), {"fft_length": 4}, numpy=by_sum, jax=by_jax, **ONLY),
    *(
        Case(
            f"irfft_{length}",
            ops.irfft,
            lambda rng: [rng.normal(size=(2, 4)), rng.normal(size=(2, 4))],
            {"fft_length": length},
            numpy=by_numpy,
            **ONLY,
        )
        for length in (6, 7)
    ),
    *(Case(f"stft_{i}", ops.stft, signals(2, 13), frames, numpy=by_frames, **ONLY) for i, frames in enumerate(FRAMES)),
]
