"""Contract cases of resizing, warping, colour spaces and blur."""

import colorsys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.ndimage

from lamina import ops
from ops.contract import Case, Inputs


def images(*shape: int, low: float = 0.1, high: float = 1.0) -> Inputs:
    return lambda rng: [rng.uniform(low, high, shape)]


def by_jax_image(x: Any, size: Any, interpolation: str, antialias: bool = False) -> Any:
    return jax.image.resize(x, (x.shape[0], *size, x.shape[-1]), interpolation, antialias=antialias)


def by_means(x: np.ndarray, size: int, interpolation: str) -> np.ndarray:
    """Area resizing by whole factors: means of blocks."""
    n, h, w, c = x.shape
    return x.reshape(n, size, h // size, size, w // size, c).mean(axis=(2, 4))


def warp_inputs(rng: np.random.Generator) -> list[np.ndarray]:
    """Places between pixels, inside and outside a 4 x 5 image, away from where the blend has a kink."""
    rows, columns = (rng.integers(-4, 8, (2, 3, 3)) + rng.uniform(0.2, 0.4, (2, 3, 3)) for _ in range(2))
    return [rng.normal(size=(2, 4, 5, 3)), rows, columns]


SCIPY_MODES = {
    "constant": "grid-constant",
    "wrap": "grid-wrap",
    "nearest": "nearest",
    "reflect": "reflect",
    "mirror": "mirror",
}


def by_scipy(x: np.ndarray, rows: Any, columns: Any, interpolation: str = "bilinear", **rest: Any) -> np.ndarray:
    settings = {"order": int(interpolation == "bilinear"), "mode": SCIPY_MODES[rest.get("fill_mode", "constant")]}
    settings["cval"] = rest.get("fill_value", 0.0)
    maps = [
        [scipy.ndimage.map_coordinates(image[..., c], [r, k], **settings) for c in range(x.shape[-1])]
        for image, r, k in zip(x, rows, columns, strict=True)
    ]
    return np.moveaxis(np.array(maps), 1, -1)


def by_jax_ndimage(x: Any, rows: Any, columns: Any, interpolation: str = "bilinear", **rest: Any) -> Any:
    def one(plane: Any, r: Any, k: Any) -> Any:
        mode, fill = rest.get("fill_mode", "constant"), rest.get("fill_value", 0.0)
        return jax.scipy.ndimage.map_coordinates(plane, [r, k], int(interpolation == "bilinear"), mode, fill)

    by_channel = jax.vmap(one, in_axes=(-1, None, None), out_axes=-1)
    return jax.vmap(by_channel)(x, rows, columns)


def transforms(rng: np.random.Generator) -> list[np.ndarray]:
    near_identity = np.array([1.0, 0, 0.3, 0, 1.0, 0.3, 0, 0])
    return [rng.normal(size=(2, 4, 5, 2)), near_identity + rng.uniform(-0.02, 0.02, (2, 8))]


def by_matrix(x: Any, transform: Any) -> Any:
    """One pixel after the other: homogeneous coordinates."""
    across, down = np.meshgrid(np.arange(x.shape[2]), np.arange(x.shape[1]))
    points = np.stack([across, down, np.ones_like(across)]).astype("float64")
    matrices = jnp.concatenate([transform, jnp.ones_like(transform[:, :1])], axis=1).reshape(-1, 3, 3)
    places = jnp.einsum("nij,jhw->nihw", matrices, points)
    return by_jax_ndimage(x, places[:, 1] / places[:, 2], places[:, 0] / places[:, 2])


def corners(rng: np.random.Generator) -> list[np.ndarray]:
    square = np.array([[[0.0, 0], [4, 0], [0, 3], [4, 3]]] * 2)
    return [rng.normal(size=(2, 4, 5, 2)), square, square + rng.uniform(0.1, 0.4, (2, 4, 2))]


def by_counting(x: np.ndarray, bins: int) -> np.ndarray:
    """Each plane by itself: the rank of a value's bin among all pixels."""
    y = np.empty_like(x)
    for n, c in np.ndindex(x.shape[0], x.shape[-1]):
        plane = np.minimum((x[n, :, :, c] * (bins - 1) / 255).astype(int), bins - 1)
        first = np.sum(plane == plane.min())
        ranks = np.array([[np.sum(plane <= b) for b in row] for row in plane])
        y[n, :, :, c] = np.round(255 * (ranks - first) / (plane.size - first)) if first < plane.size else x[n, :, :, c]
    return y


def by_tables(x: np.ndarray, tiles: tuple[int, int], clip_limit: float) -> np.ndarray:
    """Pixel by pixel: what the tables of the tiles around it say, mixed by the distance to their middles."""
    (rows, columns), (height, width) = tiles, x.shape[1:3]
    high, wide = -(-height // rows), -(-width // columns)
    whole = np.pad(x, ((0, 0), (0, high * rows - height), (0, wide * columns - width), (0, 0)), mode="symmetric")

    def look(n: int, c: int, row: float, column: float, value: int) -> float:
        row, column = int(np.clip(row, 0, rows - 1)), int(np.clip(column, 0, columns - 1))
        tile = whole[n, row * high : (row + 1) * high, column * wide : (column + 1) * wide, c].astype(int)
        counts = np.array([float((tile == v).sum()) for v in range(256)])
        if clip_limit:
            most = clip_limit * tile.size / 256
            counts = np.minimum(counts, most) + np.maximum(counts - most, 0).sum() / 256
        below, first = counts[: value + 1].sum(), counts[0]
        return 255 * (below - first) / (tile.size - first) if first < tile.size else 0.0

    y = np.zeros_like(x)
    for n, i, j, c in np.ndindex(*x.shape):
        down, right = i / high - 0.5, j / wide - 0.5
        for row, by_row in ((np.floor(down), 1 - down % 1), (np.floor(down) + 1, down % 1)):
            for column, by_column in ((np.floor(right), 1 - right % 1), (np.floor(right) + 1, right % 1)):
                y[n, i, j, c] += by_row * by_column * look(n, c, row, column, int(x[n, i, j, c]))
    return y


def by_blur(x: Any, kernel_size: Any, sigma: float) -> Any:
    taps = [np.exp(-0.5 * ((np.arange(k) - (k - 1) / 2) / sigma) ** 2) for k in kernel_size]
    kernel = np.outer(taps[1] / taps[1].sum(), taps[0] / taps[0].sum())
    return scipy.ndimage.correlate(x, kernel[None, :, :, None], mode="constant")


def by_colorsys(function: str) -> Any:
    return lambda x: np.apply_along_axis(lambda pixel: getattr(colorsys, function)(*pixel), -1, x)


CASES = [
    *(
        Case(f"resize {i} {size}", ops.resize, images(2, 4, 5, 2), {"size": size, "interpolation": i}, jax=by_jax_image)
        for i in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
        for size in ((3, 8), (7, 2))
    ),
    Case(
        "resize antialias",
        ops.resize,
        images(2, 9, 7, 2),
        {"size": (4, 8), "interpolation": "bilinear", "antialias": True},
        jax=by_jax_image,
    ),
    Case("resize area", ops.resize, images(2, 6, 4, 2), {"size": 2, "interpolation": "area"}, numpy=by_means),
    *(
        Case(
            f"resample {mode}",
            ops.resample,
            warp_inputs,
            {"fill_mode": mode},
            by_scipy,
            by_jax_ndimage,
            dtypes=("float32",),
        )
        for mode in SCIPY_MODES
    ),
    Case(
        "resample nearest pixel",
        ops.resample,
        warp_inputs,
        {"interpolation": "nearest", "fill_mode": "constant", "fill_value": 2.0},
        by_scipy,
        dtypes=("float32",),
        second=False,
    ),
    Case("affine_transform", ops.affine_transform, transforms, jax=by_matrix, dtypes=("float32",)),
    Case("perspective_transform", ops.perspective_transform, corners, dtypes=("float32",), loose=10),
    Case("rgb_to_grayscale", ops.rgb_to_grayscale, images(2, 3, 3), numpy=lambda x: x @ [[0.2989], [0.587], [0.114]]),
    Case("rgb_to_hsv", ops.rgb_to_hsv, images(2, 4, 3), numpy=by_colorsys("rgb_to_hsv"), dtypes=("float32",)),
    Case("hsv_to_rgb", ops.hsv_to_rgb, images(2, 4, 3), numpy=by_colorsys("hsv_to_rgb"), dtypes=("float32",)),
    Case("gaussian_blur", ops.gaussian_blur, images(2, 5, 6, 2), {"kernel_size": (3, 5), "sigma": 0.8}, numpy=by_blur),
    Case(
        "equalize",
        ops.equalize,
        lambda rng: [np.concatenate([rng.uniform(0, 255, (2, 4, 5, 2)), np.full((2, 4, 5, 1), 7.0)], axis=-1)],
        {"bins": 16},
        numpy=by_counting,
        differentiable=False,
        dtypes=("float32",),
    ),
    *(
        Case(
            f"equalize_tiles_{clip_limit:.0f}",
            ops.equalize_tiles,
            lambda rng: [np.concatenate([rng.integers(0, 9, (2, 5, 7, 2)) * 30.0, np.full((2, 5, 7, 1), 7.0)], -1)],
            {"tiles": (2, 3), "clip_limit": clip_limit},
            numpy=by_tables,
            differentiable=False,
            dtypes=("float32",),
        )
        for clip_limit in (0.0, 40.0)
    ),
]
