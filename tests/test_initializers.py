"""Initializers against the moments and limits that their formulas promise."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal, stats

from lamina import initializers, set_seed
from lamina.core import ArgumentError, ShapeError, UnknownNameError, snake_case
from lamina.initializers import compute_fans

SCALED = {  # class: scale / n for 300 inputs and 500 outputs, and whether the values are uniform
    "GlorotUniform": (2 / 800, True),
    "GlorotNormal": (2 / 800, False),
    "HeUniform": (2 / 300, True),
    "HeNormal": (2 / 300, False),
    "LecunUniform": (1 / 300, True),
    "LecunNormal": (1 / 300, False),
}


@pytest.mark.parametrize("name", SCALED)
def test_scaled_values_have_the_promised_variance_and_shape(name: str) -> None:
    variance, uniform = SCALED[name]
    values = np.asarray(initializers.get(name)((300, 500)), np.float64).ravel()
    assert values.var() == pytest.approx(variance, rel=0.02)
    assert abs(values.mean()) < 4 * math.sqrt(variance / values.size)
    if uniform:
        law = stats.uniform(-math.sqrt(3 * variance), 2 * math.sqrt(3 * variance))
    else:
        sigma = math.sqrt(variance) / stats.truncnorm(-2, 2).std()
        law = stats.truncnorm(-2, 2, scale=sigma)
    assert stats.kstest(values[::10], law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("initializer", "law"),
    [
        (initializers.RandomNormal(1.0, 0.5), stats.norm(1.0, 0.5)),
        (initializers.TruncatedNormal(1.0, 0.5), stats.truncnorm(-2, 2, 1.0, 0.5)),
        (initializers.RandomUniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
        (initializers.VarianceScaling(4.0, "fan_out", "untruncated_normal"), stats.norm(0.0, 0.2)),
    ],
)
def test_values_follow_their_law(initializer: initializers.Initializer, law: object) -> None:
    values = np.asarray(initializer((100, 100)), np.float64).ravel()
    assert stats.kstest(values, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("initializer", "mean", "stddev"),
    [
        (initializers.RandomNormal(1.0, 0.5), 1.0, 0.5),
        (initializers.RandomUniform(-1.0, 3.0), 1.0, 4 / math.sqrt(12)),
        (initializers.TruncatedNormal(1.0, 0.5), 1.0, 0.5 * stats.truncnorm(-2, 2).std()),
        (initializers.VarianceScaling(4.0, "fan_avg", "uniform"), 0.0, 0.2),
        (initializers.VarianceScaling(4.0, "fan_out"), 0.0, 0.2),
        (initializers.Orthogonal(3.0), 0.0, 0.3),
    ],
)
def test_moments(initializer: initializers.Initializer, mean: float, stddev: float) -> None:
    """The mean within 4 standard errors, the standard deviation within 3 %."""
    values = np.asarray(initializer((100, 100)), np.float64)
    assert abs(values.mean() - mean) < 4 * stddev / 100
    assert values.std() == pytest.approx(stddev, rel=0.03)


def test_truncation_leaves_nothing_outside_and_fills_the_inside() -> None:
    values = np.asarray(initializers.TruncatedNormal(1.0, 0.5)((200, 200)), np.float64)
    assert 0.99 < np.abs(values - 1.0).max() <= 1.0 + 1e-6
    scaled = np.asarray(initializers.HeNormal()((100, 400)), np.float64)
    limit = 2 * math.sqrt(2 / 100) / stats.truncnorm(-2, 2).std()
    assert 0.99 * limit < np.abs(scaled).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize(
    ("window", "scaling", "periodic"),
    [
        ("hann", "density", False),
        ("hamming", "spectrum", True),
        (None, None, False),
        ([1.0] * 8 + [2.0] * 8, None, False),
    ],
)
def test_stft_is_the_windowed_fourier_transform(
    window: object, scaling: str | None, periodic: bool, rng: np.random.Generator
) -> None:
    frame = rng.normal(size=16)
    w = np.ones(16) if window is None else window
    w = signal.get_window(window, 16, periodic) if isinstance(window, str) else np.asarray(w)
    scale = {"density": np.sqrt((w**2).sum()), "spectrum": w.sum(), None: 1.0}[scaling]
    wanted = np.fft.rfft(frame * w / scale)
    real, imag = (initializers.STFT(side, window, scaling, periodic)((16, 1, 9))[:, 0] for side in ("real", "imag"))
    np.testing.assert_allclose(frame @ real, wanted.real, atol=1e-6)
    np.testing.assert_allclose(frame @ imag, wanted.imag, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 3, 2, 5), (1, 1, 2, 9)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    q = np.asarray(initializers.Orthogonal(2.0)(shape), np.float64).reshape(-1, shape[-1]) / 2.0
    product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)


def test_orthogonal_turns_every_way() -> None:
    """Without the sign rule, the first entry would always have one sign."""
    signs = {bool(initializers.Orthogonal(seed=seed)((2, 2))[0, 0] > 0) for seed in range(20)}
    assert signs == {True, False}


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((7,), (7, 7)), ((3, 4), (3, 4)), ((5, 2, 3), (10, 15)), ((3, 3, 8, 16), (72, 144))],
)
def test_fans(shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    assert compute_fans(shape) == fans


def test_fans_of_chosen_axes() -> None:
    assert compute_fans((8, 2, 4), input_axes=(0,), output_axes=(1, 2)) == (8, 8)
    assert compute_fans((2, 4, 8), input_axes=(0, 1), output_axes=(-1,)) == (8, 8)


def test_seeds() -> None:
    draw = initializers.RandomNormal()
    assert not np.array_equal(draw((4,)), draw((4,)))
    fixed = initializers.RandomNormal(seed=3)
    np.testing.assert_array_equal(fixed((4,)), fixed((4,)))
    set_seed(5)
    first = draw((4,))
    set_seed(5)
    np.testing.assert_array_equal(first, draw((4,)))


CLASSES = [name for name in initializers.__all__ if name[0].isupper() and name != "Initializer"]


@pytest.mark.parametrize("name", CLASSES)
def test_names_types_and_config(name: str) -> None:
    made = initializers.get(name)
    short = name.removesuffix("Initializer")
    assert type(initializers.get(snake_case(short))) is type(made) is getattr(initializers, snake_case(short))
    again = initializers.get(initializers.serialize(made))
    assert again.get_config() == made.get_config()
    shape = (4, 1, 3) if short == "STFT" else (2, 3)
    assert made(shape).dtype == jnp.float32
    assert made(shape, "bfloat16").dtype == jnp.bfloat16


def test_float64(x64: None) -> None:
    values = initializers.RandomNormal()((50,), "float64")
    assert values.dtype == jnp.float64
    assert not np.array_equal(values, values.astype("float32"))


def test_constants() -> None:
    np.testing.assert_array_equal(initializers.Constant([1.0, 2.0])((3, 2)), [[1, 2]] * 3)
    np.testing.assert_array_equal(initializers.Identity(2.0)((2, 3)), [[2, 0, 0], [0, 2, 0]])


def test_refusals() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'glorot_uniform'"):
        initializers.get("glorot_unifrom")
    with pytest.raises(ShapeError, match="only a matrix"):
        initializers.Identity()((3,))
    with pytest.raises(ShapeError, match="at least 2 axes"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ShapeError, match="Conv1D over one channel"):
        initializers.STFT()((4, 3))
    with pytest.raises(ShapeError, match="one value for each sample"):
        initializers.STFT(window=[1.0, 2.0])((4, 1, 3))
    with pytest.raises(ArgumentError, match="STFT: side"):
        initializers.STFT("left")
    for wrong in ({"scale": -1.0}, {"mode": "fan"}, {"distribution": "normal"}):
        with pytest.raises(ArgumentError, match=f"VarianceScaling: {next(iter(wrong))} "):
            initializers.VarianceScaling(**wrong)
