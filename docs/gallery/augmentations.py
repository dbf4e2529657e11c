"""One picture under every image layer: writes augmentations.png beside this file."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import lamina
from lamina import layers
from lamina.core.random import random_scope

CHANGES: list[layers.Layer] = [
    layers.Identity(),
    layers.Resizing(12, 16),
    layers.CenterCrop(72, 96),
    layers.RandomCrop(72, 96),
    layers.RandomFlip("horizontal"),
    layers.RandomRotation((0.04, 0.08)),
    layers.RandomZoom((-0.5, -0.3)),
    layers.RandomTranslation((0.1, 0.3), (0.1, 0.3)),
    layers.RandomShear((0.2, 0.4), (0.0, 0.1)),
    layers.RandomPerspective((1.0, 1.0), scale=0.5),
    layers.RandomElasticTransform((1.0, 1.0), scale=(0.5, 0.6)),
    layers.RandomBrightness((0.2, 0.3)),
    layers.RandomContrast((0.0, 1.0)),
    layers.RandomHue((0.6, 0.8)),
    layers.RandomSaturation((0.7, 0.8)),
    layers.RandomColorJitter(
        brightness_factor=0.2, contrast_factor=0.4, saturation_factor=(0.3, 0.7), hue_factor=(0.3, 0.5)
    ),
    layers.RandomColorDegeneration((0.6, 0.8)),
    layers.RandomGrayscale(1.0),
    layers.RandomInvert((1.0, 1.0)),
    layers.RandomPosterization((2, 2)),
    layers.Solarization(threshold_factor=(0.5, 0.5)),
    layers.AutoContrast(),
    layers.Equalization(),
    layers.RandomSharpness((1.0, 1.0)),
    layers.RandomGaussianBlur((1.0, 1.0), kernel_size=7, sigma=(1.0, 1.0)),
    layers.RandomErasing((1.0, 1.0), scale=(0.1, 0.3)),
    layers.MixUp(2.0),
    layers.CutMix((1.0, 1.0)),
    layers.RandAugment(),
    layers.RandAugment(seed=1),
]


def draw(path: Path) -> None:
    """Each change with the drawings of step 4; the second sample picture is the partner in mixtures."""
    shrink = layers.Resizing(107, 160, antialias=True)
    pictures = shrink(np.stack(load_sample_images().images))
    figure, axes = plt.subplots(5, 6, figsize=(13, 8), layout="constrained")
    for axis, layer in zip(axes.flat, CHANGES, strict=True):
        with random_scope(seed=0, step=4):
            changed = lamina.compile(lambda x, layer=layer: layer(x, training=True))(pictures)
        axis.imshow(np.clip(np.asarray(changed[0]) / 255, 0, 1))
        axis.set_title(type(layer).__name__, fontsize=9)
        axis.axis("off")
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    draw(Path(__file__).with_suffix(".png"))
