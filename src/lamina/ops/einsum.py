"""Einstein's summation: any product and sum over named axes.

The public `einsum` brings an equation to a plain form, in which each operand names each axis once and
equal names have equal sizes. In that form the backward rule is an equation again.
"""

import math
import string
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from ..core import Array, ShapeError, Tensor, composite, op
from .casting import tensor
from .diagonal import diagonal
from .products import outer_product
from .shape import broadcast_to, expand_dims, reshape


@op(promotes=True)
def plain_einsum(operands: Sequence[Array], equation: str) -> Any:
    """`einsum` for equations whose operands name each axis once, with equal sizes for equal names.

    Example:
        >>> from lamina import ops
        >>> ops.plain_einsum([[1.0, 2.0], [3.0, 4.0]], "i,i->")
        Tensor(11., float32)
    """
    pairs = zip(_inputs(equation), operands, strict=True)
    sizes = {name: n for term, a in pairs for name, n in zip(term, a.shape, strict=True)}
    return _product(equation, operands), (*operands, equation, sizes)


@plain_einsum.backward
def _(kept: Any, g: Tensor) -> Any:
    *operands, equation, sizes = kept
    terms, output = _inputs(equation), equation.split("->")[1]
    grads = []
    for i, term in enumerate(terms):
        others, names = operands[:i] + operands[i + 1 :], terms[:i] + terms[i + 1 :]
        found = "".join(name for name in term if name in output + "".join(names))
        factors = [(output, g), *zip(names, others, strict=True)]
        factors.sort(key=lambda pair: found[:1] not in pair[0])  # the result's first axes first: no transpose after it
        part = plain_einsum([x for _, x in factors], ",".join(name for name, _ in factors) + "->" + found)
        for axis, name in enumerate(term):  # an axis that only this operand has was summed: its gradient is repeated
            part = part if name in found else expand_dims(part, axis)
        grads.append(broadcast_to(part, [sizes[name] for name in term]))
    return grads


def _product(equation: str, operands: Sequence[Array]) -> Array:
    """The sum; that of two operands as a product of matrices where no axis must be moved for it.

    So it is for projections such as "ntf,fah->ntah" and their gradients: XLA would turn the weight of "ntah,fah->ntf".
    """
    terms, output = _inputs(equation), equation.split("->")[1]
    summed = "".join(name for name in terms[0] if name not in output)
    last = [term.endswith(summed) for term in terms]  # else the summed axes come first
    rest = [t.removesuffix(summed) if end else t.removeprefix(summed) for t, end in zip(terms, last, strict=True)]
    if len(terms) != 2 or not summed or "".join(rest) != output or any(summed not in term for term in terms):
        return jnp.einsum(equation, *operands)
    x, y = (_matrix(a, len(summed), end) for a, end in zip(operands, last, strict=True))
    over = [int(last[0])], [int(last[1])]
    found = lax.dot_general(x, y, (over, ((), ()))) if any(last) else outer_product(x, y)
    sizes = {name: n for term, a in zip(terms, operands, strict=True) for name, n in zip(term, a.shape, strict=True)}
    return found.reshape([sizes[name] for name in output])


def _matrix(x: Array, count: int, last: bool) -> Array:
    """x with its last, or first, so many axes made one, and all others one."""
    cut = x.ndim - count if last else count
    return x.reshape(math.prod(x.shape[:cut]), math.prod(x.shape[cut:]))


def _inputs(equation: str) -> list[str]:
    return equation.split("->")[0].split(",")


def _named(equation: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """Terms and output of an equation, with `...` written out and a missing output worked out as NumPy does."""
    head, arrow, output = equation.replace(" ", "").partition("->")
    terms = head.split(",")
    free = [c for c in string.ascii_letters if c not in equation]
    fits = len(terms) == len(ndims)
    spans = [n - len(t.replace("...", "")) for t, n in zip(terms, ndims, strict=False)]
    if not fits or any(span < 0 or (span and "..." not in term) for span, term in zip(spans, terms, strict=True)):
        raise ShapeError(
            "einsum",
            "each operand needs a term with one letter for each axis",
            expected=f"{len(ndims)} terms for arrays with {tuple(ndims)} axes",
            received=repr(equation),
            remedy="Name each axis, or write ... for the first ones",
        )
    dots = "".join(free[: max(spans, default=0)])
    terms = [t.replace("...", dots[len(dots) - span :]) for t, span in zip(terms, spans, strict=True)]
    joined = "".join(terms)
    if not arrow:
        once = sorted(c for c in set(joined) if joined.count(c) == 1 and c not in dots)
        return terms, ("" if "..." not in head else dots) + "".join(once)
    return terms, output.replace("...", dots)


def _names_once(x: Tensor, term: str) -> tuple[Tensor, str]:
    """An operand whose term repeats a name, reduced to the diagonal."""
    for name in term:
        while term.count(name) > 1:
            first, second = term.index(name), term.rindex(name)
            x = diagonal(x, 0, first, second)  # the diagonal becomes the last axis
            term = "".join(c for i, c in enumerate(term) if i not in (first, second)) + name
    return x, term


def _without_ones(x: Tensor, term: str, sizes: dict[str, int]) -> tuple[Tensor, str]:
    """An operand without the axes of size 1 that others have at full size: the product broadcasts them."""
    stays = [i for i, name in enumerate(term) if x.shape[i] == sizes[name]]
    return reshape(x, [x.shape[i] for i in stays]), "".join(term[i] for i in stays)


def _sizes(terms: Sequence[str], operands: Sequence[Tensor], equation: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        for name, n in zip(term, x.shape, strict=True):
            if n != sizes.setdefault(name, n) and 1 not in (n, sizes[name]):
                raise ShapeError(
                    "einsum",
                    "axes of one name must have one size",
                    expected=f"size {sizes[name]} for {name!r} in {equation!r}",
                    received=f"size {n}, shapes {[tuple(o.shape) for o in operands]}",
                    remedy="Check the letters against the shapes",
                )
            sizes[name] = n if sizes[name] == 1 else sizes[name]
    return sizes


@composite
def einsum(equation: str, *operands: Any) -> Tensor:
    """Products summed over named axes, by an equation: `"ik,kj->ij"` is z_{ij} = Σ_k x_{ik} y_{kj}.

    Args:
        equation: one term of letters for each operand, and after `->` that of the result: names left out there are
            summed; a name twice in one term takes the diagonal; `...` stands for any first axes, which broadcast.
        operands: arrays with one axis for each letter.

    Raises:
        ShapeError: letters and shapes do not fit.

    Example:
        >>> from lamina import ops
        >>> ops.einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0])
        Tensor([21., 43.], float32)
        >>> ops.einsum("ii", [[1.0, 2.0], [3.0, 4.0]])
        Tensor(5., float32)
    """
    tensors = [tensor(x) for x in operands]
    terms, output = _named(equation, [x.ndim for x in tensors])
    pairs = [_names_once(x, term) for x, term in zip(tensors, terms, strict=True)]
    sizes = _sizes([term for _, term in pairs], [x for x, _ in pairs], equation)
    pairs = [_without_ones(x, term, sizes) for x, term in pairs]
    return plain_einsum([x for x, _ in pairs], ",".join(term for _, term in pairs) + "->" + output)
