"""`Variable`: a named cell of state that optimizers, layers and metrics read and write."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .errors import ShapeError
from .tape import Edge, Node
from .tensor import Tensor, as_array

# While a function is being traced for the first time, whoever compiles it listens here.
_listener: ContextVar[Callable[["Variable"], None] | None] = ContextVar("listener", default=None)


class Variable(Tensor):
    """A named, mutable cell. Gradients are collected at trainable ones.

    Args:
        value: the first value, or a function without arguments that makes it.
        name: its name, by default "variable".
        trainable: whether optimizers change it and gradients are taken.
        dtype: number type; by default that of the value.

    Example:
        >>> w = Variable([1.0, 2.0], name="w")
        >>> (w * w).sum().backward()
        >>> w.grad
        Tensor([2., 4.], float32)
        >>> w.assign(w - 0.1 * w.grad)
        Variable([0.8, 1.6], float32)
    """

    __slots__ = ("_leaf", "constraint", "name", "path", "regularizer")

    def __init__(self, value: Any, name: str = "variable", trainable: bool = True, dtype: Any = None) -> None:
        with jax.ensure_compile_time_eval():  # also inside a trace it starts with values, not with a plan for them
            self._array = as_array(value() if callable(value) else value, dtype, copy=True)  # it owns its memory
        self.name, self.path, self._counting = name, name, None
        self._leaf = Edge(Node(), 0)
        self.trainable = trainable
        self.regularizer: Any = None
        self.constraint: Any = None

    @property
    def trainable(self) -> bool:
        """Whether gradients are taken and optimizers change the value."""
        return self._edge is not None

    @trainable.setter
    def trainable(self, on: bool) -> None:
        self._edge = self._leaf if on else None

    @property
    def array(self) -> jax.Array:
        """The value now."""
        listener = _listener.get()
        if listener is not None:
            listener(self)
        return self._array

    def numpy(self) -> np.ndarray:
        """A copy of the values: the memory below may be reused by the next compiled step."""
        return np.array(self.array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.array, dtype=dtype)

    def assign(self, value: Any) -> "Variable":
        """Replace the value.

        Args:
            value: a number or array of this variable's shape; cast to its dtype.

        Raises:
            ShapeError: the shapes differ.
        """
        held = isinstance(value, (Tensor, jax.Array))
        new = as_array(value, self._array.dtype, copy=not held)
        if new.shape != self._array.shape:
            raise ShapeError(
                f"Variable {self.path!r}",
                "a new value keeps the shape",
                expected=self._array.shape,
                received=new.shape,
                remedy="Reshape the value, or make a new Variable",
            )
        listener = _listener.get()
        if listener is not None:
            listener(self)
        if held and new is not self._array and not isinstance(new, jax.core.Tracer):
            # It owns its memory: a program may take over that of whoever else holds the value. `jnp.copy` would compile
            # a program for each shape.
            new = jax.device_put(new, may_alias=False)
        self._array = new
        return self

    def assign_add(self, value: Any) -> "Variable":
        """Add to the value, off the tape."""
        return self.assign(jnp.add(self.array, as_array(value, self._array.dtype)))
