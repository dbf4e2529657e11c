"""What all optimizers share: state, clipping, decay, accumulation, averaging.

A subclass adds the rule for one tensor.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np

from ..constraints import constrained
from ..core import (
    Configurable,
    DTypeError,
    GradientError,
    Registry,
    ShapeError,
    Variable,
    as_array,
    bound,
    is_float,
    snake_case,
)
from .accumulation import accumulate
from .averaging import moving_average
from .checks import number
from .clipping import clipping
from .rate import LearningRate
from .selection import chosen, patterns

registry: Registry[Any] = Registry("optimizer")


class Change(NamedTuple):
    """What one variable is changed by: the arguments of `Optimizer.update_and_decay`."""

    value: jax.Array
    gradient: jax.Array
    slots: Any
    learning_rate: jax.Array
    step: jax.Array
    decay: float = 0.0

    def decayed(self) -> "Change":
        """The same after the decay."""
        if not self.decay:
            return self
        return self._replace(value=self.value - self.learning_rate * self.decay * self.value, decay=0.0)


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
        who = type(self).__name__
        self.name = name or snake_case(who)
        self.weight_decay = self._optional("weight_decay", weight_decay)
        self.loss_scale_factor = self._optional("loss_scale_factor", loss_scale_factor)
        self.clipnorm, self.clipvalue = self._optional("clipnorm", clipnorm), self._optional("clipvalue", clipvalue)
        self.global_clipnorm = self._optional("global_clipnorm", global_clipnorm)
        self._clip = clipping(who, self.clipnorm, self.clipvalue, self.global_clipnorm)
        self.use_ema = use_ema
        self.ema_momentum = number(who, "ema_momentum", ema_momentum, high=1.0)
        self.ema_overwrite_frequency = self._optional("ema_overwrite_frequency", ema_overwrite_frequency)
        self.gradient_accumulation_steps = self._optional("gradient_accumulation_steps", gradient_accumulation_steps)
        self.iterations = self._variable("iterations", np.int32(0))
        self._gathered = self._variable("gathered", np.int32(0))
        self._rate = LearningRate(who, learning_rate, f"{self.name}/learning_rate")
        self._state: dict[int, dict[str, Variable]] = {}
        self._built: list[Variable] = []
        self._without_decay: list[str] = []
        self._rate_factors: dict[str, float] = {}

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

    def update_and_decay(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array, decay: float
    ) -> tuple[jax.Array, Any]:
        """The rule with weight decay λ = `decay`: decoupled, that is before and apart from `update`.

        A subclass whose paper puts the decay elsewhere writes this one.
        """
        change = Change(value, gradient, slots, learning_rate, step, decay).decayed()
        return self.update(*change[:5])

    def updates(self, changes: Sequence[Change]) -> list[tuple[jax.Array, Any]]:
        """The rule for all tensors of a step; a subclass may take several at once."""
        return [self.update_and_decay(*change) for change in changes]

    def slots_of(self, variable: Variable) -> tuple[str, ...]:
        """Names of what is kept for `variable`; the class attribute unless a subclass makes a difference."""
        return self.slots

    def decay_of(self, variable: Variable) -> float:
        """λ for `variable`: 0 if it was excluded."""
        return 0.0 if chosen(variable, self._without_decay) else self.weight_decay or 0.0

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        """What `slot` holds before the first update; zeros of the variable's shape unless a subclass says otherwise."""
        return np.zeros(value.shape, _wide(value.dtype))

    # -- the learning rate ------------------------------------------------------------------------
    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable, or what the schedule gives for the next update."""
        return self._rate.at(self.iterations)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate.set(value)

    def scale_learning_rate(
        self, factor: float, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()
    ) -> None:
        """Let some variables learn faster or slower than the others; factors of several calls multiply.

        Args:
            factor: the learning rate of these variables is η · factor.
            var_list: the variables; those of a layer are `layer.trainable_variables`.
            var_names: regular expressions; a variable is meant if one is found in its path.

        Example:
            >>> from lamina.optimizers import SGD
            >>> body, head = Variable([1.0], name="body"), Variable([1.0], name="head")
            >>> optimizer = SGD(0.1)
            >>> optimizer.scale_learning_rate(0.1, var_names=["body"])
            >>> optimizer.apply([[1.0], [1.0]], [body, head]); body, head
            (Variable([0.99], float32), Variable([0.9], float32))

        Reference: discriminative fine-tuning, Howard and Ruder 2018, arXiv 1801.06146.
        """
        number(type(self).__name__, "factor", factor)
        for pattern in patterns(var_list, var_names):
            self._rate_factors[pattern] = self._rate_factors.get(pattern, 1.0) * factor

    def _rate_factor(self, variable: Variable) -> float:
        found = [factor for pattern, factor in self._rate_factors.items() if chosen(variable, [pattern])]
        return float(np.prod(found))

    # -- state ------------------------------------------------------------------------------------
    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state for those of `variables` that have none yet."""
        for variable in variables:
            if id(variable) not in self._state:
                self._require_float(variable)
                self._built.append(variable)
                self._state[id(variable)] = self._slots(variable)

    def _slots(self, variable: Variable) -> dict[str, Variable]:
        value, dtype = variable._array, _wide(variable.dtype)
        zeros = lambda: np.zeros(value.shape, dtype)  # noqa: E731
        first: dict[str, Callable[[], Any]] = {
            name: lambda name=name: self.initial_slot(name, value)  # type: ignore[misc]
            for name in self.slots_of(variable)
        }
        first |= {"average": zeros} if self.use_ema else {}
        first |= {"gathered": zeros} if self.gradient_accumulation_steps else {}
        return {name: self._variable(f"{variable.path}/{name}", make, dtype) for name, make in first.items()}

    def _require_float(self, variable: Variable) -> None:
        if not is_float(variable.dtype):
            raise DTypeError(
                type(self).__name__,
                "only real numbers can be optimised",
                expected="variables of a float type",
                received=f"{variable.path!r} of type {variable.dtype}",
                remedy="Make it trainable=False, or give it a float type",
            )

    def _variable(self, name: str, value: Any, dtype: Any = None) -> Variable:
        made = Variable(value, name=name.rpartition("/")[2], trainable=False, dtype=dtype)
        made.path = f"{self.name}/{name}"
        return made

    @property
    def variables(self) -> list[Variable]:
        """Everything the optimizer remembers, so that a run can be resumed."""
        rate = [self._rate.variable] if self._rate.schedule is None else []
        gathered = [self._gathered] if self.gradient_accumulation_steps else []
        return [self.iterations, *rate, *gathered, *(s for v in self._built for s in self._state[id(v)].values())]

    # -- one step ---------------------------------------------------------------------------------
    def apply(
        self,
        gradients: Sequence[Any],
        variables: Sequence[Variable] | None = None,
        again: Callable[[], Any] | None = None,
    ) -> None:
        """Change `variables` by `gradients`. Inside `lamina.compile` this becomes part of the program.

        Args:
            gradients: one per variable, of its shape; None leaves that variable as it is.
            variables: by default those that `build` was given.
            again: () -> (loss, gradients) of the same batch at the values that the variables then hold. Only
                optimizers that look more than once, `SAM` and `LBFGS`, call it.

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
        step, rate, gradients = self.iterations.array + 1, as_array(self.learning_rate), self._clip(gradients)
        scalars = {dtype: (rate.astype(dtype), step.astype(dtype)) for dtype in {g.dtype for g in gradients}}
        changes = [self._change(g, v, *scalars[g.dtype]) for g, v in zip(gradients, variables, strict=True)]
        for change, variable, (value, kept) in zip(changes, variables, self.updates(changes), strict=True):
            variable.assign(constrained(value, variable.constraint, change.learning_rate))
            for cell, array in zip(self._cells(variable), kept, strict=True):
                cell.assign(array)
            if self.use_ema:
                self._average(variable, step)
        self.iterations.assign(step)

    def _change(self, gradient: jax.Array, variable: Variable, rate: jax.Array, step: jax.Array) -> Change:
        rate = rate * self._rate_factor(variable) if self._rate_factors else rate
        value, slots = variable.array.astype(gradient.dtype), tuple(cell.array for cell in self._cells(variable))
        return Change(value, gradient, slots, rate, step, self.decay_of(variable))

    def _cells(self, variable: Variable) -> list[Variable]:
        """What is kept for `variable`."""
        return [self._state[id(variable)][name] for name in self.slots_of(variable)]

    def _gather(self, gradients: list[jax.Array], variables: list[Variable]) -> None:
        """Add up gradients, and update at every so-maniest call."""
        slots = [self._state[id(v)] for v in variables]
        state = [self.iterations, *variables, *(s for kept in slots for s in kept.values())]
        sums, wanted = [kept["gathered"] for kept in slots], self.gradient_accumulation_steps
        accumulate(gradients, sums, self._gathered, wanted, lambda mean: self._step(mean, variables), state)

    # -- decay, averages, loss scale -----------------------------------------------------------------
    def exclude_from_weight_decay(self, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()) -> None:
        """Let some variables, usually biases and the scales of normalisation layers, keep their size.

        Args:
            var_list: the variables.
            var_names: regular expressions; a variable is left out if one is found in its path.

        Example:
            >>> from lamina.optimizers import AdamW
            >>> AdamW().exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        self._without_decay += patterns(var_list, var_names)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, which variables do not decay, and which learn at rates of their own."""
        chosen_ones = {"without_decay": list(self._without_decay), "rate_factors": dict(self._rate_factors)}
        return super().get_config() | {name: value for name, value in chosen_ones.items() if value}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new optimizer with the arguments in `config`."""
        arguments = dict(config)
        without_decay, factors = arguments.pop("without_decay", []), arguments.pop("rate_factors", {})
        made = cls(**arguments)
        made.exclude_from_weight_decay(var_names=without_decay)
        for pattern, factor in factors.items():
            made.scale_learning_rate(factor, var_names=[pattern])
        return made

    def _average(self, variable: Variable, step: jax.Array) -> None:
        average = self._state[id(variable)]["average"]
        value = variable.array.astype(average.dtype)
        average.assign(moving_average(average.array, value, self.ema_momentum, step))
        if self.ema_overwrite_frequency:
            now = step % self.ema_overwrite_frequency == 0
            variable.assign(jnp.where(now, average.array, value))

    def evaluation_value(self, variable: Variable) -> jax.Array:
        """What `variable` should hold when the model is judged or shipped: its average if one is kept."""
        averaged = self.use_ema and not self.ema_overwrite_frequency and id(variable) in self._state
        return self._state[id(variable)]["average"].array if averaged else variable.array

    @contextmanager
    def evaluation_values(self, variables: Sequence[Variable]) -> Iterator[None]:
        """Inside the block all is as if training ended here; after it training goes on where it was.

        Example:
            >>> from lamina.optimizers import SGD
            >>> w, optimizer = Variable([0.0]), SGD(1.0, use_ema=True, ema_momentum=0.5)
            >>> for _ in range(2): optimizer.apply([[-4.0]], [w])
            >>> with optimizer.evaluation_values([w]): inside = w.tolist()
            >>> inside, w.tolist()
            ([6.0], [8.0])
        """
        state = [*variables, *self.variables]
        with bound(state, [v.array for v in state]):  # the state too: a file written now is one to go on from
            self.finalize_variable_values(variables)
            yield

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """At the end of training, let the variables hold their evaluation values for good."""
        for variable in variables:
            variable.assign(self.evaluation_value(variable))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, so that small gradients survive 16-bit numbers."""
        return loss * self.loss_scale_factor if self.loss_scale_factor else loss

    # -- arguments ------------------------------------------------------------------------------------
    def _optional(self, name: str, value: Any) -> Any:
        return None if value is None else number(type(self).__name__, name, value, open_low=name != "weight_decay")


def _wide(dtype: Any) -> Any:
    """The type to compute in and to keep slots in: at least float32, so that small changes of 16-bit weights add up."""
    return dtype if jnp.dtype(dtype).itemsize >= 4 else jnp.dtype(jnp.float32)
