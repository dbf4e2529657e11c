"""Objects that can be written down: what their constructor was given is their config.

A config holds numbers, strings, lists, dicts and, for objects inside objects, {"class_name", "config"}.
It is read back through a closed `Registry`; a name in a config never imports anything.
"""

import inspect
from typing import Any, Self

import jax
import numpy as np

from .errors import ArgumentError
from .registry import Registry
from .tensor import Tensor


class Configurable:
    """A base whose subclasses have a config without writing one: the arguments of their constructor.

    Example:
        >>> class Scale(Configurable):
        ...     def __init__(self, factor=2.0, name=None):
        ...         self.factor = factor
        >>> Scale(3.0).get_config()
        {'factor': 3.0, 'name': None}
        >>> Scale.from_config({"factor": 5.0}).factor
        5.0
    """

    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "_arguments", (args, kwargs))  # a subclass may watch its attributes
        return self

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, defaults included, as plain data."""
        signature = inspect.signature(type(self).__init__)
        args, kwargs = self._arguments
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        config: dict[str, Any] = {}
        for name, value in list(bound.arguments.items())[1:]:
            if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                config |= value
            else:
                config[name] = value
        return {name: serialize(value) for name, value in config.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new object with the arguments in `config`."""
        return cls(**config)


def serialize(value: Any) -> Any:
    """`value` as plain data that JSON can hold: objects by class name and config, functions by name.

    Raises:
        ArgumentError: `value`, or something in it, is neither data nor something that has a name.

    Example:
        >>> import numpy as np
        >>> serialize({"a": (1, np.float32(0.5)), "b": np.arange(3)})
        {'a': [1, 0.5], 'b': [0, 1, 2]}
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Configurable):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    if isinstance(value, dict):
        return {str(key): serialize(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [serialize(item) for item in value]
    if isinstance(value, (Tensor, jax.Array, np.ndarray, np.generic)):
        return np.asarray(value).tolist()
    if isinstance(value, np.dtype) or isinstance(value, type) and issubclass(value, np.generic):
        return np.dtype(value).name
    name = getattr(value, "__name__", "")
    if callable(value) and name.isidentifier():
        return name
    raise ArgumentError(
        "serialize",
        "only data, Lamina's objects and named functions can be written down",
        expected="numbers, strings, arrays, a registered class or function",
        received=repr(value),
        remedy="Give a lambda a name with def, and register it",
    )


def lookup(registry: Registry[Any], identifier: Any) -> Any:
    """What `identifier` means: a name, a config, a class or an object of what `registry` holds.

    Args:
        registry: the closed table of names.
        identifier: None, a name, {"class_name", "config"}, a class (made without arguments), or
            anything callable, which is returned as it is.

    Raises:
        UnknownNameError: the name is not in `registry`.
        ArgumentError: `identifier` is of another kind.

    Example:
        >>> shapes = Registry("shape")
        >>> @shapes.register()
        ... class SmallSquare(Configurable):
        ...     def __init__(self, side=1): self.side = side
        ...     def __call__(self): return self.side**2
        >>> lookup(shapes, "small_square")(), lookup(shapes, {"class_name": "SmallSquare", "config": {"side": 3}})()
        (1, 9)
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict) and "class_name" in identifier:
        return registry[identifier["class_name"]].from_config(identifier.get("config") or {})
    found = registry[identifier] if isinstance(identifier, str) else identifier
    if isinstance(found, type):
        return found()
    if callable(found) or isinstance(found, Configurable):
        return found
    raise ArgumentError(
        registry.kind,
        "it must be given by name, config, class or object",
        expected=f"the name of a registered {registry.kind}, or something that can be called",
        received=repr(identifier),
        remedy="Pass one of these, or None",
    )
