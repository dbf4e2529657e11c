"""Looking at the loss again, at other weights, without leaving anything behind."""

from collections.abc import Callable, Sequence
from typing import Any

import jax

from ..core import ArgumentError, Variable, bound, functional, touched

Again = Callable[[], tuple[Any, Sequence[Any]]]


def looker(
    who: str, again: Again | None, variables: Sequence[Variable]
) -> Callable[[Sequence[jax.Array]], tuple[jax.Array, list[jax.Array]]]:
    """A pure function: values of `variables` to loss and gradients there.

    What `again` writes on its way, such as running statistics, is thrown away.

    Args:
        who: the optimizer, for messages.
        again: () -> (loss, gradients) at the values that the variables hold.
        variables: one per gradient.

    Raises:
        ArgumentError: `again` is None.

    Example:
        >>> from lamina import gradients
        >>> w = Variable([1.0])
        >>> def again():
        ...     loss = (w * w).sum()
        ...     return loss, gradients(loss, [w])
        >>> loss, found = looker("SAM", again, [w])([jax.numpy.array([3.0])])
        >>> loss.item(), found[0].tolist(), w
        (9.0, [6.0], Variable([1.], float32))
    """
    if again is None:
        raise ArgumentError(
            who,
            "it needs the gradients at more than one point",
            expected="apply(gradients, variables, again) with again: () -> (loss, gradients)",
            received="again=None",
            remedy="Pass a function that computes loss and gradients of the same batch anew",
        )
    written, _ = touched(again)
    pure = functional(again, written)

    def look(values: Sequence[jax.Array]) -> tuple[jax.Array, list[jax.Array]]:
        with bound(variables, values):
            (loss, gradients), _ = pure([v.array for v in written])
        return loss, list(gradients)

    return look
