"""From a name, config, class or object to an optimizer."""

from typing import Any

from ..core import ArgumentError, lookup
from .optimizer import Optimizer, registry


def get(identifier: Any) -> Any:
    """The optimizer that `identifier` means: a name, config, class or Optimizer; None stays None.

    Raises:
        UnknownNameError: no optimizer has this name.
        ArgumentError: it is something else.

    Example:
        >>> from lamina import optimizers
        >>> optimizers.get("adam").learning_rate
        Variable(0.001, float32)
    """
    found = lookup(registry, identifier)
    if found is None or isinstance(found, Optimizer):
        return found
    raise ArgumentError(
        "optimizer",
        "it must be given by name, config, class or object",
        expected="an Optimizer",
        received=repr(found),
        remedy="Subclass lamina.optimizers.Optimizer and define update",
    )
