"""State as JSON and arrays: arrays are taken out of a tree of plain values, and put back."""

import math
from typing import Any

import numpy as np

from ...core import DTypeError

_ARRAY, _FLOAT = "$array", "$float"


def pack(tree: Any, arrays: dict[str, np.ndarray], prefix: str) -> Any:
    """`tree` as values that strict JSON can hold; arrays in it are added to `arrays` under numbered names.

    Args:
        tree: dicts with string keys, lists, tuples (which become lists), numbers, strings, None and arrays.
        arrays: receives the arrays.
        prefix: of their names.

    Raises:
        DTypeError: something else is in it.

    Example:
        >>> arrays = {}
        >>> pack({"best": float("inf"), "weights": [np.ones(2)]}, arrays, "callbacks/")
        {'best': {'$float': 'inf'}, 'weights': [{'$array': 'callbacks/0'}]}
        >>> arrays
        {'callbacks/0': array([1., 1.])}
    """
    if isinstance(tree, dict):
        return {str(key): pack(value, arrays, prefix) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [pack(value, arrays, prefix) for value in tree]
    if isinstance(tree, np.generic):
        tree = tree.item()
    if isinstance(tree, float) and not math.isfinite(tree):
        return {_FLOAT: repr(tree)}
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if not hasattr(tree, "__array__"):
        raise DTypeError(
            "Checkpoints",
            "state is made of numbers, strings, lists, dicts and arrays",
            expected="plain values in state_dict()",
            received=f"a {type(tree).__name__}",
            remedy="Write it as such values, and read it back in load_state_dict",
        )
    name = f"{prefix}{sum(known.startswith(prefix) for known in arrays)}"
    arrays[name] = np.asarray(tree)
    return {_ARRAY: name}


def unpack(tree: Any, arrays: dict[str, np.ndarray]) -> Any:
    """What `pack` was given; tuples come back as lists.

    Example:
        >>> unpack([{"$float": "inf"}, {"$array": "a"}], {"a": np.ones(1)})
        [inf, array([1.])]
    """
    if isinstance(tree, list):
        return [unpack(value, arrays) for value in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == {_ARRAY}:
        return arrays[tree[_ARRAY]]
    if tree.keys() == {_FLOAT}:
        return float(tree[_FLOAT])
    return {key: unpack(value, arrays) for key, value in tree.items()}
