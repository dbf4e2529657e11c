"""Given what was drawn, each layer's output against SciPy, Pillow or a line of NumPy."""

from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import scipy.ndimage

import lamina
from lamina import layers
from lamina.core.random import random_scope

RNG = np.random.default_rng(1)
IMAGES = RNG.uniform(0, 255, (3, 9, 12, 3)).astype("float32")
WHOLE = RNG.integers(0, 256, (3, 9, 12, 3)).astype("float32")


def run(layer: Any, images: np.ndarray = IMAGES) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The output and what was drawn for it."""
    with random_scope(0, step=1):
        drawn = layer.get_random_transformation(lamina.Tensor(images))
    with random_scope(0, step=1):
        output = layer(images, training=True)
    return np.asarray(output), {key: np.asarray(value) for key, value in drawn.items()}


def read_at(image: np.ndarray, x: np.ndarray, y: np.ndarray, mode: str, order: int = 1) -> np.ndarray:
    planes = [scipy.ndimage.map_coordinates(image[..., c], [y, x], order=order, mode=mode) for c in range(3)]
    return np.stack(planes, axis=-1)


def about_middle(x: np.ndarray, y: np.ndarray, matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    middle = np.array([(12 - 1) / 2, (9 - 1) / 2])[:, None, None]
    return tuple(np.einsum("ij,jhw->ihw", np.array(matrix), np.stack([x, y]) - middle) + middle)


def rotated(x: Any, y: Any, angle: float) -> Any:
    return about_middle(x, y, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def zoomed(x: Any, y: Any, height: float, width: float) -> Any:
    return about_middle(x, y, [[1 + width, 0], [0, 1 + height]])


def shifted(x: Any, y: Any, down: float, right: float) -> Any:
    return x - right, y - down


def slanted(x: Any, y: Any, slant_x: float, slant_y: float) -> Any:
    return x + slant_x * y, y + slant_y * x


@pytest.mark.parametrize(("fill_mode", "mode"), [("reflect", "reflect"), ("wrap", "grid-wrap"), ("nearest", "nearest")])
@pytest.mark.parametrize(
    ("name", "config", "place"),
    [
        ("RandomRotation", {"factor": 0.4}, rotated),
        ("RandomZoom", {"height_factor": 0.5, "width_factor": 0.5}, zoomed),
        ("RandomTranslation", {"height_factor": 0.7, "width_factor": 0.7}, shifted),
        ("RandomShear", {"x_factor": 0.8, "y_factor": 0.5}, slanted),
    ],
)
def test_warps(name: str, config: dict[str, Any], place: Any, fill_mode: str, mode: str) -> None:
    output, drawn = run(getattr(layers, name)(**config, fill_mode=fill_mode))
    x, y = np.meshgrid(np.arange(12.0), np.arange(9.0))
    for i, image in enumerate(IMAGES):
        there = place(x, y, **{key: float(value[i]) for key, value in drawn.items()})
        np.testing.assert_allclose(output[i], read_at(image, *there, mode), atol=0.02)


def test_perspective_moves_corners() -> None:
    """The image that is drawn with its corners at `end` shows there what it had in its corners."""
    images = np.tile(np.mgrid[0:9, 0:12].sum(0)[None, :, :, None], (3, 1, 1, 3)).astype("float32")
    _, drawn = run(layers.RandomPerspective((1.0, 1.0), 0.2), images)
    for start, end in zip(drawn["start"], drawn["end"], strict=True):
        equations, known = [], []
        for (u, v), (x, y) in zip(start, end, strict=True):
            equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            known += [u, v]
        h = np.append(np.linalg.solve(np.array(equations), np.array(known)), 1).reshape(3, 3)
        x, y = np.meshgrid(np.arange(12.0), np.arange(9.0))
        u, v, w = np.einsum("ij,jhw->ihw", h, np.stack([x, y, np.ones_like(x)]))
        u, v = u / w, v / w
        inside = (u > 0) & (u < 11) & (v > 0) & (v < 8)
        seen = np.asarray(lamina.ops.perspective_transform(images[:1], start[None], end[None]))[0, :, :, 0]
        np.testing.assert_allclose(seen[inside], (u + v)[inside], atol=1e-3)


def test_crop_is_a_window() -> None:
    output, drawn = run(layers.RandomCrop(5, 7))
    for image, window, top, left in zip(IMAGES, output, drawn["top"], drawn["left"], strict=True):
        np.testing.assert_array_equal(window, image[top : top + 5, left : left + 7])
    corners = run(layers.RandomCrop(5, 7), np.zeros((2000, 9, 12, 1), "float32"))[1]
    assert set(corners["top"]) == set(range(5)) and set(corners["left"]) == set(range(6))


def test_flip_is_numpys() -> None:
    output, drawn = run(layers.RandomFlip())
    for image, changed, sideways, over in zip(IMAGES, output, drawn["horizontal"], drawn["vertical"], strict=True):
        expected = image[:, ::-1] if sideways else image
        np.testing.assert_array_equal(changed, expected[::-1] if over else expected)


def test_erasing_leaves_the_rest_alone() -> None:
    output, _ = run(layers.RandomErasing((1.0, 1.0), (0.1, 0.5), fill_value=(1.0, 2.0, 3.0)))
    for image, changed in zip(IMAGES, output, strict=True):
        erased = (changed == [1.0, 2.0, 3.0]).all(-1)
        np.testing.assert_array_equal(changed[~erased], image[~erased])
        rows, columns = np.where(erased.any(1))[0], np.where(erased.any(0))[0]
        assert erased.sum() == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)  # one full rectangle
    chosen = run(layers.RandomErasing((0.3, 0.3), fill_value=0.0), np.ones((2000, 2, 2, 1), "float32"))[1]["chosen"]
    assert abs(chosen.mean() - 0.3) < 0.03


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_labels_are_mixed_as_the_images(name: str) -> None:
    """Image i is the number i all over, and so is its label: the mean of a mixed image is its mixed label."""
    numbers = np.arange(6.0, dtype="float32")
    images = np.zeros((6, 8, 8, 1), "float32") + numbers[:, None, None, None]
    labels = np.eye(6, dtype="float32")
    with random_scope(0, step=3):
        mixed = getattr(layers, name)()({"images": images, "labels": labels}, training=True)
    np.testing.assert_allclose(mixed["labels"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed["images"].mean(axis=(1, 2, 3)), np.asarray(mixed["labels"]) @ numbers, atol=1e-5)
    assert not np.allclose(mixed["labels"], labels)
    with pytest.raises(lamina.core.ShapeError, match="shares"):
        getattr(layers, name)()({"images": images, "labels": numbers}, training=True)


def test_mix_up_shares_have_the_moments_of_beta() -> None:
    share = run(layers.MixUp(0.4), np.zeros((6000, 1, 1, 1), "float32"))[1]["share"]
    assert abs(share.mean() - 0.5) < 0.02 and abs(share.var() - 1 / (4 * (2 * 0.4 + 1))) < 0.01


def by_pillow(function: Any, images: np.ndarray, *args: Any) -> np.ndarray:
    return np.stack([np.asarray(function(PIL.Image.fromarray(x.astype("uint8")), *args)) for x in images])


def test_tones_are_pillows() -> None:
    posterized, _ = run(layers.RandomPosterization((3, 3)), WHOLE)
    np.testing.assert_array_equal(posterized, by_pillow(PIL.ImageOps.posterize, WHOLE, 3))
    inverted, _ = run(layers.RandomInvert((1.0, 1.0)), WHOLE)
    np.testing.assert_array_equal(inverted, by_pillow(PIL.ImageOps.invert, WHOLE))
    solarized, _ = run(layers.Solarization(threshold_factor=(100 / 255, 100 / 255)), WHOLE)
    np.testing.assert_allclose(solarized, by_pillow(PIL.ImageOps.solarize, WHOLE, 100), atol=1e-3)
    low = WHOLE // 2 + 20
    stretched, _ = run(layers.AutoContrast(), low)
    np.testing.assert_allclose(stretched, by_pillow(PIL.ImageOps.autocontrast, low), atol=1.01)


def test_brightness_and_contrast() -> None:
    output, drawn = run(layers.RandomBrightness(0.6))
    np.testing.assert_allclose(output, np.clip(IMAGES + drawn["shift"][:, None, None, None], 0, 255), atol=1e-3)
    output, drawn = run(layers.RandomContrast(0.9))
    mean = IMAGES.mean(axis=(1, 2), keepdims=True)
    expected = (IMAGES - mean) * drawn["contrast"][:, None, None, None] + mean
    np.testing.assert_allclose(output, np.clip(expected, 0, 255), atol=1e-3)


@pytest.mark.parametrize(("interpolation", "filter"), [("bilinear", 2), ("bicubic", 3), ("lanczos3", 1)])
def test_resizing_with_antialias_is_pillows(interpolation: str, filter: int) -> None:
    resized = np.asarray(layers.Resizing(4, 7, interpolation, antialias=True)(IMAGES))
    for i, c in np.ndindex(3, 3):
        plane = PIL.Image.fromarray(IMAGES[i, :, :, c]).resize((7, 4), PIL.Image.Resampling(filter))
        np.testing.assert_allclose(resized[i, :, :, c], np.asarray(plane), atol=0.02)


def test_resizing_keeps_whole_numbers() -> None:
    resized = layers.Resizing(20, 20, "bicubic")(WHOLE.astype("uint8"))
    exact = np.asarray(layers.Resizing(20, 20, "bicubic")(WHOLE))
    assert resized.dtype == "uint8"
    np.testing.assert_array_equal(resized, np.clip(np.round(exact), 0, 255))


def test_it_trains_inside_a_model() -> None:
    model = lamina.Sequential([layers.RandomRotation(0.1), layers.RandomCrop(6, 6), layers.Flatten(), layers.Dense(2)])
    model.compile("sgd", "mse")
    x, y = IMAGES / 255, np.zeros((3, 2), "float32")
    history = model.fit(x, y, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.RandomZoom(2.0), "height_factor"),
        (lambda: layers.RandomBrightness((0.1, 0.2, 0.3)), "pair"),
        (lambda: layers.RandomContrast(0.1, value_range=(1, 1)), "value_range"),
        (lambda: layers.RandomPosterization(9), "bits"),
        (lambda: layers.RandomGaussianBlur(kernel_size=2), "odd"),
        (lambda: layers.RandomGrayscale(2.0), "probability"),
        (lambda: layers.RandomPerspective(scale=2.0), "corners"),
        (lambda: layers.MixUp(0.0), "Beta"),
        (lambda: layers.Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "either"),
        (lambda: layers.RandomFlip("diagonal"), "mode"),
        (lambda: layers.RandomFlip()(np.zeros((3, 3))), "axes"),
        (lambda: lamina.ops.resize(np.zeros((1, 2, 2, 1)), 2, "cubic"), "interpolation"),
        (lambda: lamina.ops.resample(np.zeros((1, 2, 2, 1)), [[[0.0]]], [[[0.0]]], fill_mode="edge"), "fill_mode"),
    ],
)
def test_bad_arguments(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_elastic_ripples_are_read_at_blurred_noise() -> None:
    """The shift is normal noise, blurred by a bell curve; the image is read there."""
    layer = layers.RandomElasticTransform((1.0, 1.0), (0.6, 0.6), value_range=(0, 255))
    output, drawn = run(layer)
    y, x = np.mgrid[0:9, 0:12].astype(float)
    for image, changed, shift in zip(IMAGES, output, drawn["shift"], strict=True):
        np.testing.assert_allclose(changed, read_at(image, x + shift[..., 0], y + shift[..., 1], "reflect"), atol=0.02)
    size, sigma, alpha = 9, 0.6 * 0.05 * 9, 0.6 * 0.1 * 12
    taps = np.arange(int(0.3 * size * 0.6) | 1, dtype=float)
    bell = np.exp(-0.5 * ((taps - taps.mean()) / sigma) ** 2)
    bell /= bell.sum()
    many = run(layer, np.zeros((400, 9, 12, 1), "float32"))[1]["shift"][:, 4, 6]  # far from the border
    assert abs(many.mean()) < 3 * alpha * sigma / np.sqrt(800)
    assert many.std() == pytest.approx(alpha * sigma * (bell**2).sum(), rel=0.1)


def picked_one_by_one(layer: Any, image: np.ndarray, changes: list[dict[str, Any]], i: int) -> np.ndarray:
    """One image by itself through the change picked for it in each place, with the draws of place i of the batch."""
    for change in changes:
        picked = int(change["picked"][i])
        if picked < len(layer.candidates):
            draws = {key: value[i : i + 1] for key, value in change["drawn"][picked].items()}
            image = np.asarray(layer.candidates[picked].transform_images(lamina.Tensor(image[None]), draws))[0]
    return image


def drawn_by(layer: Any, images: np.ndarray) -> dict[str, Any]:
    with random_scope(0, step=1):
        return layer.get_random_transformation(lamina.Tensor(images))


def test_rand_augment_is_one_change_after_the_other() -> None:
    layer = layers.RandAugment(num_ops=2, factor=0.5)
    drawn = drawn_by(layer, IMAGES)
    output = np.asarray(layer.transform_images(lamina.Tensor(IMAGES), drawn))
    for i, image in enumerate(IMAGES):
        expected = picked_one_by_one(layer, image, list(drawn.values()), i)
        np.testing.assert_allclose(output[i], expected, atol=0.01)
    picks = np.asarray(layer.one_change(lamina.Tensor(np.zeros((1100, 1, 1, 3), "float32")))["picked"])
    assert np.bincount(picks.astype(int), minlength=11).min() > 60  # 100 expected of each


def test_aug_mix_blends_chains() -> None:
    layer = layers.AugMix(num_chains=2, chain_depth=2, all_ops=False)
    assert len(layer.candidates) == 7 and len(layers.AugMix().candidates) == 11
    drawn = drawn_by(layer, IMAGES)
    output = np.asarray(layer.transform_images(lamina.Tensor(IMAGES), drawn))
    shares, own = np.asarray(drawn["shares"]), np.asarray(drawn["own"])
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    for i, image in enumerate(IMAGES):
        chains = [picked_one_by_one(layer, image, drawn["chains"], 2 * i + k) for k in range(2)]
        blend = shares[i, 0] * chains[0] + shares[i, 1] * chains[1]
        expected = np.clip(own[i, 0] * image + (1 - own[i, 0]) * blend, 0, 255)
        np.testing.assert_allclose(output[i], expected, atol=0.01)
    with pytest.raises(lamina.core.ArgumentError, match="AugMix: alpha is the parameter"):
        layers.AugMix(alpha=0.0)


def test_aug_mix_shares_have_the_moments_of_dirichlet() -> None:
    many = lamina.Tensor(np.zeros((4000, 1, 1, 3), "float32"))
    shares = np.asarray(layers.AugMix(alpha=0.5)._dirichlet(many, 3))
    assert np.allclose(shares.mean(0), 1 / 3, atol=0.02)
    assert np.allclose(shares.var(0), (1 / 3) * (2 / 3) / (3 * 0.5 + 1), atol=0.01)
