"""MNIST: the true numbers, and a damaged installation is noticed."""

import hashlib
import shutil
import struct
import threading
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from lamina.core import FileFormatError
from lamina.datasets import mnist, packaged

SHA256 = {  # of the original files, as published with the data
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    (x_train, y_train), (x_test, y_test) = mnist()
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def test_shapes_and_types(arrays: dict[str, np.ndarray]) -> None:
    assert [arrays[name].shape for name in SHA256] == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    assert all(array.dtype == np.uint8 and array.flags.writeable for array in arrays.values())


@pytest.mark.parametrize("name", SHA256)
def test_every_byte(arrays: dict[str, np.ndarray], name: str) -> None:
    array = arrays[name]
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    assert hashlib.sha256(header + array.tobytes()).hexdigest() == SHA256[name]


def test_known_statistics(arrays: dict[str, np.ndarray]) -> None:
    assert np.bincount(arrays["y_train"]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(arrays["y_test"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    pixels = arrays["x_train"] / np.float32(255)
    assert (pixels.mean(), pixels.std()) == pytest.approx((0.1307, 0.3081), abs=1e-4)


def test_images_and_labels_belong_together(arrays: dict[str, np.ndarray]) -> None:
    """The nearest class mean, the simplest of classifiers, is known to be right for 82 % of the test images."""
    x_train, x_test = (arrays[name].reshape(-1, 784).astype(np.float32) for name in ("x_train", "x_test"))
    means = np.stack([x_train[arrays["y_train"] == digit].mean(axis=0) for digit in range(10)])
    nearest = ((means**2).sum(axis=1) - 2 * x_test @ means.T).argmin(axis=1)
    assert (nearest == arrays["y_test"]).mean() == pytest.approx(0.8203, abs=0.001)


def test_threads_end_with_the_call() -> None:
    before = threading.active_count()
    mnist()
    assert threading.active_count() == before


def test_the_package_stays_small() -> None:
    folder = files("lamina.datasets").joinpath("_files")
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 10_000_000
    assert "CC BY-SA" in (mnist.__doc__ or "") and "ShareAlike 3.0" in folder.joinpath("SOURCE.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("damage", "received"),
    [
        (lambda b: b[:9000] + bytes([b[9000] ^ 1]) + b[9001:], "received a broken xz stream"),
        (lambda b: b[:-100], "received a broken xz stream"),
        (lambda b: b"", "received SHA-256 e3b0c442"),  # of nothing
        (lambda b: b + b, "received SHA-256"),
    ],
    ids=["flipped bit", "truncated", "empty", "doubled"],
)
def test_a_damaged_installation(damage, received: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(str(files("lamina.datasets").joinpath("_files")), tmp_path / "_files")
    target = tmp_path / "_files" / "train-labels-idx1-ubyte.xz"
    target.write_bytes(damage(target.read_bytes()))
    monkeypatch.setattr(packaged, "files", lambda package: tmp_path)
    with pytest.raises(FileFormatError) as error:
        mnist()
    assert str(error.value).startswith(
        "mnist: the file train-labels-idx1-ubyte of the installation is damaged. "
        f"Expected SHA-256 {SHA256['y_train']}, {received}"
    )
    assert str(error.value).endswith("Install Lamina again.")
