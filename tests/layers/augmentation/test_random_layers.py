"""What all random image layers share: draws a sample, repeatable, in their ranges, nothing at rest."""

from functools import cache
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.random import random_scope

IMAGES = np.random.default_rng(0).uniform(0, 255, (4, 8, 9, 3)).astype("float32")
LAYERS: dict[str, dict[str, Any]] = {
    "RandomCrop": {"height": 5, "width": 4},
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.3},
    "RandomZoom": {"height_factor": 0.3},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomShear": {"x_factor": 0.4, "y_factor": 0.2},
    "RandomPerspective": {"factor": (1.0, 1.0), "scale": 0.5},
    "RandomElasticTransform": {"factor": (1.0, 1.0), "scale": (0.8, 1.0)},
    "RandomBrightness": {"factor": 0.9},
    "RandomContrast": {"factor": 0.9},
    "RandomHue": {"factor": 0.9},
    "RandomSaturation": {"factor": (0.0, 0.9)},
    "RandomColorJitter": {"brightness_factor": 0.5, "contrast_factor": 0.5},
    "RandomColorDegeneration": {"factor": 0.9},
    "RandomGaussianBlur": {"factor": (1.0, 1.0)},
    "RandomSharpness": {"factor": 1.0},
    "RandomErasing": {"factor": (1.0, 1.0)},
    "Solarization": {"addition_factor": 0.5, "threshold_factor": 0.5},
    "MixUp": {"alpha": 1.0},
    "CutMix": {},
    "RandAugment": {"num_ops": 1},
    "AugMix": {"num_chains": 2, "chain_depth": 1, "all_ops": False},
}
every_layer = pytest.mark.parametrize("name", LAYERS)


@cache
def compiled(name: str, training: bool) -> Any:
    """One program for all steps, as in training."""
    layer = getattr(layers, name)(**LAYERS[name], seed=1)

    def run(images: Any, step: Any) -> Any:
        with random_scope(0, step):
            return layer(images, training=training)

    return lamina.compile(run)


def change(name: str, images: Any = IMAGES, step: int = 1, training: bool = True) -> np.ndarray:
    return np.asarray(compiled(name, training)(images, np.int32(step)))


@every_layer
def test_a_run_repeats_and_steps_and_samples_differ(name: str) -> None:
    same = np.repeat(IMAGES[:1], 4, axis=0) if name not in ("MixUp", "CutMix") else IMAGES
    first, other = change(name, same), change(name, same, step=2)
    np.testing.assert_array_equal(first, change(name, same))
    assert not np.array_equal(first, other)
    if name not in ("MixUp", "CutMix"):
        assert any(not np.array_equal(first[0], sample) for sample in first[1:])
    assert np.isfinite(first).all() and first.min() >= -1e-3 and first.max() <= 255.001


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in ("MixUp", "CutMix")])
def test_a_sample_does_not_depend_on_its_neighbours(name: str) -> None:
    changed = IMAGES.copy()
    changed[1:] = changed[1:][::-1]
    np.testing.assert_array_equal(change(name, changed)[0], change(name)[0])


@pytest.mark.parametrize("name", ["RandomRotation", "RandomErasing"])
def test_a_draw_does_not_depend_on_the_size_of_the_batch(name: str) -> None:
    np.testing.assert_allclose(change(name, IMAGES[:2]), change(name)[:2], atol=1e-3)


@every_layer
def test_bytes_go_in_and_nothing_happens_at_rest(name: str) -> None:
    whole = IMAGES.astype("uint8")
    rested = change(name, whole, training=False)
    assert rested.dtype == "float32"
    np.testing.assert_array_equal(rested, whole[:, 1:6, 2:6] if name == "RandomCrop" else whole)


@pytest.mark.parametrize("name", ["RandomCrop", "RandomRotation", "RandomContrast"])
def test_one_image_channels_first_and_bytes(name: str) -> None:
    alone = change(name, IMAGES[0])
    np.testing.assert_allclose(alone, change(name)[0], atol=1e-3)
    turned = getattr(layers, name)(**LAYERS[name], seed=1, data_format="channels_first")
    with random_scope(0, 1):
        output = np.asarray(turned(np.moveaxis(IMAGES, -1, 1), training=True))
    np.testing.assert_allclose(np.moveaxis(output, 1, -1), change(name), atol=1e-3)
    whole = IMAGES.astype("uint8")
    np.testing.assert_allclose(change(name, whole), change(name, whole.astype("float32")), atol=1e-3)


@every_layer
@pytest.mark.parametrize(("policy", "dtype"), [("float32", "float32"), ("mixed_bfloat16", "bfloat16")])
def test_no_wide_numbers_leak(name: str, policy: str, dtype: str) -> None:
    layer = getattr(layers, name)(**LAYERS[name], dtype=policy)
    with jax.enable_x64(True):
        images = jax.ShapeDtypeStruct(IMAGES.shape, "float32")
        assert jax.eval_shape(lambda x: layer(x, training=True).array, images).dtype == dtype


@pytest.mark.parametrize(
    ("layer", "key", "low", "high"),
    [
        (layers.RandomRotation((-0.1, 0.25)), "angle", -0.2 * np.pi, 0.5 * np.pi),
        (layers.RandomZoom((-0.2, 0.3)), "height", -0.2, 0.3),
        (layers.RandomTranslation(0.0, (0.1, 0.5)), "right", 0.2, 1.0),
        (layers.RandomBrightness((-0.5, 0.1)), "shift", -127.5, 25.5),
        (layers.RandomContrast((0.2, 0.4)), "contrast", 0.8, 1.4),
        (layers.RandomColorDegeneration((0.0, 0.5)), "amount", 0.0, 0.5),
        (layers.Solarization(threshold_factor=(0.2, 0.4)), "threshold", 51.0, 102.0),
    ],
    ids=lambda value: value.name if isinstance(value, layers.Layer) else None,
)
def test_parameters_are_uniform_in_their_range(layer: Any, key: str, low: float, high: float) -> None:
    with random_scope(3, step=0):
        drawn = np.asarray(layer.get_random_transformation(lamina.ops.zeros((4000, 2, 2, 1)))[key])
    assert drawn.shape == (4000,) and low <= drawn.min() and drawn.max() <= high
    deciles = np.quantile(drawn, np.linspace(0.1, 0.9, 9))
    np.testing.assert_allclose(deciles, np.linspace(low, high, 11)[1:-1], atol=0.04 * (high - low))


def test_coins_are_fair_and_independent() -> None:
    with random_scope(0, step=0):
        flips = layers.RandomFlip().get_random_transformation(lamina.ops.zeros((4000, 1, 1, 1)))
    counts = np.histogram2d(np.asarray(flips["horizontal"]), np.asarray(flips["vertical"]), bins=2)[0]
    np.testing.assert_allclose(counts / 4000, 0.25, atol=0.03)


def test_a_second_step_does_not_recompile() -> None:
    layer = layers.Pipeline([layers.RandomFlip(), layers.RandomZoom(0.1)])
    once = lamina.compile(lambda x: layer(x, training=True), max_compiles=1)
    for _ in range(2):
        once(IMAGES)
