import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.layers import GroupNormalization, LayerNormalization, RMSNormalization, UnitNormalization


def standardized(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-3)


def test_layer_normalization_is_the_formula(rng: np.random.Generator) -> None:
    x, gamma, beta = rng.normal(2.0, 3.0, size=(2, 3, 4)), rng.normal(size=4), rng.normal(size=4)
    layer = LayerNormalization()
    layer(x)
    layer.set_weights([gamma, beta])
    np.testing.assert_allclose(layer(x), gamma * standardized(x, (-1,)) + beta, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("axis", [[1, 2], [2, 1], (-1, 1)])
def test_axes_in_any_order_mean_the_same(rng: np.random.Generator, axis: list[int]) -> None:
    x, gamma = rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4))
    layer = LayerNormalization(axis, center=False)
    layer(x)
    layer.set_weights([gamma])
    np.testing.assert_allclose(layer(x), gamma * standardized(x, (1, 2)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("groups", "size"), [(1, 6), (2, 3), (6, 1), (-1, 1)])
def test_group_normalization_is_the_formula(rng: np.random.Generator, groups: int, size: int) -> None:
    x, gamma, beta = rng.normal(2.0, 3.0, size=(2, 4, 5, 6)), rng.normal(size=6), rng.normal(size=6)
    layer = GroupNormalization(groups)
    layer(x)
    layer.set_weights([gamma, beta])
    parts = [standardized(x[..., i : i + size], (1, 2, 3)) for i in range(0, 6, size)]
    np.testing.assert_allclose(layer(x), gamma * np.concatenate(parts, -1) + beta, rtol=1e-4, atol=1e-5)


def test_groups_must_divide_the_channels() -> None:
    with pytest.raises(
        ArgumentError, match="groups must divide the channels. Expected a divisor of 6, or -1, received 32"
    ):
        GroupNormalization()(np.ones((1, 2, 6)))


def test_rms_and_unit_normalization_are_the_formulas(rng: np.random.Generator) -> None:
    x, scale = rng.normal(size=(2, 3)), rng.normal(size=3)
    layer = RMSNormalization()
    layer(x)
    layer.set_weights([scale])
    np.testing.assert_allclose(layer(x), scale * x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6), rtol=1e-5)
    np.testing.assert_allclose(UnitNormalization(axis=0)(x), x / np.linalg.norm(x, axis=0), rtol=1e-5)
