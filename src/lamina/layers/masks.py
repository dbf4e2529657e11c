"""Masks: which places of a sequence count. They ride on tensors from layer to layer (`Tensor.mask`)."""

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax

from ..core import Tensor


def masks_of(inputs: Any) -> Any:
    """The masks of tensors, in the same form; None where there is none.

    Example:
        >>> masks_of([Tensor([1.0]), Tensor([2.0])])
        [None, None]
    """
    return jax.tree.map(lambda leaf: leaf.mask if isinstance(leaf, Tensor) else None, inputs)


def with_mask(tensor: Tensor, mask: Any) -> Tensor:
    """The same values, with another mask.

    Example:
        >>> with_mask(Tensor([[1.0, 0.0]]), Tensor([[True, False]])).mask
        Tensor([[ True, False]], bool)
    """
    return Tensor._of(tensor.array, tensor._edge, mask)


def mask_arguments(call: Callable[..., Any]) -> dict[str, str]:
    """Which arguments of a layer's `call` bring a mask along, and which argument takes it.

    `mask` takes that of the first argument, `<name>_mask` that of the argument <name>.

    Example:
        >>> mask_arguments(lambda self, query, value, query_mask=None, value_mask=None: None)
        {'query': 'query_mask', 'value': 'value_mask'}
        >>> mask_arguments(lambda self, inputs, mask=None: None)
        {'inputs': 'mask'}
    """
    names = list(inspect.signature(call).parameters)[1:]
    found = {name: f"{name}_mask" for name in names if f"{name}_mask" in names}
    return {names[0]: "mask", **found} if "mask" in names[1:] else found


def fill_masks(wanted: Mapping[str, str], names: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Give a call the masks that its tensors carry, unless the caller passes others.

    Example:
        >>> kwargs = {}
        >>> fill_masks({"inputs": "mask"}, ["inputs", "mask"], (with_mask(Tensor([1.0]), Tensor([True])),), kwargs)
        >>> kwargs
        {'mask': Tensor([ True], bool)}
    """
    given = dict(zip(names, args, strict=False)) | kwargs
    for name, target in wanted.items():
        mask = masks_of(given.get(name))
        if given.get(target) is None and jax.tree.leaves(mask) and target not in names[: len(args)]:
            kwargs[target] = mask


def put_masks(outputs: Any, masks: Any) -> Any:
    """Outputs with their masks: one for the first output, or a list with one (or None) for each.

    An output that has a mask keeps it.

    Example:
        >>> [y.mask for y in put_masks([Tensor([1.0]), Tensor([2.0])], Tensor([True]))]
        [Tensor([ True], bool), None]
    """
    leaves, form = jax.tree.flatten(outputs)
    masks = list(masks) if isinstance(masks, (list, tuple)) else [masks]
    masks += [None] * (len(leaves) - len(masks))
    masks = [mask if mask is None or isinstance(mask, Tensor) else Tensor(mask) for mask in masks]
    carrying = [
        with_mask(leaf, mask) if mask is not None and isinstance(leaf, Tensor) and leaf.mask is None else leaf
        for leaf, mask in zip(leaves, masks, strict=False)
    ]
    return jax.tree.unflatten(form, carrying)


def warn_of_lost_mask(layer: Any) -> None:
    """Say that a mask ends at a layer that cannot pass it on."""
    warnings.warn(
        f"{type(layer).__name__} {layer.name!r} does not know masks: from here on padded places count like all others. "
        "Put it where the sequence has ended, or set supports_masking = True on a class of your own whose output has "
        "the input's time steps.",
        stacklevel=4,
    )
