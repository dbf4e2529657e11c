"""The handwritten digits, where every peer can read them."""

from __future__ import annotations

import numpy as np
from workloads import DIGITS

from lamina.datasets import mnist


def export_digits() -> None:
    """Write the digits, once."""
    if not DIGITS.exists():
        DIGITS.parent.mkdir(exist_ok=True)
        (x_train, y_train), (x_test, y_test) = mnist()
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        np.savez(DIGITS, **{name: np.asarray(value, "uint8") for name, value in arrays.items()})
