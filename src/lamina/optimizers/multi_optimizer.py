"""Several optimizers, each for its own part of the variables."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import jax

from ..core import ArgumentError, Configurable, Variable
from .find import get
from .lbfgs import LBFGS
from .optimizer import Optimizer, registry
from .wrapper import Wrapper


class OptimizerMap(Configurable):
    """Which optimizer a variable has: the one whose pattern is its whole path, else the default.

    Args:
        default_optimizer: an optimizer, its name or config, for what no pattern matches.
        optimizer_map: path, or regular expression of whole paths, to optimizer. A path itself comes before patterns.

    Raises:
        ArgumentError: two patterns match one path.

    Example:
        >>> from lamina.optimizers import SGD, Adam
        >>> chosen = OptimizerMap(SGD(), {"encoder/.*": Adam()})
        >>> chosen["encoder/kernel"].name, chosen["head/kernel"].name
        ('adam', 'sgd')
    """

    def __init__(self, default_optimizer: Any, optimizer_map: Mapping[str, Any] | None = None) -> None:
        self.default_optimizer: Optimizer = get(default_optimizer)
        self.optimizer_map: dict[str, Optimizer] = {path: get(one) for path, one in (optimizer_map or {}).items()}

    def __getitem__(self, path: str) -> Optimizer:
        if path in self.optimizer_map:
            return self.optimizer_map[path]
        found = [pattern for pattern in self.optimizer_map if re.fullmatch(pattern, path)]
        if len(found) > 1:
            raise ArgumentError(
                "OptimizerMap",
                "a variable has one optimizer",
                expected="at most one pattern that matches a path",
                received=f"{found} for {path!r}",
                remedy="Make the patterns narrower",
            )
        return self.optimizer_map[found[0]] if found else self.default_optimizer

    @property
    def optimizers(self) -> list[Optimizer]:
        """All of them, each once, the default first."""
        return list(dict.fromkeys([self.default_optimizer, *self.optimizer_map.values()]))


@registry.register("MultiOptimizer", "multi_optimizer", "multioptimizer")
class MultiOptimizer(Optimizer):
    """Lets several optimizers change each its own variables, for example a body slowly and a new head fast.

    Rates, clipping and decay are those of each optimizer; norms are taken over its own variables. `learning_rate` is
    that of the default optimizer and cannot be set here: set those of `optimizers`.

    Args:
        optimizer_map: an `OptimizerMap`, or its config.
        loss_scale_factor: by which `scale_loss` multiplies; given to all optimizers.
        name: by default "multi_optimizer".

    Attributes:
        optimizers: all of them, the default first.

    Raises:
        ArgumentError: one of them works through another, looks at the loss again, or scales it by itself; or the
            learning rate is set.

    Example:
        >>> from lamina import Variable
        >>> from lamina.optimizers import SGD
        >>> body, head = Variable([1.0], name="body"), Variable([1.0], name="head")
        >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.01), {"head": SGD(0.5)}))
        >>> optimizer.apply([[1.0], [1.0]], [body, head]); body, head
        (Variable([0.99], float32), Variable([0.5], float32))

    Keras differs: it also takes a function of the variable, which no file could hold. Rates that differ by a factor
    need no second optimizer: see `Optimizer.scale_learning_rate`.
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None) -> None:
        is_config = isinstance(optimizer_map, Mapping)
        self.optimizer_map = OptimizerMap.from_config(optimizer_map["config"]) if is_config else optimizer_map
        self.optimizers: list[Optimizer] = self.optimizer_map.optimizers
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        for inner in self.optimizers:
            self._check(inner)
            inner.loss_scale_factor = self.loss_scale_factor

    @staticmethod
    def _check(inner: Optimizer) -> None:
        if isinstance(inner, (Wrapper, MultiOptimizer, LBFGS)) or inner.loss_scale_factor:
            raise ArgumentError(
                "MultiOptimizer",
                "an optimizer for some variables is a plain one, and the loss is scaled once",
                expected="an optimizer without inner_optimizer and loss_scale_factor, and not LBFGS",
                received=f"{type(inner).__name__} with loss_scale_factor={inner.loss_scale_factor}",
                remedy="Wrap the MultiOptimizer instead, and give it the loss_scale_factor",
            )

    def _groups(self, items: Iterable[Any], of: Callable[[Any], Variable]) -> Iterator[tuple[Optimizer, list[Any]]]:
        """The items by the optimizer of their variable."""
        groups: dict[Optimizer, list[Any]] = {}
        for item in items:
            groups.setdefault(self.optimizer_map[of(item).path], []).append(item)
        yield from groups.items()

    @property
    def learning_rate(self) -> Any:
        """That of the default optimizer."""
        return self.optimizer_map.default_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise ArgumentError(
            "MultiOptimizer",
            "each optimizer has its own learning rate",
            expected="optimizer.optimizers[0].learning_rate = ...",
            received=f"learning_rate = {value!r}",
            remedy="Set the rates one by one, or give them schedules",
        )

    def scale_learning_rate(
        self, factor: float, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()
    ) -> None:
        """See `Optimizer.scale_learning_rate`; each optimizer is told."""
        for inner in self.optimizers:
            inner.scale_learning_rate(factor, var_list, var_names)

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()) -> None:
        """See `Optimizer.exclude_from_weight_decay`; each optimizer is told."""
        for inner in self.optimizers:
            inner.exclude_from_weight_decay(var_list, var_names)

    @property
    def variables(self) -> list[Variable]:
        """The number of updates, and everything that the optimizers remember."""
        return [self.iterations, *(v for inner in self.optimizers for v in inner.variables)]

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state of each optimizer for its variables."""
        targets = list(variables)
        super().build(targets)
        for inner, some in self._groups(targets, lambda v: v):
            inner.build(some)

    def apply(
        self,
        gradients: Sequence[Any],
        variables: Sequence[Variable] | None = None,
        again: Callable[[], Any] | None = None,
    ) -> None:
        """Let each optimizer change its variables; see `Optimizer.apply`."""
        targets = self._built if variables is None else list(variables)
        pairs = self._pairs(list(gradients), targets)
        self.build(v for _, v in pairs)
        for inner, some in self._groups(pairs, lambda pair: pair[1]):
            inner.apply([g for g, _ in some], [v for _, v in some])
        self.iterations.assign(self.iterations.array + 1)

    def evaluation_value(self, variable: Variable) -> jax.Array:
        """What the variable's optimizer says."""
        return self.optimizer_map[variable.path].evaluation_value(variable)

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """See `Optimizer.finalize_variable_values`."""
        for inner, some in self._groups(variables, lambda v: v):
            inner.finalize_variable_values(some)
