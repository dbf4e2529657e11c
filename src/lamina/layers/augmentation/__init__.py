"""Images resized, cut and changed at random; all of it is compiled with the step, on whatever device it runs."""

from .affine import RandomRotation, RandomShear, RandomTranslation, RandomZoom
from .aug_mix import AugMix
from .brightness import RandomBrightness, RandomContrast, RandomInvert
from .distortion import RandomElasticTransform, RandomPerspective
from .erasing import RandomErasing
from .flip import RandomFlip
from .grey import RandomColorDegeneration, RandomGrayscale
from .hue import RandomColorJitter, RandomHue, RandomSaturation
from .mixing import CutMix, MixUp
from .pipeline import Pipeline
from .rand_augment import RandAugment
from .resizing import CenterCrop, RandomCrop, Resizing
from .sharpness import RandomGaussianBlur, RandomSharpness
from .tone import (
    AutoContrast,
    ContrastLimitedAdaptiveHistogramEqualization,
    Equalization,
    RandomPosterization,
    Solarization,
)

__all__ = [
    "AugMix",
    "AutoContrast",
    "CenterCrop",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "Equalization",
    "MixUp",
    "Pipeline",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Resizing",
    "Solarization",
]
