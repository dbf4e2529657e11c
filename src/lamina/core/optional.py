"""The one place where a heavy or optional package is imported, at its first use."""

import importlib
from typing import Any

from .errors import MissingPackageError


def require(module: str, extra: str | None = None) -> Any:
    """Import `module` now, or say how to install it.

    Args:
        module: dotted module name, written in Lamina's own code, never read from a file.
        extra: Lamina's extra that brings the package; None for a package that is always installed.

    Returns:
        The module.

    Raises:
        MissingPackageError: the package is not installed.

    Example:
        >>> require("math").sqrt(9.0)
        3.0
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise MissingPackageError(
            package,
            "the package is needed here",
            expected="an installed package",
            received="none",
            remedy=f"Run: pip install 'lamina[{extra}]'" if extra else f"Run: pip install {package}",
        ) from error
