"""Cases of the ops that move numbers without changing them: shape, joining, indexing, diagonals, creation."""

import jax
import jax.numpy as jnp
import numpy as np

from lamina import Tensor, ops
from ops.contract import Case
from ops.domains import both, fixed, integers, normal

S = (2, 3, 4)
ROWS = fixed(np.int32([[0], [2], [0]]))
PAIRS = fixed(np.int32([[0, 1], [2, 0]]))


def moved(name, settings, domain=None, numpy=None, jax=None, title=""):
    """A case of a function that NumPy and JAX know by the same name and arguments."""
    numpy, jax = numpy or getattr(np, name), jax or getattr(jnp, name)
    return Case(f"{name}{title or settings or ''}", getattr(ops, name), domain or normal(S), settings, numpy, jax)


KEYS = {
    "int": 1,
    "negative": (-1, slice(None), -2),
    "slice": (slice(None), slice(1, 3)),
    "step": (Ellipsis, slice(0, None, 3)),
    "step and end": (slice(None), slice(None), slice(1, 4, 2)),
    "reversed": (slice(None, None, -1), Ellipsis, slice(2, None, -2)),
    "nothing": (slice(1, 1),),
    "None": (None, 0, None, slice(1, None)),
    "Ellipsis": (Ellipsis, None, 1),
    "array": (np.int32([1, 0, 1]),),
    "two arrays": (np.int32([1, 0]), slice(None), np.int32([[3], [0]])),
    "array with Ellipsis": (Ellipsis, np.int32([0, 0, -1]), slice(1, 3)),
    "list": ([1, 0, 1],),
    "mask": (np.array([True, False]),),
    "full mask": (np.arange(24).reshape(S) % 5 == 0,),
    "tensor": (slice(None), Tensor(np.int32([2, 0]))),
}


def read(x, key):
    parts = key if isinstance(key, tuple) else (key,)
    return x[tuple(np.asarray(part) if isinstance(part, (list, Tensor)) else part for part in parts)]


def placed(x, key, shape):
    result = np.zeros(shape)
    np.add.at(result, key, x)
    return result


def placed_jax(x, key, shape):
    return jnp.zeros(shape, x.dtype).at[key].add(x)


def scattered(update):
    def function(x, indices, updates):
        key = tuple(np.moveaxis(np.asarray(indices), -1, 0))
        if isinstance(x, jax.Array):
            return getattr(x.at[key], update)(updates)
        result = np.array(x)
        np.add.at(result, key, updates) if update == "add" else result.__setitem__(key, updates)
        return result

    return function


def scatter(indices, values, shape):
    zeros = np.zeros(shape) if isinstance(values, np.ndarray) else jnp.zeros(shape)
    return scattered("add")(zeros, indices, values)


def block(x, start_indices, shape):
    key = tuple(slice(int(s), int(s) + n) for s, n in zip(start_indices, shape, strict=True))
    return x[key]


def with_block(x, start_indices, updates):
    key = tuple(slice(int(s), int(s) + n) for s, n in zip(start_indices, updates.shape, strict=True))
    if isinstance(x, jax.Array):
        return x.at[key].set(updates)
    result = np.array(x)
    result[key] = updates
    return result


def one_hot(x, num_classes, axis):
    return np.moveaxis(np.eye(num_classes, dtype="float32")[x], -1, axis)


def diag_embed(x):
    return x[..., None] * np.eye(x.shape[-1])


def joined(name, settings, shapes):
    numpy, plain = getattr(np, name), getattr(jnp, name)
    return Case(f"{name}{settings}", getattr(ops, name), normal(*shapes), settings, numpy, plain, sequence=True)


START = fixed(np.int32([1, 0]))

CASES = [
    moved("reshape", {"shape": (4, -1)}),
    moved("transpose", {}),
    moved("transpose", {"axes": (1, 2, 0)}),
    moved("permute_dims", {"axes": (2, 0, 1)}),
    moved("matrix_transpose", {}),
    moved("swapaxes", {"axis1": 0, "axis2": -1}),
    moved("moveaxis", {"source": 0, "destination": -1}),
    moved("moveaxis", {"source": (0, 1), "destination": (2, 0)}),
    moved("expand_dims", {"axis": (0, -1)}),
    moved("squeeze", {}, normal((1, 3, 1))),
    moved("squeeze", {"axis": -1}, normal((1, 3, 1))),
    moved("broadcast_to", {"shape": (2, 3, 4)}, normal((3, 1))),
    moved("flip", {}),
    moved("flip", {"axis": (0, 2)}),
    moved("roll", {"shift": 2}),
    moved("roll", {"shift": (1, -2), "axis": (0, 2)}),
    *(
        moved("tile", {"repeats": r}, None, lambda x, repeats: np.tile(x, repeats),
              lambda x, repeats: jnp.tile(x, repeats))
        for r in (3, (2, 1, 1, 3))
    ),
    moved("repeat", {"repeats": 2}),
    moved("repeat", {"repeats": 3, "axis": 1}),
    moved("repeat", {"repeats": [1, 0, 2], "axis": -2}, jax=lambda x, repeats, axis: x[:, [0, 2, 2]]),
    Case("flatten", ops.flatten, normal(S), numpy=np.ravel, jax=jnp.ravel),
    Case("broadcast_arrays", ops.broadcast_arrays, normal((2, 1), (3,)), numpy=np.broadcast_arrays,
         jax=jnp.broadcast_arrays),
    Case("meshgrid", ops.meshgrid, normal((2,), (3,), (4,)), numpy=np.meshgrid, jax=jnp.meshgrid),
    Case("meshgrid(ij)", ops.meshgrid, normal((2,), (3,)), {"indexing": "ij"}, np.meshgrid),
    joined("concatenate", {"axis": 1}, [(2, 1), (2, 3)]),
    joined("concatenate", {"axis": None}, [(2, 1), (2, 3)]),
    joined("stack", {"axis": -1}, [(2, 3), (2, 3)]),
    moved("split", {"indices_or_sections": 2, "axis": -1}),
    moved("split", {"indices_or_sections": (1, 2), "axis": 1}),
    moved("unstack", {"axis": 1}),
    moved("pad", {"pad_width": 1}),
    *(
        moved("pad", {"pad_width": ((1, 0), (2, 1), (0, 0)), "mode": mode})
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ),
    Case("pad_constant", ops.pad_constant, normal((2, 3)), {"pad_width": ((1, 0), (0, 2)), "value": 5.0},
         lambda x, pad_width, value: np.pad(x, pad_width, constant_values=value),
         lambda x, pad_width, value: jnp.pad(x, pad_width, constant_values=value)),
    *(Case(f"getitem[{name}]", ops.getitem, normal(S), {"key": key}, read, read) for name, key in KEYS.items()),
    Case("place", ops.place, normal((3,)), {"key": (np.int32([0, 2, 0]),), "shape": (4,)}, placed, placed_jax),
    Case("place(slice)", ops.place, normal((2, 3)), {"key": (slice(1, 5, 3),), "shape": (6, 3)}, placed, placed_jax),
    Case("take", ops.take, both(normal(S), fixed(np.int32([[1, 0], [-1, 1]]))), {"axis": 1}, np.take, jnp.take),
    Case("take(flat)", ops.take, both(normal(S), fixed(np.int32([5, 5, 0]))), {}, np.take, jnp.take),
    Case("take_along_axis", ops.take_along_axis, both(normal((2, 3)), integers(0, 3, (2, 2))), {"axis": 1},
         np.take_along_axis, jnp.take_along_axis),
    Case("scatter", ops.scatter, both(ROWS, normal((3, 2))), {"shape": (4, 2)}, scatter, scatter),
    Case("scatter_add", ops.scatter_add, both(normal((3, 2)), ROWS, normal((3, 2))), {}, scattered("add"),
         scattered("add")),
    Case("scatter_update", ops.scatter_update, both(normal((3, 2)), PAIRS, normal((2,))), {}, scattered("set"),
         scattered("set")),
    Case("slice", ops.slice, both(normal((3, 4)), START), {"shape": (2, 3)}, block, block),
    Case("slice_update", ops.slice_update, both(normal((3, 4)), START, normal((2, 2))), {}, with_block, with_block),
    moved("diagonal", {"offset": 1, "axis1": 0, "axis2": 2}),
    moved("diagonal", {"offset": -1}),
    moved("trace", {"offset": 1}),
    moved("diag", {"k": 1}, normal((3,))),
    moved("diag", {"k": -1}, normal((3, 4))),
    Case("diag_embed", ops.diag_embed, normal((2, 3)), numpy=diag_embed, jax=lambda x: x[..., None] * jnp.eye(3)),
    moved("tril", {"k": 1}),
    moved("triu", {"k": -1}),
    Case("full", lambda x, shape: ops.full(shape, x), normal(()), {"shape": (2, 3)}, lambda x, shape: np.full(shape, x),
         also=("full",)),
    Case("full_like", ops.full_like, normal((2, 3), ()), {}, np.full_like, jnp.full_like),
    Case("zeros_like", ops.zeros_like, normal((2, 3)), {}, np.zeros_like, differentiable=False),
    Case("ones_like", ops.ones_like, normal((2, 3)), {}, np.ones_like, differentiable=False),
    Case("one_hot", ops.one_hot, integers(0, 4, (2, 3)), {"num_classes": 4, "axis": 1}, one_hot, dtypes=(),
         differentiable=False),
]  # fmt: skip
