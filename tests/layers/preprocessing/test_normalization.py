from typing import Any

import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, NotBuiltError, ShapeError, gradcheck
from lamina.data import Dataset
from lamina.layers import Dense, Input, Normalization


def test_batches_of_any_size_give_the_statistics_of_all(rng: np.random.Generator) -> None:
    """Against NumPy's two passes over all data, far from 0, where E[x²] − E[x]² has no digits left."""
    data = rng.normal(1e6, 2.0, (101, 3))
    layer = Normalization()
    layer.adapt(iter([data[:1], data[1:50], data[50:53], data[53:]]))
    np.testing.assert_allclose(layer.adapt_mean, data.mean(0), rtol=1e-7)
    np.testing.assert_allclose(layer.adapt_variance, data.var(0), rtol=1e-6)
    assert layer.count.numpy() == 101


@pytest.mark.parametrize("axis", [None, 1, 2, (1, 2), (-1, 1)])
def test_each_position_along_axis_has_its_own_statistics(axis: object, rng: np.random.Generator) -> None:
    data = rng.normal(size=(6, 2, 3))
    layer = Normalization(axis=axis)
    layer.adapt(data)
    reduced = tuple({0, 1, 2} - {a % 3 for a in np.atleast_1d([] if axis is None else axis).astype(int)})
    mean, deviation = data.mean(reduced, keepdims=True), data.std(reduced, keepdims=True)
    np.testing.assert_allclose(layer(data), (data - mean) / deviation, rtol=1e-5, atol=1e-6)


def test_sources_of_data_are_equal(rng: np.random.Generator) -> None:
    x = rng.normal(size=(10, 2)).astype("float32")
    expected = x.mean(0)
    rows = Dataset.from_arrays(x, np.arange(10))
    for data in (x, x.tolist(), lamina.Tensor(x), rows, rows.batch(3), [x[:4], x[4:]], (b for b in (x[:9], x[9:]))):
        layer = Normalization()
        layer.adapt(data)
        np.testing.assert_allclose(layer.adapt_mean, expected, rtol=1e-5, atol=1e-6)


def test_adapting_again_forgets_and_reaches_a_compiled_step(rng: np.random.Generator) -> None:
    x = rng.normal(size=(10, 2)).astype("float32")
    layer = Normalization()
    layer.adapt(x + 5)
    step = lamina.compile(lambda x: layer(x), max_compiles=1)
    step(lamina.Tensor(x))
    layer.adapt(x)
    np.testing.assert_allclose(step(lamina.Tensor(x)), (x - x.mean(0)) / x.std(0), rtol=1e-4, atol=1e-5)


def test_rows_of_a_dataset_can_be_mapped(rng: np.random.Generator) -> None:
    x = rng.normal(size=(6, 2)).astype("float32")
    layer = Normalization()
    layer.adapt(x)
    for data in (Dataset.from_arrays(x).map(layer).batch(6), Dataset.from_arrays(x).batch(6).map(layer)):
        np.testing.assert_allclose(next(iter(data)), layer(x), rtol=1e-6)


def test_invert_is_the_way_back(rng: np.random.Generator) -> None:
    x = rng.normal(3.0, 2.0, (10, 2)).astype("float32")
    there, back = Normalization(), Normalization(invert=True)
    there.adapt(x)
    back.adapt(x)
    np.testing.assert_allclose(back(there(x)), x, rtol=1e-5)


def test_gradients(x64: None, rng: np.random.Generator) -> None:
    layer = Normalization(dtype="float64")
    layer.adapt(rng.normal(size=(9, 3)))
    gradcheck(lambda x: (layer(x) ** 3).sum(), rng.normal(size=(4, 3)))
    assert not layer.trainable_variables


def test_before_adapt_it_refuses() -> None:
    layer = Normalization(name="n")
    with pytest.raises(NotBuiltError, match=r"Normalization 'n': mean and variance must be learnt .* layer.adapt"):
        layer(np.ones((2, 3)))
    step, x = lamina.compile(lambda x: layer(x)), lamina.Tensor(np.ones((2, 3)))
    with pytest.raises(NotBuiltError, match="must be learnt first"):
        step(x)
    layer.adapt(np.eye(3))
    assert np.isfinite(step(x)).all()
    layer.count.assign(0)
    assert np.isnan(step(x)).all()


def test_bad_data_is_refused() -> None:
    layer = Normalization(name="n")
    with pytest.raises(DataError, match=r"Normalization 'n'.* finite .*received nan at \(1, 0\)"):
        layer.adapt([[1.0], [np.nan]])
    with pytest.raises(DTypeError, match="must be whole numbers.*text, first 'a'"):
        layer.adapt([["a"]])
    with pytest.raises(DataError, match="nothing to learn from"):
        layer.adapt(iter([]))
    with pytest.raises(ShapeError, match="axis=None learns one mean"):
        Normalization().adapt(np.ones(3))
    with pytest.raises(ShapeError, match=r"axis must be one of the input's. Expected -2 ... 1, received \(2,\)"):
        Normalization(axis=2).adapt(np.ones((3, 3)))
    layer.adapt(np.ones((4, 1)))
    with pytest.raises(ShapeError, match=r"Expected \(1,\), received \(2,\)"):
        layer(np.ones((4, 2)))


def test_given_statistics_are_checked() -> None:
    for mean, variance in [(1.0, None), (None, 1.0), ([1.0], 1.0), ([[1.0]], [[1.0]])]:
        with pytest.raises(ArgumentError, match="given together"):
            Normalization(mean=mean, variance=variance)
    with pytest.raises(ArgumentError, match="nothing to learn"):
        Normalization(mean=1.0, variance=1.0).adapt(np.ones((2, 2)))


@pytest.mark.parametrize("start", [[], [Input((3,))]], ids=["from_data", "from_input"])
@pytest.mark.parametrize("eager", [False, True])
def test_a_model_is_not_trained_before_adapt(start: list[Any], eager: bool) -> None:
    layer, x = Normalization(name="n"), np.arange(12.0).reshape(4, 3)
    model = lamina.Sequential([*start, layer, Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", run_eagerly=eager)
    model.summary((None, 3))  # shapes can be told before
    before = model.get_weights()
    for use in (lambda: model.fit(x, x[:, :1], verbose=0), lambda: model.predict(x)):
        with pytest.raises(NotBuiltError, match="Normalization 'n': mean and variance must be learnt first"):
            use()
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    layer.adapt(x)
    np.testing.assert_allclose(model.predict(x)[:, 0], 3 * (x[:, 0] - 4.5) / np.sqrt(11.25), rtol=1e-5)
    assert np.isfinite(model.fit(x, x[:, :1], verbose=0).history["loss"]).all()


def test_given_statistics_need_no_adapt() -> None:
    model = lamina.Sequential([Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0])])
    np.testing.assert_allclose(model.predict(np.array([[3.0, 8.0]])), [[1.0, 2.0]], rtol=1e-6)
