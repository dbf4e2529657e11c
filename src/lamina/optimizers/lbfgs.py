"""L-BFGS: Newton's method with a Hessian that is remembered from the last steps; for full batches."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from ..core import Variable
from .checks import number
from .looking import Again, looker
from .optimizer import Optimizer, registry

Look = Callable[[jax.Array], tuple[jax.Array, jax.Array]]  # a point to loss and gradient there


def two_loop(gradient: jax.Array, steps: jax.Array, changes: jax.Array) -> jax.Array:
    """H g, where H is the inverse Hessian that the last steps and changes of the gradient tell of.

    Args:
        gradient: g, (n,).
        steps: s, (history, n), newest last; rows of zeros are not used.
        changes: y, (history, n): how the gradient changed along each step.

    Example:
        >>> two_loop(jnp.array([2.0, 8.0]), jnp.eye(2), jnp.array([[2.0, 0.0], [0.0, 8.0]])).tolist()
        [1.0, 1.0]

    Reference: Nocedal and Wright 2006, Numerical optimization, algorithm 7.4.
    """
    curvatures = (steps * changes).sum(axis=1)
    used = curvatures > 0
    rho = jnp.where(used, 1 / jnp.where(used, curvatures, 1.0), 0.0)
    alphas, q = [], gradient
    for i in reversed(range(len(steps))):
        alphas.append(rho[i] * jnp.vdot(steps[i], q))
        q = q - alphas[-1] * changes[i]
    newest = jnp.vdot(changes[-1], changes[-1])
    q = jnp.where(used[-1], curvatures[-1] / jnp.where(used[-1], newest, 1.0), 1.0) * q
    for i, alpha in enumerate(reversed(alphas)):
        q = q + (alpha - rho[i] * jnp.vdot(changes[i], q)) * steps[i]
    return q


class _Search(NamedTuple):
    """Where the line search stands: the longest good step and the gradient there, the shortest that was too long."""

    good: jax.Array
    gradient: jax.Array
    too_long: jax.Array
    trial: jax.Array
    trials: jax.Array
    found: jax.Array


def line_search(
    look: Look,
    point: jax.Array,
    here: tuple[jax.Array, jax.Array],
    direction: jax.Array,
    first: jax.Array,
    most: int,
) -> tuple[jax.Array, jax.Array]:
    """A step length t that fulfils Wolfe's conditions, by doubling and halving; and the gradient there.

        f(w + t d) <= f(w) + 1e-4 t g·d    (the loss falls enough)
        g(w + t d)·d >= 0.9 g(w)·d         (the slope has become flatter)

    If `most` trials do not find one, the longest step that fulfilled the first condition; 0 if there was none.

    Args:
        look: a point to loss and gradient there.
        point: w, (n,).
        here: loss and gradient at w.
        direction: d, (n,), downhill.
        first: the t to try first.
        most: trials.

    Example:
        >>> parabola = lambda w: (jnp.vdot(w, w), 2 * w)
        >>> w, d = jnp.array([4.0]), jnp.array([-8.0])
        >>> t, gradient = line_search(parabola, w, parabola(w), d, jnp.array(2.0), 20)      # 2 and 1 lead too far
        >>> t.item(), gradient.tolist()
        (0.5, [0.0])

    Reference: Lewis and Overton 2013, Nonsmooth optimization via quasi-Newton methods, algorithm 2.6.
    """
    loss, gradient = here
    slope = jnp.vdot(gradient, direction)

    def attempt(now: _Search) -> _Search:
        value, there = look(point + now.trial * direction)
        falls = value <= loss + 1e-4 * now.trial * slope  # not so if the value is NaN
        flat = jnp.vdot(there, direction) >= 0.9 * slope
        good, kept = jnp.where(falls, now.trial, now.good), jnp.where(falls, there, now.gradient)
        too_long = jnp.where(falls, now.too_long, now.trial)
        trial = jnp.where(jnp.isinf(too_long), 2 * now.trial, (good + too_long) / 2)
        return _Search(good, kept, too_long, trial, now.trials + 1, falls & flat)

    start = _Search(
        jnp.zeros_like(first), gradient, jnp.full_like(first, jnp.inf), first, jnp.array(0), jnp.array(False)
    )
    end = jax.lax.while_loop(lambda now: ~now.found & (now.trials < most), attempt, start)
    return end.good, end.gradient


@registry.register("LBFGS", "lbfgs")
class LBFGS(Optimizer):
    """Limited-memory BFGS.

        d = -H g        (`two_loop`; -g as long as nothing is remembered)
        w ← w + t d     (`line_search`, which first tries t = η, in the very first step min(1, 1 / |g|) η)

    For small problems whose whole data are one batch: the noise of mini-batches is taken for curvature. It has
    neither weight decay nor clipping nor averages.

    Args:
        learning_rate: η, the length that the line search tries first.
        history_size: how many steps are remembered.
        max_line_search: most trials in one line search.
        name: by default "lbfgs".

    Example:
        >>> from lamina import Variable, gradients
        >>> w, optimizer = Variable([-1.0, 2.0]), LBFGS()
        >>> def again():
        ...     loss = 10.0 * (w[1] - w[0] ** 2) ** 2 + (1.0 - w[0]) ** 2
        ...     return loss, gradients(loss, [w])
        >>> for _ in range(25): optimizer.apply(again()[1], [w], again)
        >>> w.numpy().round(3).tolist()
        [1.0, 1.0]

    Reference: Liu and Nocedal 1989, On the limited memory BFGS method for large scale optimization.
    """

    slots = ("steps", "changes")

    def __init__(
        self, learning_rate: Any = 1.0, history_size: int = 10, max_line_search: int = 20, name: str | None = None
    ) -> None:
        super().__init__(learning_rate, name=name)
        self.history_size = number("LBFGS", "history_size", history_size, low=1)
        self.max_line_search = number("LBFGS", "max_line_search", max_line_search, low=1)

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        one = super().initial_slot(slot, value)
        return np.zeros((int(self.history_size), *one.shape), one.dtype)

    def apply(
        self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None, again: Again | None = None
    ) -> None:
        """One update; `again` is needed. See `Optimizer.apply`."""
        targets = self._built if variables is None else list(variables)
        look_at = looker("LBFGS", again, targets)
        self.build(v for _, v in self._pairs(list(gradients), targets))
        point, unravel = ravel_pytree([v.array for v in targets])

        def look(flat: jax.Array) -> tuple[jax.Array, jax.Array]:
            loss, found = look_at(unravel(flat))
            return loss.astype(flat.dtype), ravel_pytree(found)[0].astype(flat.dtype)

        step, change = self._step_from(look, point, *(self._history(name, targets) for name in self.slots))
        for variable, value in zip(targets, unravel(point + step), strict=True):
            variable.assign(value if variable.constraint is None else variable.constraint(value))
        self._remember(targets, unravel(step), unravel(change), jnp.vdot(step, change) > 0)
        self.iterations.assign_add(1)

    def _step_from(
        self, look: Look, point: jax.Array, steps: jax.Array, changes: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """The step, and how the gradient changes along it."""
        loss, gradient = look(point)
        rate = jnp.asarray(self.learning_rate, point.dtype)
        cautious = jnp.minimum(1.0, 1 / jnp.linalg.norm(gradient))
        first = rate * jnp.where((steps[-1] == 0).all(), cautious, 1.0)
        direction = -two_loop(gradient, steps, changes)
        length, there = line_search(look, point, (loss, gradient), direction, first, int(self.max_line_search))
        return length * direction, there - gradient

    def _history(self, name: str, targets: Sequence[Variable]) -> jax.Array:
        """What is remembered of all variables, (history, n)."""
        cells = [self._state[id(v)][name].array for v in targets]
        return jnp.concatenate([cell.reshape(len(cell), -1) for cell in cells], axis=1)

    def _remember(self, targets: Sequence[Variable], steps: Any, changes: Any, useful: jax.Array) -> None:
        """Put a new pair in and the oldest out, unless the loss curves downwards along the step."""
        for variable, *pair in zip(targets, steps, changes, strict=True):
            for name, new in zip(self.slots, pair, strict=True):
                cell = self._state[id(variable)][name]
                moved = jnp.concatenate([cell.array[1:], new[None].astype(cell.dtype)])
                cell.assign(jnp.where(useful, moved, cell.array))
