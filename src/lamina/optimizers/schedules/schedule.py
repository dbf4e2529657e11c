"""What all schedules share: their base, their names, and how they count updates without losing any."""

from typing import Any

import jax
import jax.numpy as jnp

from ...core import Configurable, Registry, as_array, floatx, is_float, lookup

registry: Registry[Any] = Registry("learning rate schedule")

LAST_STEP = 2**31 - 1  # updates are counted in int32


class LearningRateSchedule(Configurable):
    """Base of all schedules: a subclass defines `__call__(step)`, made of ops or jax.numpy.

    Example:
        >>> class Halving(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 * 0.5**step
        >>> Halving()(2)
        0.025
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate of update number `step`, counted from 0: a number, or an array of any shape of them."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step)")


def get(identifier: Any) -> Any:
    """The schedule that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no schedule has this name.

    Example:
        >>> config = {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}
        >>> float(get({"class_name": "ExponentialDecay", "config": config})(20))
        0.025
    """
    return lookup(registry, identifier)


def rate_at(rate: Any, step: Any) -> jax.Array:
    """The value of `rate`, a number or a schedule, at update `step`, in the default float type.

    Example:
        >>> float(rate_at(0.5, step=3)), float(rate_at(lambda step: step * 2, step=3))
        (0.5, 6.0)
    """
    return as_array(rate(step) if callable(rate) else rate).astype(floatx())


def share(step: Any, start: float, length: float) -> jax.Array:
    """How much of the `length` updates after update `start` has passed: 0 before them, 1 after them, or from `start` on
    if there are none.

    Whole numbers are subtracted as such: a float32 counts only to 2^24.

    Example:
        >>> float(share(2**25 + 1, start=2**25, length=4))
        0.25
    """
    step = as_array(step)
    whole = not is_float(step.dtype) and float(start).is_integer()
    since = (step - int(start)).astype(floatx()) if whole else step.astype(floatx()) - start
    return jnp.clip(since / length, 0.0, 1.0) if length else (since >= 0).astype(floatx())


def periods(step: Any, length: float) -> tuple[jax.Array, jax.Array]:
    """step / length, as the number of whole periods and the share of the present one, in [0, 1).

    Example:
        >>> [float(part) for part in periods(2**25 + 1, length=4)]
        [8388608.0, 0.25]
    """
    step = as_array(step)
    if not is_float(step.dtype) and float(length).is_integer() and length <= LAST_STEP:
        whole, rest = jnp.divmod(step, int(length))
        return whole.astype(floatx()), rest.astype(floatx()) / length
    passed = step.astype(floatx()) / length
    return jnp.floor(passed), passed - jnp.floor(passed)
