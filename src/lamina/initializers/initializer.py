"""What all initializers share: their base and their names.

An initializer is called with a shape and returns a NumPy array: first values are drawn on the host,
where nothing needs to be compiled for each shape.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import Configurable, Registry, lookup

registry: Registry[Any] = Registry("initializer")


class Initializer(Configurable):
    """Base of all initializers: a subclass defines `__call__(shape, dtype)`.

    Example:
        >>> class Halves(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.full(shape, 0.5)
        >>> Halves()((2,)).tolist()
        [0.5, 0.5]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        """An array of `shape`, of type `dtype` or of the default float type."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype)")


def get(identifier: Any) -> Any:
    """The initializer that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no initializer has this name.

    Example:
        >>> from lamina.initializers import get
        >>> get("glorot_uniform")((2, 4)).shape
        (2, 4)
        >>> get({"class_name": "Constant", "config": {"value": 3.0}})((2,)).tolist()
        [3.0, 3.0]
    """
    return lookup(registry, identifier)
