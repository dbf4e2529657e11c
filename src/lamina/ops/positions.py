"""Where a token stands in its sequence: rotations, sine waves, and a bias for attention."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Array, ShapeError, Tensor, op
from ..core.dtypes import floatx
from .attention_parts import wide_type


def _even(size: int, who: str) -> int:
    if size % 2 == 0:
        return size
    raise ShapeError(
        who,
        "features are turned in pairs",
        expected="an even size of the last axis",
        received=size,
        remedy="Choose an even number of features per head",
    )


@op
def rotary_embedding(x: Array, positions: Array, base: float = 10000.0, interleaved: bool = False) -> Any:
    """Each pair (a, b) of features is turned by an angle θ = p·base^(−2i/H): (a cos θ − b sin θ, a sin θ + b cos θ).

    p is the place in the sequence, i = 0 ... H/2 − 1 the number of the pair. The product of a query and a key turned
    like this depends on the difference of their places only.

    Args:
        x: (N, T, ..., H), for example the queries (N, T, A, H).
        positions: p, (T,) or (N, T), whole numbers or fractions.
        base: the slowest pair turns by about one radian in `base` places.
        interleaved: pairs are neighbours, features 2i and 2i + 1, as in the paper; otherwise i and i + H/2.

    Returns:
        Of x's shape and type; the angles are worked out in float32 at least.

    Raises:
        ShapeError: H is odd, or the positions do not fit.

    Example:
        >>> import math
        >>> from lamina import ops
        >>> x = [[[1.0, 0.0], [1.0, 0.0]]]  # N = 1, T = 2, H = 2
        >>> ops.rotary_embedding(x, [0.0, math.pi / 3]).tolist()
        [[[1.0, 0.0], [0.500, 0.866]]]

    Reference: Su et al. 2021, RoFormer, arXiv 2104.09864. With halves: GPT-NeoX, Llama, KerasHub.
    """
    half, wide = _even(x.shape[-1], "rotary_embedding") // 2, wide_type(x)
    if positions.shape not in ((x.shape[1],), x.shape[:2]):
        raise ShapeError(
            "rotary_embedding",
            "there is one position for each place in the sequence",
            expected=f"{x.shape[1:2]} or {x.shape[:2]}",
            received=positions.shape,
            remedy="The sequence is axis 1 of x",
        )
    speeds = jnp.asarray(base ** (-np.arange(half) / half), wide)
    angles = positions.astype(wide)[..., None] * speeds
    angles = angles.reshape(*angles.shape[:-1], *[1] * (x.ndim - 3), half)
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    pairs = (x[..., ::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    a, b = (part.astype(wide) for part in pairs)
    turned = a * cos - b * sin, a * sin + b * cos
    y = jnp.stack(turned, -1).reshape(x.shape) if interleaved else jnp.concatenate(turned, -1)
    return y.astype(x.dtype), (positions, base, interleaved)


@rotary_embedding.backward
def _(kept: Any, g: Tensor) -> Any:
    positions, base, interleaved = kept
    return rotary_embedding(g, -positions, base, interleaved), None  # the transpose of a rotation turns back


def sine_waves(positions: Any, features: int, base: float) -> Any:
    """The rows of `sinusoidal_positions` for any positions (...,): (..., U). Known places (NumPy) in float64, for an
    angle of 10,000 radians has lost three digits in float32; in a program in float32."""
    known = isinstance(positions, np.ndarray)
    library, dtype = (np, np.float64) if known else (jnp, jnp.float32)
    speeds = (base ** (-2.0 * (np.arange(features) // 2) / features)).astype(dtype)
    angles = positions[..., None].astype(dtype) * speeds
    return library.where(np.arange(features) % 2 == 0, library.sin(angles), library.cos(angles))  # type: ignore[attr-defined]


def sinusoidal_positions(length: int, features: int, base: float = 10000.0, dtype: Any = None) -> Tensor:
    """A fixed vector for every place p: y[p, 2i] = sin(p / base^(2i/U)), y[p, 2i+1] = cos(p / base^(2i/U)).

    Args:
        length: T, number of places.
        features: U.
        base: the slowest wave is 2π · base places long.
        dtype: float type, by default `floatx()`.

    Returns:
        (T, U).

    Example:
        >>> from lamina import ops
        >>> ops.sinusoidal_positions(2, 4).tolist()
        [[0.0, 1.0, 0.0, 1.0], [0.8415, 0.5403, 0.0100, 0.9999]]

    Reference: Vaswani et al. 2017, arXiv 1706.03762, section 3.5.
    """
    return Tensor(sine_waves(np.arange(length), features, base), dtype or floatx())


def alibi_slopes(heads: int) -> list[float]:
    """The slope of each head: 2^(−8h/A) for h = 1 ... A. For other than powers of two, those of the power below, then
    every second one of the power above, as in the paper's code.

    Example:
        >>> alibi_slopes(4), alibi_slopes(3)
        ([0.25, 0.0625, 0.015625, 0.00390625], [0.0625, 0.00390625, 0.25])
    """
    if heads < 1:
        raise ArgumentError("alibi_bias", "there is a head at least", expected="heads >= 1", received=heads,
                            remedy="Pass the number of heads")  # fmt: skip
    power = 2 ** math.floor(math.log2(heads))
    slopes = [2.0 ** (-8.0 * h / power) for h in range(1, power + 1)]
    return slopes + [2.0 ** (-4.0 * h / power) for h in range(1, 2 * power, 2)][: heads - power]


def alibi_bias(heads: int, queries: int, keys: int | None = None, dtype: Any = None) -> Tensor:
    """A bias for attention scores that falls with distance: b[h, t, s] = −m_h · |t − s|, m_h the slope of head h.

    With it attention needs no positions in its input, and works beyond the lengths that it was trained on.

    Args:
        heads: A.
        queries, keys: T and S; keys = queries if None. The last query stands at the place of the last key.
        dtype: float type, by default `floatx()`.

    Returns:
        (A, T, S), the `bias` of `dot_product_attention`.

    Example:
        >>> from lamina import ops
        >>> ops.alibi_bias(2, 1, 3).tolist()
        [[[-0.125, -0.0625, -0.0]], [[-0.0078, -0.0039, -0.0]]]

    Reference: Press, Smith and Lewis 2021, Train short, test long, arXiv 2108.12409.
    """
    keys = queries if keys is None else keys
    places = np.arange(queries) + keys - queries
    distance = np.abs(places[:, None] - np.arange(keys))
    return Tensor(-np.asarray(alibi_slopes(heads))[:, None, None] * distance, dtype or floatx())
