"""Random numbers as a function of (seed, step, place): nothing hidden, everything repeatable.

A `scope` fixes seed and step; each draw inside it is told apart by its place (a layer's path)
and by how often that place has drawn in this scope. Bits come from a counter-based generator:
element i is a hash of i and the key, so any part can be made anywhere, in any order (Salmon et al.
2011, Parallel random numbers: as easy as 1, 2, 3). The hash is two keyed rounds of the 32-bit
finaliser with the constants of Wellons' search (lowbias32), about a tenth of threefry's cost.
"""

import contextlib
import contextvars
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .dtypes import floatx
from .tensor import Tensor
from .variable import Variable

Key = jax.Array  # two uint32 words
_GOLDEN = 0x9E3779B9  # 2^32 divided by the golden ratio: consecutive multiples spread evenly


class _Scope:
    """Seed and step of the draws in a context, given when there is a draw, and how many each place has made."""

    def __init__(self, words: Callable[[], tuple[Any, Any]]) -> None:
        self.words = words
        self.drawn: Counter[str] = Counter()


_scope: ContextVar[_Scope | None] = ContextVar("random_scope", default=None)
_seed = 0
_initial_draws = 0
# Outside any scope each draw is one step further. The position is a Variable, so that compiled functions
# carry it along; it is made at the first such draw, because making it starts JAX's device.
_position: Variable | None = None


def _outside() -> Variable:
    global _position
    if _position is None:
        _position = Variable(np.uint32(0), name="random_position", trainable=False)
    return _position


def set_seed(seed: int) -> None:
    """Start all randomness anew from `seed`: initial weights, dropout, shuffling.

    Args:
        seed: any integer.

    Example:
        >>> set_seed(1); a = uniform((2,)); set_seed(1); b = uniform((2,))
        >>> bool((a == b).all())
        True
    """
    global _seed, _initial_draws
    _seed, _initial_draws = int(seed) & 0xFFFFFFFF, 0
    if _position is not None:
        _position.assign(0)


def get_seed() -> int:
    """The seed in force.

    Example:
        >>> set_seed(7); get_seed()
        7
    """
    return _seed


def get_random_state() -> tuple[int, int, int]:
    """Where all randomness outside of steps stands: the seed, and how much has been drawn since.

    Steps of `fit` need none: theirs is a function of the seed and the step.

    Example:
        >>> set_seed(7); state = get_random_state(); a = uniform((2,))
        >>> set_random_state(state); b = uniform((2,))
        >>> state, bool((a == b).all())
        ((7, 0, 0), True)

    Keras' `SeedGenerator` keeps such a state in an object of its own.
    """
    return _seed, _initial_draws, 0 if _position is None else int(_position.numpy())


def set_random_state(state: Sequence[int]) -> None:
    """Let randomness go on from a state that `get_random_state` has returned.

    Args:
        state: (seed, number of initial weights drawn, number of other draws).

    Example:
        >>> set_random_state((7, 0, 3)); get_random_state()
        (7, 0, 3)
    """
    global _initial_draws
    seed, initial_draws, position = state
    set_seed(seed)
    _initial_draws = int(initial_draws)
    if position or _position is not None:
        _outside().assign(position)


@contextlib.contextmanager
def random_scope(seed: Any, step: Any) -> Iterator[None]:
    """Draws inside the block depend on `seed`, `step` and their place only.

    Args:
        seed: integer.
        step: integer or traced integer array: the number of the training step.

    Example:
        >>> with random_scope(0, step=7): a = uniform((2,))
        >>> with random_scope(0, step=7): b = uniform((2,))
        >>> bool((a == b).all())
        True
    """
    with _within(_Scope(lambda: (seed, step))):
        yield


@contextlib.contextmanager
def _within(scope: _Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextlib.contextmanager
def key_scope(key: Callable[[], Key], number: Any = 0) -> Iterator[None]:
    """Draws inside the block depend on `key`, which is asked for at the first of them, on `number` and their place.

    Example:
        >>> key = LateKey("loop")
        >>> with key_scope(key, 1): a = uniform((2,))
        >>> with key_scope(key, 2): b = uniform((2,))
        >>> bool((a == b).any())
        False
    """

    def words() -> tuple[Any, Any]:
        first, second = key()
        return first, second + jnp.asarray(number).astype(jnp.uint32)

    with _within(_Scope(words)):
        yield


def _mix(x: jax.Array) -> jax.Array:
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def next_key(place: str = "") -> Key:
    """The key of the next draw at `place`: two words hashed from (seed, step, place, count)."""
    scope = _scope.get()
    if scope is None:
        position = _outside()
        seed, step, count = _seed, position.array, 0
        position.assign(step + jnp.uint32(1))
    else:
        (seed, step), count = scope.words(), scope.drawn[place]
        scope.drawn[place] += 1
    where = jnp.uint32(zlib.crc32(f"{place}#{count}".encode()))
    words = [jnp.asarray(w).astype(jnp.uint32) for w in (seed, step)]
    first = _mix(_mix(words[0] + jnp.uint32(_GOLDEN)) ^ words[1])
    return jnp.stack([_mix(first ^ where), _mix(first + where * jnp.uint32(_GOLDEN))])


class LateKey:
    """The key of a draw at `place`, drawn when it is first asked for, in the scope that this object was made in.

    Example:
        >>> with random_scope(0, step=1): key = LateKey("dropout")
        >>> with random_scope(0, step=1): bool((key() == next_key("dropout")).all())
        True
    """

    def __init__(self, place: str) -> None:
        self.place, self._context = place, contextvars.copy_context()
        self._key: Key | None = None

    def __call__(self) -> Key:
        if self._key is None:
            self._key = self._context.copy().run(next_key, self.place)
        return self._key


def random_bits(key: Key, shape: Sequence[int]) -> jax.Array:
    """Independent uniform 32-bit words.

    Args:
        key: from `next_key`.
        shape: of the result; fewer than 2^32 elements.
    """
    size = 1
    for n in shape:
        size *= n
    counter = jax.lax.iota(jnp.uint32, size)
    return _mix(_mix(counter * jnp.uint32(_GOLDEN) ^ key[0]) + key[1]).reshape(tuple(shape))


def _unit_interval(bits: jax.Array) -> jax.Array:
    """Words to floats in [0, 1): the upper 24 bits, which float32 holds exactly."""
    return (bits >> 8).astype(jnp.float32) * jnp.float32(2**-24)


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, place: str = ""
) -> Tensor:
    """Uniform random numbers in [minval, maxval).

    Example:
        >>> set_seed(0); x = uniform((1000,)); bool(abs(x.mean() - 0.5) < 0.03)
        True
    """
    unit = _unit_interval(random_bits(next_key(place), shape))
    return Tensor._of((unit * (maxval - minval) + minval).astype(dtype or floatx()))


def normal(shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, place: str = "") -> Tensor:
    """Normal random numbers, by inverting the distribution function.

    Example:
        >>> set_seed(0); x = normal((1000,)); bool(abs(x.std() - 1.0) < 0.1)
        True
    """
    centred = _unit_interval(random_bits(next_key(place), shape)) + jnp.float32(2**-25)  # never 0 or 1
    return Tensor._of((jax.scipy.special.ndtri(centred) * stddev + mean).astype(dtype or floatx()))


def bernoulli(shape: Sequence[int], p: float, place: str = "") -> Tensor:
    """True with probability `p`.

    Example:
        >>> set_seed(0); bool(abs(bernoulli((1000,), 0.3).astype("float32").mean() - 0.3) < 0.05)
        True
    """
    return Tensor._of(coin(next_key(place), p, shape))


def coin(key: Key, p: Any, shape: Sequence[int]) -> jax.Array:
    """Boolean array, true with probability p (resolution 2^-32); the form that ops use on arrays."""
    threshold = min(round(float(p) * 2**32), 2**32 - 1)
    return random_bits(key, shape) < jnp.uint32(threshold) if p < 1.0 else jnp.ones(tuple(shape), bool)


def initial_generator(seed: int | None = None) -> np.random.Generator:
    """A NumPy generator for first weights: of `seed`, or the next in order since `set_seed`.

    Weights are drawn on the host because a JAX program would have to be compiled for every shape.
    """
    global _initial_draws
    if seed is None:
        _initial_draws += 1
    key = (_seed, _initial_draws) if seed is None else (seed & 0xFFFFFFFF, 0)
    return np.random.Generator(np.random.Philox(key=np.array(key, np.uint64)))
