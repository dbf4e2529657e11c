"""What a layer holds: variables and sub-layers, found among its attributes."""

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from ..core import ArgumentError, NotBuiltError, Tensor, Variable
from ..core.config import Configurable

_PLAIN = (str, int, float, type(None), type, FunctionType)  # most attributes: nothing to find, and quick to tell


class Holder(Configurable):
    """An owner of Variables, its own and those of other holders below it.

    Args:
        trainable: whether the variables are trained.
    """

    _untracked: frozenset[str] = frozenset({"_weights", "_frozen", "_arguments"})  # attributes not looked through

    def __init__(self, trainable: bool = True) -> None:
        self.name = ""
        self.built = False
        self._trainable = trainable
        self._weights: list[Variable] = []  # in the order in which they were made
        self._frozen: list[Variable] = []  # those of them that are never trained

    def children(self) -> dict[str, Any]:
        """The direct sub-layers by attribute path, in order of their first mention."""
        return {path: item for path, item in self._members() if isinstance(item, Holder)}

    def _members(self) -> list[tuple[str, Any]]:
        found: dict[int, tuple[str, Any]] = {}

        def walk(path: str, item: Any) -> None:
            if isinstance(item, _PLAIN):
                return
            if isinstance(item, (Holder, Variable)):
                found.setdefault(id(item), (path, item))
            elif isinstance(item, (list, tuple)):
                for i, value in enumerate(item):
                    walk(f"{path}/{i}", value)
            elif isinstance(item, Mapping):
                for key, value in item.items():
                    walk(f"{path}/{key}", value)

        for name, value in vars(self).items():
            if name not in self._untracked:
                walk(name, value)
        return list(found.values())

    def _own_variables(self) -> dict[str, Variable]:
        """The variables that are not a sub-layer's: trainable by nature first, as in Keras."""
        own = {path: item for path, item in self._members() if isinstance(item, Variable)}
        known = {id(v) for v in own.values()}
        own |= {v.name: v for v in self._weights if id(v) not in known}
        frozen = {id(v) for v in self._frozen}
        return dict(sorted(own.items(), key=lambda item: id(item[1]) in frozen))

    def named_variables(self) -> dict[str, Variable]:
        """All variables, each once, by a path of names that does not depend on the process."""
        found: dict[str, Variable] = {}
        seen: set[int] = set()

        def collect(layer: Holder, prefix: str, inside: tuple[int, ...]) -> None:
            for name, variable in layer._own_variables().items():
                if id(variable) not in seen:
                    seen.add(id(variable))
                    found[prefix + name] = variable
            for name, child in layer.children().items():
                if id(child) not in inside:
                    collect(child, f"{prefix}{name}/", (*inside, id(child)))

        collect(self, "", (id(self),))
        return found

    @property
    def variables(self) -> list[Variable]:
        """All variables of this layer and its sub-layers."""
        return list(self.named_variables().values())

    weights = variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that an optimizer changes."""
        return [v for v in self.variables if v.trainable]

    trainable_weights = trainable_variables

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that no optimizer changes: frozen weights, running statistics."""
        return [v for v in self.variables if not v.trainable]

    non_trainable_weights = non_trainable_variables

    @property
    def trainable(self) -> bool:
        """Whether the weights are trained; setting it freezes or frees all of them, sub-layers included."""
        return self._trainable

    @trainable.setter
    def trainable(self, on: bool) -> None:
        self._trainable = bool(on)
        frozen = {id(v) for v in self._frozen}
        for variable in self._own_variables().values():
            if id(variable) not in frozen:
                variable.trainable = self._trainable
        for child in self.children().values():
            child.trainable = on

    def count_params(self) -> int:
        """Number of weights, trainable or not.

        Raises:
            NotBuiltError: the variables do not exist yet.
        """
        if not self.built:
            raise NotBuiltError(
                f"{type(self).__name__} {self.name!r}",
                "the layer has no variables before its first call",
                expected="a built layer",
                received="one that has not seen an input",
                remedy="Call it on data, or give input_shape",
            )
        return sum(v.size for v in self.variables)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all variables' values, in Keras' order."""
        return [v.numpy() for v in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all variables' values, in the order of `get_weights`.

        Raises:
            ArgumentError: the number of arrays differs from the number of variables.
            ShapeError: an array has another shape than its variable.
        """
        variables = self.variables
        if len(weights) != len(variables):
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}",
                "set_weights takes one array per variable",
                expected=f"{len(variables)} arrays ({', '.join(self.named_variables())})",
                received=len(weights),
                remedy="Build both layers on inputs of the same shape",
            )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    @property
    def losses(self) -> list[Tensor]:
        """The penalties of the regularizers on the weights, as they are now."""
        return [v.regularizer(v) for v in self.trainable_variables if v.regularizer is not None]
