"""A picture of one digit, brought into the form in which MNIST was made.

MNIST's digits are white on black, scaled with their aspect into a box of 20x20 pixels, and placed
so that their centre of mass is the centre of 28x28. Reference: LeCun et al. 1998.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ..core import DataError, FileFormatError, require

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
MOST_PIXELS = 100_000_000  # more would be a bomb, not a photograph
WORKING_SIZE = 600  # pixels of the longer side; larger pictures are made smaller first
BOX, FRAME, CENTRE = 20, 28, 14  # the mean centre of mass of MNIST's images is pixel 14.0
LEAST_CONTRAST = 24.0  # grey levels between paper and ink
INK = 0.35  # share of the full contrast from which a pixel counts as ink when the digit is cut out
PEN = 2.0  # pixels of the 20x20 box: the width of a usual stroke in MNIST
FINE = 8  # strokes are measured and widened at so many times the resolution of the result


def read_digit(path: Path) -> np.ndarray:
    """The digit in a picture file, as an image of MNIST.

    Args:
        path: of a PNG, JPEG, ...; any size and mode, dark on light or light on dark.

    Returns:
        uint8 (28, 28), 0 for paper, 255 for ink.

    Raises:
        DataError: there is no such file, it is too large, or it shows nothing.
        FileFormatError: it is no picture, or a damaged one.
    """
    return centred(ink_of(_grey(path), str(path)))


def _grey(path: Path) -> np.ndarray:
    """The picture as grey levels (H, W) from 0 to 255, no side longer than WORKING_SIZE."""
    image_module, ops_module = require("PIL.Image"), require("PIL.ImageOps")
    if not path.is_file():
        raise DataError(
            str(path),
            "there is no such picture",
            expected="a picture file",
            received="nothing",
            remedy="Check the path",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks about size and odd metadata; the size is judged here
            with image_module.open(path, formats=FORMATS) as image:
                _refuse_huge(path, image.size)
                image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))  # a JPEG can be decoded at a smaller scale
                image.load()
                upright = ops_module.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, image_module.DecompressionBombError) as error:
        if isinstance(error, DataError):
            raise
        raise FileFormatError(
            str(path),
            "the file is no picture, or a damaged one",
            expected=", ".join(FORMATS),
            received=str(error).partition(" '")[0] or type(error).__name__,
            remedy="Open it in another program and save it as PNG",
        ) from error
    levels = _levels(upright)
    shrink = WORKING_SIZE / max(levels.shape)
    return levels if shrink >= 1 else _resized(levels, shrink)


def _refuse_huge(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise DataError(
            str(path),
            "the picture is too large",
            expected=f"at most {MOST_PIXELS:,} pixels",
            received=f"{size[0]} x {size[1]}",
            remedy="Make it smaller first",
        )


def _levels(image: Any) -> np.ndarray:
    """Grey levels (H, W) from 0 to 255 of an image of any mode; what is transparent contrasts with the ink."""
    if image.mode.startswith(("I", "F")):  # 16 and 32 bits: stretch to the range used
        wide = np.asarray(image, np.float32)
        return (wide - wide.min()) * (255 / max(float(wide.max() - wide.min()), 1e-9))
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"), np.float32)
    pixels = np.asarray(image.convert("RGBA"), np.float32)
    alpha = pixels[..., 3] / 255
    grey = np.asarray(image.convert("RGB").convert("L"), np.float32)
    seen = float((grey * alpha).sum() / max(float(alpha.sum()), 1e-9))
    backdrop = 255.0 if seen < 128 else 0.0
    return grey * alpha + backdrop * (1 - alpha)


def ink_of(levels: np.ndarray, who: str) -> np.ndarray:
    """How much ink each pixel has, from 0 to 1: its distance from the paper, which is what the border shows.

    Raises:
        DataError: nothing stands out from the paper.
    """
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    paper = float(np.median(border))
    darker, lighter = paper - float(np.percentile(levels, 0.2)), float(np.percentile(levels, 99.8)) - paper
    contrast = max(darker, lighter)
    if contrast < LEAST_CONTRAST:
        raise DataError(
            who,
            "the picture is blank",
            expected="a digit that stands out from its background",
            received=f"a contrast of {contrast:.0f} grey levels of 255",
            remedy="Write with a thicker pen, or take a better photograph",
        )
    grain = min(float(np.percentile(np.abs(border - paper), 98)) / contrast, 0.5)  # of the paper: no ink
    ink = (paper - levels if darker >= lighter else levels - paper) / contrast
    return np.clip((ink - grain) / (1 - grain), 0.0, 1.0)


def centred(ink: np.ndarray) -> np.ndarray:
    """Ink (H, W) cut out, scaled into 20x20 and centred by mass in 28x28; uint8 from 0 to 255."""
    rows, columns = np.flatnonzero((ink > INK).any(axis=1)), np.flatnonzero((ink > INK).any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    large = _thickened(_resized(cut, FINE * BOX / max(cut.shape)))
    small = _resized(large, BOX / max(large.shape))
    small = np.clip(small / np.quantile(small[small > INK * small.max()], 0.5), 0, 1)  # most of a stroke is full ink
    frame = np.zeros((FRAME, FRAME), np.float32)
    total = small.sum()
    places = []
    for axis, length in enumerate(small.shape):
        mass = small.sum(axis=1 - axis) @ np.arange(length) / total
        places.append(int(np.clip(round(CENTRE - mass), 0, FRAME - length)))
    frame[places[0] : places[0] + small.shape[0], places[1] : places[1] + small.shape[1]] = small
    return np.round(255 * frame).astype(np.uint8)


def _thickened(large: np.ndarray) -> np.ndarray:
    """Strokes that would be thinner than a pen's, widened; `large` has FINE pixels where the result will have one."""
    grow = round((FINE * PEN - _stroke_width(large > INK)) / 2)
    if grow < 1:
        return large
    image = require("PIL.Image").fromarray(np.round(255 * np.pad(large, grow)).astype(np.uint8))
    return np.asarray(image.filter(require("PIL.ImageFilter").MaxFilter(2 * grow + 1)), np.float32) / 255


def _stroke_width(mask: np.ndarray) -> float:
    """Twice the area over the length of the outline: the width of a long stroke."""
    inside = np.pad(mask, 1)
    outline = sum(int((inside != np.roll(inside, 1, axis)).sum()) for axis in (0, 1))
    return 2 * float(mask.sum()) / max(outline, 1)


def _resized(levels: np.ndarray, scale: float) -> np.ndarray:
    """Scaled by averaging; no side becomes shorter than one pixel."""
    height, width = (max(1, round(length * scale)) for length in levels.shape)
    pillow = require("PIL.Image")
    kind = pillow.Resampling.BOX if scale < 1 else pillow.Resampling.BILINEAR
    return np.asarray(pillow.fromarray(levels.astype(np.float32)).resize((width, height), kind), np.float32)
