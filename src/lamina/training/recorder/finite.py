"""Are all numbers of the state finite? Asked after each dispatch, so it has to be quick."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from ...native import has_kernels, run_kernel


def all_finite(arrays: Sequence[jax.Array]) -> jax.Array:
    """Whether no array holds NaN or an infinity.

    Example:
        >>> bool(all_finite([jnp.ones(3), jnp.array([1.0, jnp.inf])]))
        False
    """
    served = [a for a in arrays if has_kernels(a)]
    quick = served if has_kernels(*served, many=True) else []
    others = [a for a in arrays if not (quick and has_kernels(a))]
    flags = [jnp.array(True), *((a * 0).sum() == 0 for a in others)]  # 0 times NaN is NaN
    if quick:
        flags += run_kernel("finite", [()], *quick, dtype=bool)
    return jnp.stack(flags).all()
