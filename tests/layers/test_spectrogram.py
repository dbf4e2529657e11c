"""Spectrograms against SciPy's short-time Fourier transform, and of sounds whose picture is known."""

import numpy as np
import pytest
import scipy.signal

import lamina
from lamina.core import ArgumentError, ShapeError
from lamina.layers import MelSpectrogram, STFTSpectrogram
from lamina.layers.spectrogram import mel, mel_weights

RATE = 8000
TIME = np.arange(RATE) / RATE


@pytest.mark.parametrize(("window", "periodic", "scaling"), [("hann", False, None), ("hamming", True, "spectrum")])
def test_power_is_scipys(window: str, periodic: bool, scaling: str | None) -> None:
    sound = np.random.default_rng(0).normal(size=400)
    shape = scipy.signal.get_window(window, 64, periodic)
    layer = STFTSpectrogram("magnitude", 64, 32, 64, window, periodic, scaling)
    frames = np.stack([sound[i : i + 64] * shape for i in range(0, 400 - 63, 32)])
    expected = np.abs(np.fft.rfft(frames)) / (shape.sum() if scaling else 1.0)
    np.testing.assert_allclose(layer(sound[None, :, None].astype("float32"))[0], expected, atol=1e-3)


def test_triangles_meet_at_one() -> None:
    """Between the first and the last corner neighbouring triangles share each frequency."""
    weights = mel_weights(6, 200, RATE, 100.0, 3000.0)
    hertz = np.linspace(0, RATE / 2, 200)
    corners = np.linspace(mel(100.0), mel(3000.0), 8)
    inside = (mel(hertz) > corners[1]) & (mel(hertz) < corners[-2])
    np.testing.assert_allclose(weights.sum(1)[inside], 1.0, atol=1e-12)
    assert not weights[(hertz < 100) | (hertz > 3000)].any()


def test_a_tone_is_bright_in_its_band_and_no_sample_depends_on_its_neighbours() -> None:
    tones = np.stack([np.sin(2 * np.pi * 440 * TIME), 1e-3 * np.sin(2 * np.pi * 2000 * TIME)]).astype("float32")
    layer = MelSpectrogram(512, 256, sampling_rate=RATE, num_mel_bins=20, min_freq=0.0)
    pictures = layer(tones)
    middles = np.linspace(mel(0.0), mel(RATE / 2), 22)[1:-1]
    for picture, tone in zip(pictures.numpy(), (440, 2000), strict=True):
        assert picture[:, 5:25].mean(1).argmax() == np.abs(middles - mel(tone)).argmin()
        assert picture.max() - picture.min() == pytest.approx(80.0, abs=1e-3)
    np.testing.assert_allclose(pictures[1], layer(tones[1]), atol=1e-3)


def test_kernels_can_be_trained() -> None:
    layer = STFTSpectrogram("psd", 8, scaling=None)
    layer.compute_output_shape((None, 32, 1))
    sound = lamina.Tensor(np.random.default_rng(0).normal(size=(1, 32, 1)), "float32")
    assert all(np.abs(g).max() > 0 for g in lamina.core.gradients(layer(sound).sum(), layer.trainable_variables))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ArgumentError, match="frame_length is at most fft_length. Expected .* <= 4, received 8"):
        STFTSpectrogram(frame_length=8, fft_length=4)
    with pytest.raises(ArgumentError, match="frame_step is at most frame_length"):
        STFTSpectrogram(frame_length=8, frame_step=9)
    with pytest.raises(ArgumentError, match="sequence_length is at most fft_length"):
        MelSpectrogram(8, sequence_length=9)
    with pytest.raises(ShapeError, match="a sound is a row of samples"):
        MelSpectrogram()(np.ones((1, 2, 3), "float32"))
    with pytest.raises(ShapeError, match="holds at least one frame"):
        lamina.ops.stft(np.ones(3), 4, 1, 4, center=False)
    with pytest.raises(ArgumentError, match="the window must be known"):
        lamina.ops.stft(np.ones(9), 4, 1, 4, window="none")
