"""Sound as a picture: which frequencies are in it, over time."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor, autocast
from ..core.budget import spend
from ..initializers import STFT
from .arguments import one_of, whole
from .input_spec import InputSpec
from .layer import Layer, registry

EPSILON = 1e-7  # the smallest power that a logarithm is taken of, as in Keras


def mel(hertz: Any) -> Any:
    """The mel scale, on which steps sound equally wide: 1127 ln(1 + f / 700).

    Example:
        >>> round(float(mel(1000.0)))
        1000
    """
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)


def mel_weights(bins: int, frequencies: int, sampling_rate: float, low: float, high: float) -> np.ndarray:
    """(frequencies, bins) a triangle for each bin, of height 1, with its corners at equal steps of the mel scale.

    Args:
        bins: how many triangles stand between `low` and `high`, each ending in the middle of its neighbours.
        frequencies: of the spectrum, evenly from 0 to half the sampling rate; the first, 0, is left out.
        sampling_rate, low, high: in hertz.

    Example:
        >>> mel_weights(2, 5, 8000.0, 0.0, 4000.0).round(2).T.tolist()
        [[0.0, 0.6, 0.0, 0.0, 0.0], [0.0, 0.4, 0.87, 0.38, 0.0]]
    """
    places = mel(np.linspace(0.0, sampling_rate / 2, frequencies))[:, None]
    corners = np.linspace(mel(low), mel(high), bins + 2)
    left, middle, right = corners[:-2], corners[1:-1], corners[2:]
    sides = np.minimum((places - left) / (middle - left), (right - places) / (right - middle))
    sides[0] = 0
    return np.maximum(sides, 0)


@registry.register()
class MelSpectrogram(Layer):
    """How strong the sound is in each band of the mel scale, over time, by default in decibels.

    With X = `ops.stft` of the signal and M = `mel_weights`, S = |X|^mag_exp M, and in decibels

        D = 10 log₁₀ max(S, min_power) − 10 log₁₀ max(|ref_power|, min_power),  y = max(D, max D − top_db)

    Args:
        fft_length: n, samples of a frame.
        sequence_stride: samples from one frame to the next.
        sequence_length: samples of the window, n by default.
        window: "hann", "hamming", values, or None for none.
        sampling_rate: in hertz.
        num_mel_bins: number of bands.
        min_freq, max_freq: in hertz, where the bands begin and end; by default up to half the sampling rate.
        power_to_db: give decibels.
        top_db: what is weaker than the loudest place by more than this is set to that.
        mag_exp: 1 for amplitudes, 2 for power.
        min_power: smallest value that a logarithm is taken of.
        ref_power: what counts as 0 decibels.

    Input (N, T) or (T,) samples; output (N, bands, frames), or (bands, frames). No weights.

    Raises:
        ArgumentError: a window longer than a frame.

    Example:
        >>> import lamina
        >>> time = lamina.ops.arange(0, 1, 1 / 8000, dtype="float32")
        >>> layer = lamina.layers.MelSpectrogram(512, 256, sampling_rate=8000, num_mel_bins=20)
        >>> picture = layer(lamina.ops.sin(2 * 3.14159 * 1000 * time))  # a tone of 1000 hertz
        >>> picture.shape, int(picture[:, 16].argmax())
        ((20, 32), 9)

    Keras differs: the loudest place is that of the whole batch, so that a sample depends on its neighbours.
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        who = "MelSpectrogram"
        self.fft_length = whole(fft_length, who, "fft_length")
        self.sequence_length = whole(sequence_length or fft_length, who, "sequence_length")
        _fits(self.sequence_length, self.fft_length, who, "sequence_length")
        self.sequence_stride, self.window = whole(sequence_stride, who, "sequence_stride"), window
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power
        last = max_freq or sampling_rate // 2
        bands = whole(num_mel_bins, who, "num_mel_bins")
        spend((bands, fft_length), who)
        self.bands = mel_weights(bands, fft_length // 2 + 1, sampling_rate, min_freq, last)

    def _as_input(self, value: Any) -> Any:
        """The weak parts of a sound would be lost if it took a 16-bit type first."""
        return Tensor(value) if isinstance(value, (np.ndarray, np.generic, jax.Array)) else value

    def call(self, inputs: Tensor) -> Tensor:
        if inputs.ndim not in (1, 2):
            raise ShapeError(
                f"MelSpectrogram {self.name!r}",
                "a sound is a row of samples",
                expected="(N, T) or (T,)",
                received=inputs.shape,
                remedy="Give each channel by itself",
            )
        wide = "float64" if self.compute_dtype == "float64" else "float32"
        with autocast(None):
            signal = inputs.astype(wide)
            lengths = self.sequence_length, self.sequence_stride, self.fft_length
            real, imaginary = ops.stft(signal, *lengths, self.window)
            power = real * real + imaginary * imaginary
            strength = (power if self.mag_exp == 2 else power ** (self.mag_exp / 2)) @ Tensor(self.bands, wide)
            outputs = ops.moveaxis(self._decibels(strength) if self.power_to_db else strength, -1, -2)
        return outputs.astype(self.compute_dtype)

    def _decibels(self, strength: Tensor) -> Tensor:
        zero = 10 * np.log10(max(abs(self.ref_power), self.min_power))
        decibels = 10 * ops.log10(ops.maximum(strength, self.min_power)) - float(zero)
        loudest = decibels.max(axis=(-2, -1), keepdims=True)
        return ops.maximum(decibels, loudest - self.top_db)


@registry.register()
class STFTSpectrogram(Layer):
    """Short-time Fourier transform by two convolutions, whose kernels may be trained further.

    With R and I the convolutions of each channel with kernels of w(t) cos(2π t f / n) and −w(t) sin(2π t f / n), frame
    by frame, the output is what `mode` says.

    Args:
        mode: "real", R; "imag", I; "stft", both; "angle", arctan2(I, R); "magnitude", √(R² + I²); "log", its
            logarithm; "psd", R² + I², doubled except at the two ends.
        frame_length: samples of a frame.
        frame_step: samples from one frame to the next, half a frame by default.
        fft_length: n; by default the next power of two that holds a frame.
        window: the name of one of SciPy's windows, values, or None for none; see `initializers.STFT`.
        periodic: a periodic window instead of a symmetric one.
        scaling: "density", "spectrum" or None; see `initializers.STFT`.
        padding: "valid", or "same" for as many frames as there are steps.
        expand_dims: frequencies and channels on axes of their own.
        data_format: "channels_last" or "channels_first".

    Input (N, T, C); output (N, frames, C · F), or (N, frames, F, C) with `expand_dims`; F = n // 2 + 1, twice that for
    "stft". Channels first: (N, C, T), (N, C · F, frames), (N, C, frames, F). Weights: real_kernel, imag_kernel, each
    (frame_length, 1, n // 2 + 1), as far as `mode` needs them; `trainable=False` keeps them.

    Raises:
        ArgumentError: a frame that `fft_length` does not hold, or steps that leave gaps.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.STFTSpectrogram("magnitude", frame_length=8, window=None, scaling=None)
        >>> wave = lamina.ops.reshape(lamina.Tensor([1.0, 0.0, -1.0, 0.0] * 4), (1, 16, 1))
        >>> lamina.ops.round(layer(wave)[0, 0], 3)  # two turns in 8 samples
        Tensor([0., 0., 4., 0., 0.], float32)
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        who, modes = "STFTSpectrogram", ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
        self.mode = one_of(mode, modes, who, "mode")
        self.frame_length = whole(frame_length, who, "frame_length")
        self.frame_step = whole(frame_step or max(1, frame_length // 2), who, "frame_step")
        self.fft_length = whole(fft_length or 1 << (frame_length - 1).bit_length(), who, "fft_length")
        _fits(self.frame_length, self.fft_length, who, "frame_length")
        _fits(self.frame_step, self.frame_length, who, "frame_step", "frame_length")
        self.kernels = {side: STFT(side, window, scaling, periodic) for side in ("real", "imag")}
        self.padding = one_of(padding, ("valid", "same"), who, "padding")
        formats = ("channels_last", "channels_first")
        self.data_format = one_of(data_format or formats[0], formats, who, "data_format")
        self.expand_dims = expand_dims
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        shape = (self.frame_length, 1, self.fft_length // 2 + 1)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(shape, self.kernels["real"], "real_kernel")
        if self.mode != "real":
            self.imag_kernel = self.add_weight(shape, self.kernels["imag"], "imag_kernel")

    def call(self, inputs: Tensor) -> Tensor:
        signals = inputs.astype(self.compute_dtype)
        signals = signals if self.data_format == "channels_first" else ops.moveaxis(signals, 1, 2)
        batch, channels, samples = signals.shape
        signals = signals.reshape(batch * channels, samples, 1)
        outputs = self._of_mode(signals)
        return self._arranged(outputs.reshape(batch, channels, *outputs.shape[1:]))

    def _of_mode(self, signals: Tensor) -> Tensor:
        """(N · C, frames, F)."""

        def part(kernel: Any) -> Tensor:
            return ops.conv(signals, kernel, self.frame_step, self.padding)

        if self.mode in ("real", "imag"):
            return part(self.real_kernel if self.mode == "real" else self.imag_kernel)
        real, imaginary = part(self.real_kernel), part(self.imag_kernel)
        if self.mode == "angle":
            return ops.arctan2(imaginary, real)
        if self.mode == "stft":
            return ops.concatenate([real, imaginary], axis=-1)
        power = real * real + imaginary * imaginary
        if self.mode == "psd":
            twice = jnp.full(power.shape[-1], 2, power.dtype).at[jnp.array([0, -1])].set(1)
            return power * twice
        magnitude = ops.sqrt(ops.maximum(power, EPSILON))
        return magnitude if self.mode == "magnitude" else ops.log(ops.maximum(magnitude, EPSILON))

    def _arranged(self, outputs: Tensor) -> Tensor:
        """(N, C, frames, F) in the order of axes that is wanted."""
        batch, channels, frames, frequencies = outputs.shape
        first = self.data_format == "channels_first"
        if self.expand_dims:
            return outputs if first else ops.moveaxis(outputs, 1, -1)
        if first:
            return ops.moveaxis(outputs, 2, 3).reshape(batch, channels * frequencies, frames)
        return ops.moveaxis(outputs, 1, 2).reshape(batch, frames, channels * frequencies)


def _fits(inner: int, outer: int, who: str, name: str, within: str = "fft_length") -> None:
    if inner > outer:
        raise ArgumentError(
            who,
            f"{name} is at most {within}",
            expected=f"{name} <= {outer}",
            received=inner,
            remedy=f"Make {within} larger",
        )
