"""Points in the plane whose classes follow a known curve: what a network can learn here can be drawn.

Every function takes (n, noise, seed) and gives x float32 (n, 2) and y int32 (n,). Classes take turns,
so their sizes differ by one at most; `noise` is the standard deviation of what is added to both coordinates.
"""

import numpy as np

from ..core import ArgumentError
from ..data.randomness import generator

Arrays = tuple[np.ndarray, np.ndarray]  # x, y


def xor(n: int = 1000, noise: float = 0.1, seed: int = 0) -> Arrays:
    """Exclusive or: the corners (0,0), (0,1), (1,0), (1,1) in turn, with classes 0, 1, 1, 0.

    No straight line separates the classes (Minsky and Papert 1969).

    Args:
        n: number of points.
        noise: standard deviation around the corners.
        seed: any integer.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n below 1 or noise below 0.

    Example:
        >>> x, y = xor(4, noise=0.0)
        >>> x.tolist(), y.tolist()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corner, _, shift = _draw("xor", n, noise, seed, classes=4)
    first, second = corner // 2, corner % 2
    return _points(first, second, shift), (first ^ second).astype(np.int32)


def moons(n: int = 1000, noise: float = 0.1, seed: int = 0) -> Arrays:
    """Two interleaved half circles of radius 1: (cos t, sin t) and (1 - cos t, 1/2 - sin t), t in [0, pi).

    Args:
        n: number of points.
        noise: standard deviation around the curves.
        seed: any integer.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n below 1 or noise below 0.

    Example:
        >>> x, y = moons(200, noise=0.0)
        >>> bool(np.allclose((x[y == 0] ** 2).sum(axis=1), 1.0))
        True
    """
    y, u, shift = _draw("moons", n, noise, seed, classes=2)
    cos, sin = np.cos(np.pi * u), np.sin(np.pi * u)
    return _points(np.where(y, 1 - cos, cos), np.where(y, 0.5 - sin, sin), shift), y


def circles(n: int = 1000, noise: float = 0.05, seed: int = 0, factor: float = 0.5) -> Arrays:
    """Two circles around the origin: class 0 of radius 1, class 1 of radius `factor`.

    Args:
        n: number of points.
        noise: standard deviation around the circles.
        seed: any integer.
        factor: radius of the inner circle.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n below 1 or noise below 0.

    Example:
        >>> x, y = circles(200, noise=0.0)
        >>> bool(np.allclose(np.hypot(*x[y == 1].T), 0.5))
        True
    """
    y, u, shift = _draw("circles", n, noise, seed, classes=2)
    radius, angle = np.where(y, factor, 1.0), 2 * np.pi * u
    return _points(radius * np.cos(angle), radius * np.sin(angle), shift), y


def spirals(n: int = 1000, noise: float = 0.02, seed: int = 0, arms: int = 2, turns: float = 1.5) -> Arrays:
    """Spiral arms: radius r in [0.1, 1), angle 2 pi (turns r + k / arms) for class k.

    Args:
        n: number of points.
        noise: standard deviation around the arms.
        seed: any integer.
        arms: number of classes.
        turns: how often an arm would wind around the origin from radius 0 to 1.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n or arms below 1, or noise below 0.

    Example:
        >>> x, y = spirals(300, noise=0.0, arms=3)
        >>> np.bincount(y).tolist(), bool(np.hypot(*x.T).max() < 1.0)
        ([100, 100, 100], True)
    """
    y, u, shift = _draw("spirals", n, noise, seed, classes=arms)
    radius = 0.1 + 0.9 * u
    angle = 2 * np.pi * (turns * radius + y / arms)
    return _points(radius * np.cos(angle), radius * np.sin(angle), shift), y


def blobs(n: int = 1000, noise: float = 0.2, seed: int = 0, centers: int = 3) -> Arrays:
    """Round clouds: class k lies around the point (cos a, sin a) of the unit circle, a = 2 pi k / centers.

    Args:
        n: number of points.
        noise: standard deviation of each cloud in both directions.
        seed: any integer.
        centers: number of classes.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n or centers below 1, or noise below 0.

    Example:
        >>> x, y = blobs(3000)
        >>> x[y == 0].mean(axis=0).round(1).tolist()
        [1.0, 0.0]
    """
    y, _, shift = _draw("blobs", n, noise, seed, classes=centers)
    angle = 2 * np.pi * y / centers
    return _points(np.cos(angle), np.sin(angle), shift), y


def lines(n: int = 1000, noise: float = 0.05, seed: int = 0) -> Arrays:
    """Two parallel lines x2 = x1 - 1/2 (class 0) and x2 = x1 + 1/2 (class 1), x1 in [-1, 1).

    Without noise the line x2 = x1 separates the classes with a margin of 1/sqrt(8) on both sides,
    so the perceptron rule converges on them.

    Args:
        n: number of points.
        noise: standard deviation around the lines.
        seed: any integer.

    Returns:
        x float32 (n, 2), y int32 (n,).

    Raises:
        ArgumentError: n below 1 or noise below 0.

    Example:
        >>> x, y = lines(100, noise=0.0)
        >>> bool(((x[:, 1] > x[:, 0]) == y).all())
        True
    """
    y, u, shift = _draw("lines", n, noise, seed, classes=2)
    along = 2 * u - 1
    return _points(along, along + y - 0.5, shift), y


def _draw(who: str, n: int, noise: float, seed: int, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class numbers 0 ... classes-1 in turn, places on the curve in [0, 1), and normal shifts (n, 2)."""
    for name, value, least in (("n", n, 1), ("noise", noise, 0), ("the number of classes", classes, 1)):
        if value < least:
            raise ArgumentError(
                who,
                f"{name} must be at least {least}",
                expected=f"{name} >= {least}",
                received=value,
                remedy=f"Pass a larger value for {name}",
            )
    rng = generator(seed)
    return np.arange(n, dtype=np.int32) % np.int32(classes), rng.random(n), noise * rng.standard_normal((n, 2))


def _points(first: np.ndarray, second: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return (np.stack([first, second], axis=1) + shift).astype(np.float32)
