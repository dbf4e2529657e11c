"""Contract cases of pooling and upsampling. All numbers of an input differ, so that each maximum is smooth."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.interpolation import upsample_nearest
from lamina.ops.pooling import give_to_all, give_to_winners, max_pool_with_winners, take_from_winners, window_sum
from lamina.ops.windows import Window
from ops import nn_references as naive
from ops.contract import Case, Inputs

OVERLAPPING = Window((3, 2), (2, 1), ((1, 1), (0, 1)), (1, 1))
TILES = Window((2, 3), (2, 3), ((0, 0), (0, 0)), (1, 1))
SIZES = (5, 6)


def distinct(*shape: int) -> Inputs:
    return lambda rng: [rng.permutation(np.linspace(-1, 1, int(np.prod(shape)))).reshape(shape)]


def by_lax(start: float, combine: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Pooling by XLA's reduce_window."""

    def pool(x: Any, pool_size: Any, strides: Any = None, padding: Any = "valid") -> Any:
        rank = x.ndim - 2
        size = (pool_size,) * rank if isinstance(pool_size, int) else pool_size
        strides = size if strides is None else strides
        strides, pairs, _, _ = naive.geometry(x.shape[1:-1], size, strides, padding, 1)
        return jax.lax.reduce_window(x, start, combine, (1, *size, 1), (1, *strides, 1), ((0, 0), *pairs, (0, 0)))

    return pool


max_by_lax, sum_by_lax = by_lax(-np.inf, jax.lax.max), by_lax(0.0, jax.lax.add)


def average_by_lax(x: Any, pool_size: Any, **settings: Any) -> Any:
    return sum_by_lax(x, pool_size, **settings) / sum_by_lax(jnp.ones_like(x), pool_size, **settings)


def pool(name: str, *shape: int, **settings: Any) -> list[Case]:
    return [
        Case(f"max_pool {name}".strip(), ops.max_pool, distinct(*shape), settings, naive.max_pool, max_by_lax),
        Case(
            f"average_pool {name}".strip(),
            ops.average_pool,
            distinct(*shape),
            settings,
            naive.average_pool,
            average_by_lax,
        ),
    ]


def adaptive(name: str, *shape: int, output_size: Any) -> list[Case]:
    size = {"output_size": output_size}
    both = ((ops.adaptive_average_pool, np.mean), (ops.adaptive_max_pool, np.max))
    return [
        Case(f"{op.__name__} {name}", op, distinct(*shape), size, partial(naive.adaptive_pool, reduce=reduce))
        for op, reduce in both
    ]


def winners(x: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """The largest values, and the numbers of their taps."""
    largest = naive.max_pool(x, window.size, window.strides, window.padding)
    number = np.zeros(largest.shape, np.uint8)
    for o, k, i in naive.links(x.shape[1:-1], window.size, window.strides, window.padding):
        hit = x[:, *i] == largest[:, *o]
        number[:, *o][hit] = np.ravel_multi_index(k, window.size)
    return largest, number


def given(g: np.ndarray, winner: np.ndarray, window: Window, sizes: Any) -> np.ndarray:
    x = np.zeros((len(g), *sizes, g.shape[-1]))
    for o, k, i in naive.links(sizes, window.size, window.strides, window.padding):
        x[:, *i] += np.where(winner[:, *o] == np.ravel_multi_index(k, window.size), g[:, *o], 0)
    return x


def taken(x: np.ndarray, winner: np.ndarray, window: Window) -> np.ndarray:
    y = np.zeros(winner.shape)
    for o, k, i in naive.links(x.shape[1:-1], window.size, window.strides, window.padding):
        y[:, *o] += np.where(winner[:, *o] == np.ravel_multi_index(k, window.size), x[:, *i], 0)
    return y


def summed(x: np.ndarray, window: Window) -> np.ndarray:
    return naive.pooled(x, window.size, window.strides, window.padding, lambda values: values.sum(0))


def sum_by_window(x: Any, window: Window) -> Any:
    return sum_by_lax(x, window.size, window.strides, window.padding)


def given_to_all(g: np.ndarray, window: Window, sizes: Any) -> np.ndarray:
    x = np.zeros((len(g), *sizes, g.shape[-1]))
    for o, _, i in naive.links(sizes, window.size, window.strides, window.padding):
        x[:, *i] += g[:, *o]
    return x


def through_window(name: str, window: Window, outputs: tuple[int, int]) -> list[Case]:
    """The linear maps below pooling, with winners drawn among the taps that lie inside the input."""
    y, inside = (2, *outputs, 2), window.size[1] + 1 if window is OVERLAPPING else 0
    number = lambda rng: np.full(y, inside, np.uint8) + rng.integers(0, 2, y).astype(np.uint8) * (outputs[0] < 3)  # noqa: E731
    place = {"window": window, "sizes": SIZES}
    only = {"window": window}
    return [
        Case(f"max_pool_with_winners{name}", max_pool_with_winners, distinct(2, *SIZES, 2), only, winners),
        Case(f"give_to_winners{name}", give_to_winners, lambda rng: [rng.normal(size=y), number(rng)], place, given),
        Case(
            f"take_from_winners{name}",
            take_from_winners,
            lambda rng: [*distinct(2, *SIZES, 2)(rng), number(rng)],
            only,
            taken,
        ),
        Case(f"window_sum{name}", window_sum, distinct(2, *SIZES, 2), only, summed, sum_by_window),
        Case(f"give_to_all{name}", give_to_all, distinct(*y), place, given_to_all),
    ]


def blended(x: Any, size: Any, interpolation: str) -> Any:
    """JAX's resize, which has the same kernels."""
    larger = [n * k for n, k in zip(x.shape[1:-1], size, strict=True)]
    method = {"bilinear": "linear", "bicubic": "cubic"}.get(interpolation, interpolation)
    return jax.image.resize(x, (len(x), *larger, x.shape[-1]), method)


def repeated(x: np.ndarray, size: Any, interpolation: str = "nearest") -> np.ndarray:
    for axis, factor in enumerate(size, start=1):
        x = np.repeat(x, factor, axis)
    return x


CASES = [
    *pool("", 2, 4, 6, 3, pool_size=2),
    *pool("1-D", 2, 7, 3, pool_size=3),
    *pool("3-D", 1, 4, 3, 4, 2, pool_size=(2, 1, 2)),
    *pool("rest cut off", 2, 5, 7, 2, pool_size=(2, 3)),
    *pool("same", 2, 5, 7, 2, pool_size=2, padding="same"),
    *pool("overlapping", 2, 7, 6, 2, pool_size=3, strides=2),
    *pool("overlapping, same", 2, 5, 4, 2, pool_size=3, strides=1, padding="same"),
    *pool("gaps", 2, 7, 6, 2, pool_size=(2, 1), strides=(3, 2), padding="same"),
    *pool("of one", 2, 3, 2, 2, pool_size=1),
    *pool("pairs", 2, 4, 5, 2, pool_size=3, strides=2, padding=((1, 2), (0, 1))),
    Case(
        "average_pool with padding",
        ops.average_pool,
        distinct(2, 5, 4, 2),
        {"pool_size": 3, "strides": 2, "padding": "same", "count_include_pad": True},
        naive.average_pool,
    ),
    *adaptive("1-D", 2, 7, 3, output_size=3),
    *adaptive("2-D", 2, 5, 7, 2, output_size=(3, 2)),
    *adaptive("3-D", 1, 4, 3, 5, 2, output_size=[2, 3, 2]),
    *adaptive("even", 2, 6, 4, 2, output_size=2),
    *adaptive("to one", 2, 3, 4, 2, output_size=1),
    *adaptive("to more", 2, 3, 5, 2, output_size=(5, 7)),
    *through_window("", TILES, (2, 2)),
    *through_window(" overlapping", OVERLAPPING, (3, 6)),
    Case(
        "global_max_pool",
        ops.global_max_pool,
        distinct(2, 3, 4, 2),
        numpy=lambda x: x.max((1, 2)),
        jax=lambda x: x.max((1, 2)),
    ),
    Case(
        "global_max_pool keepdims",
        ops.global_max_pool,
        distinct(2, 5, 2),
        {"keepdims": True},
        lambda x, keepdims: x.max(1, keepdims=True),
    ),
    Case(
        "global_average_pool",
        ops.global_average_pool,
        distinct(2, 3, 4, 2),
        numpy=lambda x: x.mean((1, 2)),
        jax=lambda x: x.mean((1, 2)),
    ),
    Case(
        "global_average_pool keepdims",
        ops.global_average_pool,
        distinct(2, 5, 2),
        {"keepdims": True},
        lambda x, keepdims: x.mean(1, keepdims=True),
    ),
    Case(
        "upsample_nearest",
        upsample_nearest,
        distinct(2, 3, 2, 2),
        {"size": (2, 3)},
        repeated,
        lambda x, size: blended(x, size, "nearest"),
    ),
    Case("upsample", ops.upsample, distinct(2, 3, 2), {"size": (2,), "interpolation": "nearest"}, repeated, blended),
    *(
        Case(f"upsample {i}", ops.upsample, distinct(2, 3, 4, 2), {"size": (2, 3), "interpolation": i}, jax=blended)
        for i in ("bilinear", "bicubic", "lanczos3", "lanczos5")
    ),
]
