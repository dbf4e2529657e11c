"""SAM: gradients are taken where the loss nearby is worst, so that training ends in flat valleys."""

from collections.abc import Sequence
from typing import Any

import jax

from ..core import Variable, as_array
from .checks import number
from .clipping import global_norm
from .looking import Again, looker
from .optimizer import registry
from .wrapper import Wrapper


@registry.register("SAM", "sam")
class SAM(Wrapper):
    """Sharpness-aware minimisation: two gradients for each step.

        e = ρ g(w) / |g(w)|,    then the inner optimizer's step at w with the gradient g(w + e)

    The norm is that of all gradients together. A step costs twice as much.

    Args:
        inner_optimizer: an optimizer, its name or config.
        rho: ρ > 0, the radius of the neighbourhood.
        name: by default "sam".

    Example:
        >>> from lamina import Variable, gradients
        >>> from lamina.optimizers import SGD
        >>> w, optimizer = Variable([1.0]), SAM(SGD(0.1), rho=0.5)
        >>> def again():
        ...     loss = (w * w).sum()
        ...     return loss, gradients(loss, [w])
        >>> _, first = again()
        >>> optimizer.apply(first, [w], again); w                # the gradient at 1.5 is 3
        Variable([0.7], float32)

    Reference: Foret et al. 2021, arXiv 2010.01412, algorithm 1 with p = 2.
    """

    def __init__(self, inner_optimizer: Any, rho: float = 0.05, name: str | None = None) -> None:
        super().__init__(inner_optimizer, name)
        self.rho = number("SAM", "rho", rho, open_low=True)

    def apply(
        self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None, again: Again | None = None
    ) -> None:
        """One update; `again` is needed. See `Optimizer.apply`."""
        targets = self._built if variables is None else list(variables)
        gradients = list(gradients)
        look = looker("SAM", again, targets)
        found = [as_array(g) for g, _ in self._pairs(gradients, targets)]
        length = self.rho / (global_norm(found) + 1e-12)
        _, uphill = look([_moved(v, g, length) for v, g in zip(targets, gradients, strict=True)])
        second = [None if g is None else u for g, u in zip(gradients, uphill, strict=True)]
        self.build(targets)
        self.inner_optimizer.apply(second, targets, again)


def _moved(variable: Variable, gradient: Any, length: jax.Array) -> jax.Array:
    if gradient is None:
        return variable.array
    array = as_array(gradient).astype(variable.dtype)
    return variable.array + length.astype(array.dtype) * array
