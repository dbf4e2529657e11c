"""What all optimizers share: state, clipping, decay, accumulation, averaging.

A subclass adds the rule for one tensor.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Self, TypedDict

import jax
import jax.numpy as jnp
import numpy as np

from ..core import (
    ArgumentError,
    Configurable,
    DTypeError,
    GradientError,
    Registry,
    ShapeError,
    Tensor,
    Variable,
    as_array,
    floatx,
    functional,
    is_float,
    lookup,
    snake_case,
)
from . import schedules
from .checks import number
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value

registry: Registry[Any] = Registry("optimizer")


class CommonOptions(TypedDict, total=False):
    """What every optimizer takes beside its own arguments; explained at `Optimizer`."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Options(CommonOptions, total=False):
    """The same and weight decay, which AdamW has as an argument of its own."""

    weight_decay: float | None


class Optimizer(Configurable):
    """Base of all optimizers: changes Variables by their gradients.

    A subclass names its `slots`, the tensors it keeps for each variable, and writes `update`, the rule
    for one tensor. In this order, one call of `apply` divides by the loss scale, gathers (if gradients
    are accumulated), clips, decays weights, updates, applies the variables' constraints, and averages.

    Args:
        learning_rate: a number >= 0, or a schedule: a function of the number of updates made.
        weight_decay: λ: weights shrink by η · λ · w before each update, apart from the gradient (decoupled).
        clipnorm: limit for the norm of each gradient.
        clipvalue: limit for each element of each gradient.
        global_clipnorm: limit for the norm of all gradients together. At most one of the three may be given.
        use_ema: keep the average a ← m · a + (1 - m) · w of each variable.
        ema_momentum: m.
        ema_overwrite_frequency: put the averages into the variables every so many updates; None: only at
            the end, by `finalize_variable_values`.
        loss_scale_factor: by which `scale_loss` multiplies, and `apply` divides gradients.
        gradient_accumulation_steps: update only at every so-maniest call, with the mean of the gradients since.
        name: by default the class' name in snake_case.

    Attributes:
        iterations: number of updates made, an int32 Variable.
        variables: all its state, in a fixed order.

    Example:
        >>> class SignDescent(Optimizer):
        ...     def update(self, value, gradient, slots, learning_rate, step):
        ...         return value - learning_rate * jnp.sign(gradient), slots
        >>> w = Variable([1.0, -2.0])
        >>> SignDescent(learning_rate=0.1).apply([[3.0, -4.0]], [w])
        >>> w
        Variable([ 0.9, -1.9], float32)
    """

    slots: tuple[str, ...] = ()

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.weight_decay = self._optional("weight_decay", weight_decay)
        self.loss_scale_factor = self._optional("loss_scale_factor", loss_scale_factor)
        self.clipnorm, self.clipvalue = self._optional("clipnorm", clipnorm), self._optional("clipvalue", clipvalue)
        self.global_clipnorm = self._optional("global_clipnorm", global_clipnorm)
        self._refuse_two_clips()
        self.use_ema = use_ema
        self.ema_momentum = number(type(self).__name__, "ema_momentum", ema_momentum, high=1.0)
        self.ema_overwrite_frequency = self._optional("ema_overwrite_frequency", ema_overwrite_frequency)
        self.gradient_accumulation_steps = self._optional("gradient_accumulation_steps", gradient_accumulation_steps)
        self.iterations = self._variable("iterations", np.int32(0))
        self._gathered = self._variable("gathered", np.int32(0))
        self._schedule, self._rate = self._read_rate(learning_rate)
        self._state: dict[int, dict[str, Variable]] = {}
        self._built: list[Variable] = []
        self._excluded: list[str] = []

    # -- the rule, written by a subclass --------------------------------------------------------
    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        """The rule for one tensor.

        Args:
            value: of the variable.
            gradient: of its shape and dtype.
            slots: what is kept for it, in the order of the class attribute `slots`.
            learning_rate: η, a scalar.
            step: t, the number of this update, counted from 1; a float.

        Returns:
            The new value and the new slots.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update(...)")

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        """What `slot` holds before the first update; zeros of the variable's shape unless a subclass says otherwise."""
        return np.zeros(value.shape, _wide(value.dtype))

    # -- the learning rate ------------------------------------------------------------------------
    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable, or what the schedule gives for the next update."""
        return self._rate if self._schedule is None else Tensor(self._schedule(self.iterations), floatx())

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        schedule, rate = self._read_rate(value)
        if schedule is None and self._schedule is not None:
            raise ArgumentError(
                type(self).__name__,
                "the learning rate follows a schedule",
                expected="another schedule",
                received=repr(value),
                remedy="Make the optimizer with a number to set the rate by hand",
            )
        if schedule is None:
            self._rate.assign(rate)
        self._schedule = schedule

    def _read_rate(self, given: Any) -> tuple[Any, Variable]:
        """(schedule or None, Variable with the number given)."""
        if isinstance(given, dict):
            given = schedules.get(given)
        schedule = given if callable(given) else None
        value = 0.0 if schedule else number(type(self).__name__, "learning_rate", _plain(given))
        return schedule, self._variable("learning_rate", value, floatx())

    # -- state ------------------------------------------------------------------------------------
    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state for those of `variables` that have none yet."""
        for variable in variables:
            if id(variable) not in self._state:
                self._built.append(variable)
                self._state[id(variable)] = {name: self._slot(name, variable) for name in self._slot_names()}

    def _slot_names(self) -> list[str]:
        average = ["average"] if self.use_ema else []
        return [*self.slots, *average, *(["gathered"] if self.gradient_accumulation_steps else [])]

    def _slot(self, name: str, variable: Variable) -> Variable:
        if not is_float(variable.dtype):
            raise DTypeError(
                type(self).__name__,
                "only real numbers can be optimised",
                expected="variables of a float type",
                received=f"{variable.path!r} of type {variable.dtype}",
                remedy="Make it trainable=False, or give it a float type",
            )

        def first() -> Any:
            value = variable._array
            return self.initial_slot(name, value) if name in self.slots else np.zeros(value.shape, _wide(value.dtype))

        return self._variable(f"{variable.path}/{name}", first, _wide(variable.dtype))

    def _variable(self, name: str, value: Any, dtype: Any = None) -> Variable:
        made = Variable(value, name=name.rpartition("/")[2], trainable=False, dtype=dtype)
        made.path = f"{self.name}/{name}"
        return made

    @property
    def variables(self) -> list[Variable]:
        """Everything the optimizer remembers, so that a run can be resumed."""
        rate = [] if self._schedule is not None else [self._rate]
        gathered = [self._gathered] if self.gradient_accumulation_steps else []
        return [self.iterations, *rate, *gathered, *(s for v in self._built for s in self._state[id(v)].values())]

    # -- one step ---------------------------------------------------------------------------------
    def apply(self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None) -> None:
        """Change `variables` by `gradients`. Inside `lamina.compile` this becomes part of the program.

        Args:
            gradients: one per variable, of its shape; None leaves that variable as it is.
            variables: by default those that `build` was given.

        Raises:
            GradientError: there is no gradient at all, or not one per variable.
            ShapeError: a gradient has another shape than its variable.
        """
        targets = self._built if variables is None else list(variables)
        pairs = self._pairs(list(gradients), targets)
        self.build(v for _, v in pairs)
        found = [self._unscale(g, v) for g, v in pairs]
        step = self._gather if self.gradient_accumulation_steps else self._step
        step(found, [v for _, v in pairs])

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """`apply` for pairs (gradient, variable); returns `iterations`."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self.iterations

    def _pairs(self, gradients: list[Any], variables: list[Variable]) -> list[tuple[Any, Variable]]:
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=False) if g is not None]
        if len(gradients) == len(variables) and pairs:
            return pairs
        raise GradientError(
            type(self).__name__,
            "each variable needs its gradient",
            expected=f"{len(variables)} gradients, not all None",
            received=f"{len(gradients)} gradients, {len(pairs)} of them for a variable and not None",
            remedy="Check that the loss depends on the variables, and that they are trainable",
        )

    def _unscale(self, gradient: Any, variable: Variable) -> jax.Array:
        array = as_array(gradient).astype(_wide(variable.dtype))
        if array.shape != variable.shape:
            raise ShapeError(
                type(self).__name__,
                "a gradient has the shape of its variable",
                expected=f"{variable.shape} for {variable.path!r}",
                received=array.shape,
                remedy="Check the order of the gradients",
            )
        return array / self.loss_scale_factor if self.loss_scale_factor else array

    def _step(self, gradients: list[jax.Array], variables: list[Variable]) -> None:
        """One update of all variables."""
        step = self.iterations.array + 1
        rate = as_array(self.learning_rate)
        for gradient, variable in zip(self._clip(gradients), variables, strict=True):
            self._update_one(gradient, variable, rate.astype(gradient.dtype), step.astype(gradient.dtype))
            if self.use_ema:
                self._average(variable, step)
        self.iterations.assign(step)

    def _update_one(self, gradient: jax.Array, variable: Variable, rate: jax.Array, step: jax.Array) -> None:
        value = variable.array.astype(gradient.dtype)
        if self.weight_decay and self._decays(variable):
            value = value - rate * self.weight_decay * value
        cells = [self._state[id(variable)][name] for name in self.slots]
        value, kept = self.update(value, gradient, tuple(cell.array for cell in cells), rate, step)
        variable.assign(value if variable.constraint is None else variable.constraint(value))
        for cell, array in zip(cells, kept, strict=True):
            cell.assign(array)

    def _gather(self, gradients: list[jax.Array], variables: list[Variable]) -> None:
        """Add up gradients; when there are enough of them, update with their mean and start again from zero."""
        wanted = self.gradient_accumulation_steps
        count = self._gathered.array + 1
        ready = count == wanted
        cells = [self._state[id(v)]["gathered"] for v in variables]
        sums = [cell.array + g for cell, g in zip(cells, gradients, strict=True)]
        state = [self.iterations, *variables, *(s for v in variables for s in self._state[id(v)].values())]
        update = functional(lambda: self._step([s / wanted for s in sums], variables), state)
        values = jax.lax.cond(ready, lambda now: update(now)[1], lambda now: now, [cell.array for cell in state])
        for cell, value in zip(state, values, strict=True):
            cell.assign(value)
        for cell, total in zip(cells, sums, strict=True):
            cell.assign(jnp.where(ready, jnp.zeros_like(total), total))
        self._gathered.assign(jnp.where(ready, jnp.zeros_like(count), count))

    # -- clipping, decay, averages -------------------------------------------------------------------
    def _clip(self, gradients: list[jax.Array]) -> list[jax.Array]:
        if self.clipvalue:
            return clip_by_value(gradients, self.clipvalue)
        if self.clipnorm:
            return clip_by_norm(gradients, self.clipnorm)
        return clip_by_global_norm(gradients, self.global_clipnorm) if self.global_clipnorm else gradients

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()) -> None:
        """Let some variables, usually biases and the scales of normalisation layers, keep their size.

        Args:
            var_list: the variables.
            var_names: regular expressions; a variable is left out if one is found in its path.

        Example:
            >>> from lamina.optimizers import AdamW
            >>> AdamW().exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        self._excluded += [*(f"^{re.escape(v.path)}$" for v in var_list), *var_names]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and which variables do not decay."""
        return super().get_config() | ({"without_decay": list(self._excluded)} if self._excluded else {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new optimizer with the arguments in `config`."""
        arguments = dict(config)
        excluded = arguments.pop("without_decay", [])
        made = cls(**arguments)
        made.exclude_from_weight_decay(var_names=excluded)
        return made

    def _decays(self, variable: Variable) -> bool:
        return not any(re.search(pattern, variable.path) for pattern in self._excluded)

    def _average(self, variable: Variable, step: jax.Array) -> None:
        average = self._state[id(variable)]["average"]
        value = variable.array.astype(average.dtype)
        momentum = jnp.where(step == 1, 0.0, self.ema_momentum).astype(average.dtype)  # starts with the first value
        average.assign(momentum * average.array + (1 - momentum) * value)
        if self.ema_overwrite_frequency:
            now = step % self.ema_overwrite_frequency == 0
            variable.assign(jnp.where(now, average.array, value))

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """At the end of training, put the averages into the variables, if that has not been done on the way."""
        if self.use_ema and not self.ema_overwrite_frequency:
            for variable in variables:
                variable.assign(self._state[id(variable)]["average"])

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, so that small gradients survive 16-bit numbers."""
        return loss * self.loss_scale_factor if self.loss_scale_factor else loss

    # -- arguments ------------------------------------------------------------------------------------
    def _optional(self, name: str, value: Any) -> Any:
        return None if value is None else number(type(self).__name__, name, value, open_low=name != "weight_decay")

    def _refuse_two_clips(self) -> None:
        given = {name: getattr(self, name) for name in ("clipnorm", "clipvalue", "global_clipnorm")}
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) > 1:
            raise ArgumentError(
                type(self).__name__,
                "gradients are clipped in one way",
                expected="at most one of clipnorm, clipvalue, global_clipnorm",
                received=" and ".join(f"{name}={value}" for name, value in given.items()),
                remedy="Remove the others",
            )


def _wide(dtype: Any) -> Any:
    """The type to compute in and to keep slots in: at least float32, so that small changes of 16-bit weights add up."""
    return dtype if jnp.dtype(dtype).itemsize >= 4 else jnp.dtype(jnp.float32)


def _plain(value: Any) -> Any:
    """A scalar array as the Python number it holds."""
    return value.item() if hasattr(value, "item") and getattr(value, "size", 1) == 1 else value


def get(identifier: Any) -> Any:
    """The optimizer that `identifier` means: a name, config, class or Optimizer; None stays None.

    Raises:
        UnknownNameError: no optimizer has this name.
        ArgumentError: it is something else.

    Example:
        >>> get("adam").learning_rate
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
