"""MNIST, which ships inside the package: no download, and every byte is checked."""

import hashlib
import lzma
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files

import numpy as np

from ..core import FileFormatError
from .idx import read_idx

Arrays = tuple[np.ndarray, np.ndarray]  # x, y

_XZ_START = b"\xfd7zXZ\0"  # every xz stream begins so; one file may hold several
_SHA256 = {  # of the unpacked files
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def mnist() -> tuple[Arrays, Arrays]:
    """The 60,000 + 10,000 handwritten digits of MNIST, as grey images from 0 (paper) to 255 (ink).

    The files are unpacked in threads, which end with the call, and checked by SHA-256.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x uint8 (N, 28, 28), y uint8 (N,), as Keras' `mnist.load_data()`.

    Raises:
        FileFormatError: a file of the installation is damaged.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = mnist()
        >>> x_train.shape, x_test.shape, y_train[:5].tolist()
        ((60000, 28, 28), (10000, 28, 28), [5, 0, 4, 1, 9])

    Reference:
        LeCun et al. 1998, Gradient-based learning applied to document recognition. Licence CC BY-SA 3.0.
    """
    with ThreadPoolExecutor() as pool:
        unpacking = {name: _unpack(name, pool) for name in _SHA256}
        x_train, y_train, x_test, y_test = (_checked(name, pieces) for name, pieces in unpacking.items())
    return (x_train, y_train), (x_test, y_test)


def _unpack(name: str, pool: ThreadPoolExecutor) -> list[Future[bytes]]:
    """The streams of a packed file, each on its way through the pool."""
    packed = files(__package__).joinpath("_files", f"{name}.xz").read_bytes()
    streams = packed.split(_XZ_START)[1:]
    return [pool.submit(lzma.decompress, _XZ_START + stream) for stream in streams]


def _checked(name: str, pieces: list[Future[bytes]]) -> np.ndarray:
    try:
        content = b"".join(piece.result() for piece in pieces)
    except lzma.LZMAError as error:
        raise _damaged(name, f"a broken xz stream ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != _SHA256[name]:
        raise _damaged(name, f"SHA-256 {found}")
    return read_idx(content)


def _damaged(name: str, received: str) -> FileFormatError:
    return FileFormatError(
        "mnist",
        f"the file {name} of the installation is damaged",
        expected=f"SHA-256 {_SHA256[name]}",
        received=received,
        remedy="Install Lamina again",
    )
