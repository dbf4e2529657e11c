"""Pictures of every kind become the same white digit on black, as MNIST has it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lamina.cli.digit_image import centred, read_digit
from lamina.core import DataError, FileFormatError

PICTURES = sorted(Path(__file__).with_name("pictures").glob("*.png"))  # drawn with ImageMagick


def drawn(size: tuple[int, int] = (200, 150), text: str = "3", height: int = 90, at: Any = (70, 20)) -> Image.Image:
    """Black on white, by Pillow's own font."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).text(at, text, 0, ImageFont.load_default(height))
    return image


def read(image: Image.Image, path: Path, **options: Any) -> np.ndarray:
    image.save(path, **options)
    return read_digit(path).astype(int)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two images; the place may differ by a pixel, because the centre is rounded."""
    shifted = [np.roll(one, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return max(float(np.corrcoef(image.ravel(), other.ravel())[0, 1]) for image in shifted)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return read(drawn(), tmp_path_factory.mktemp("reference") / "a.png")


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_the_result_has_the_form_of_mnist(path: Path) -> None:
    digit = read_digit(path)
    assert digit.shape == (28, 28) and digit.dtype == np.uint8 and digit.max() == 255
    inked = np.argwhere(digit > 0)
    assert (inked.max(axis=0) - inked.min(axis=0) + 1).max() == 20
    mass = (np.argwhere(digit >= 0) * digit.reshape(-1, 1)).sum(axis=0) / digit.sum()
    assert np.abs(mass - 14).max() <= 0.5
    assert digit[0].max() == digit[-1].max() == 0


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_both_polarities_read_the_same(path: Path, tmp_path: Path) -> None:
    other = read(ImageOps.invert(Image.open(path).convert("RGB")), tmp_path / "inverted.png")
    assert np.abs(other - read_digit(path).astype(int)).max() <= 2


def test_28x28_and_300x200_of_one_digit_are_alike() -> None:
    small, large = PICTURES[:10], PICTURES[10:]
    assert [path.stem[-1] for path in small] == [path.stem[-1] for path in large]
    digits = [[read_digit(path) for path in paths] for paths in (small, large)]
    for i in range(10):
        assert max(range(10), key=lambda j: likeness(digits[0][i], digits[1][j])) == i


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode(mode: str, reference: np.ndarray, tmp_path: Path) -> None:
    if mode in ("I;16", "I", "F"):
        image = Image.fromarray(np.asarray(drawn(), {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]) * 200)
        assert image.mode == mode
    else:
        image = drawn().convert(mode)
    name = {"CMYK": "a.jpg", "I": "a.tiff", "F": "a.tiff"}.get(mode, "a.png")
    assert likeness(read(image, tmp_path / name), reference) > 0.97


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_nothing(ink: int, reference: np.ndarray, tmp_path: Path) -> None:
    """Black or white strokes on full transparency, whatever colour the transparent pixels hide."""
    image = Image.new("LA", (200, 150), (ink, 0))
    image.putalpha(ImageOps.invert(drawn()))
    assert likeness(read(image, tmp_path / "a.png"), reference) > 0.99


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((1600, 1200)),
        lambda image: image.resize((100, 75)),
        lambda image: ImageOps.expand(image, (40, 300, 10, 0), 255),
        lambda image: image.crop(image.point(lambda v: 255 - v).getbbox()).resize((400, 500)).resize((200, 260)),
        lambda image: image.point(lambda v: 120 + v // 4),
        lambda image: image.point(lambda v: min(255, 10 + v // 3)),
    ],
    ids=["large", "small", "off centre", "cut to the edge", "pale", "dark"],
)
def test_size_place_and_light_do_not_matter(change: Any, reference: np.ndarray, tmp_path: Path) -> None:
    assert likeness(read(change(drawn()), tmp_path / "a.png"), reference) > 0.9


def test_a_jpeg_and_a_turned_photo(reference: np.ndarray, tmp_path: Path) -> None:
    assert likeness(read(drawn().convert("RGB"), tmp_path / "a.jpg", quality=40), reference) > 0.97
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    turned = drawn().transpose(Image.Transpose.ROTATE_90)
    assert likeness(read(turned, tmp_path / "b.jpg", exif=exif), reference) > 0.97


def test_noise_of_a_photo_is_no_ink(reference: np.ndarray, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 8, (150, 200))
    photo = Image.fromarray(np.clip(np.asarray(drawn()) * 0.6 + 50 + noise, 0, 255).astype(np.uint8))
    assert likeness(read(photo, tmp_path / "a.png"), reference) > 0.9


def test_thin_strokes_survive(tmp_path: Path) -> None:
    image = Image.new("L", (1000, 1000), 255)
    ImageDraw.Draw(image).line([(500, 100), (500, 900)], 0, width=3)
    digit = read(image, tmp_path / "a.png")
    assert (digit > 128).sum() >= 20


def test_a_single_point_is_read(tmp_path: Path) -> None:
    ink = np.zeros((28, 28), np.float32)
    ink[5, 5] = 1
    assert centred(ink).max() == 255


@pytest.mark.parametrize("colour", [0, 255, 128])
def test_a_blank_picture(colour: int, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="blank"):
        read(Image.new("L", (50, 50), colour), tmp_path / "a.png")
    with pytest.raises(DataError, match="blank"):
        read(Image.new("RGBA", (50, 50), (colour, colour, colour, 0)), tmp_path / "b.png")


def test_no_picture(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such picture"):
        read_digit(tmp_path / "none.png")
    with pytest.raises(DataError, match="no such picture"):
        read_digit(tmp_path)
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    with pytest.raises(FileFormatError, match="no picture"):
        read_digit(text)
    whole = tmp_path / "whole.png"
    drawn().save(whole)
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:300])
    with pytest.raises(FileFormatError, match="damaged"):
        read_digit(cut)
    script = tmp_path / "vector.png"
    script.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")  # a format that Pillow hands to a program
    with pytest.raises(FileFormatError, match="no picture"):
        read_digit(script)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    for size in [(11_000, 10_000), (20_000, 20_000)]:
        path = tmp_path / "bomb.png"
        Image.new("1", size).save(path)
        assert path.stat().st_size < 100_000
        with pytest.raises((DataError, FileFormatError), match="too large|exceeds limit"):
            read_digit(path)
