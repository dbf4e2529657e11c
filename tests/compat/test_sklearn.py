"""scikit-learn's own checks, and its tools around a Lamina model."""

import pickle

import jax
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_sample_weight_equivalence_on_dense_data, parametrize_with_checks

import lamina
from lamina.compat.sklearn import LaminaClassifier, LaminaRegressor, LaminaTransformer
from lamina.core import ArgumentError
from lamina.layers import Dense, Flatten
from lamina.optimizers import Adam

# scikit-learn's checks bring data around 100, which is rightly called unscaled
pytestmark = pytest.mark.filterwarnings("ignore::lamina.training.doctor.DoctorWarning")

# In float32 a sum over repeated rows differs from the weighted sum in the last digits, and the check asks for
# 1e-7; `test_a_weight_is_a_number_of_rows` shows that in float64 the same check passes.
EXPECTED_FAILED = {"check_sample_weight_equivalence_on_dense_data": "the last digits of float32"}
FULL_BATCH = {"epochs": 200, "batch_size": 300}


class Recipe:
    """A function that builds a model, named alike in every process: it stands in the names of the checks."""

    def __init__(self, function):
        self.function = function

    def __call__(self, **arguments):
        return self.function(**arguments)

    def __repr__(self):
        return self.function.__name__

    def __reduce__(self):
        return self.function.__name__  # copied and pickled as functions are: by name


@Recipe
def classifier(X, y, units=8, softmax=True):
    model = lamina.Sequential([Dense(units, "tanh"), Dense(y.shape[1], "softmax" if softmax else None)])
    model.compile(Adam(0.05), lamina.losses.CategoricalCrossentropy(from_logits=not softmax), metrics=["accuracy"])
    return model


@Recipe
def regressor(X, y, units=8):
    model = lamina.Sequential([Dense(units, "tanh"), Dense(y.shape[1])])
    model.compile(Adam(0.05), "mse")
    return model


@pytest.mark.slow
@parametrize_with_checks(
    [LaminaClassifier(classifier, fit_kwargs=FULL_BATCH), LaminaRegressor(regressor, fit_kwargs=FULL_BATCH)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILED,
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [LaminaTransformer(regressor, fit_kwargs={"epochs": 3, "batch_size": 300})],
    expected_failed_checks=lambda estimator: EXPECTED_FAILED,
    xfail_strict=False,  # after three epochs these digits agree on some processors
)
def test_scikit_learns_checks_of_a_transformer(estimator, check):
    check(estimator)


@pytest.fixture
def float64():
    lamina.set_dtype_policy("float64")  # which switches JAX's 64-bit types on, too
    yield
    lamina.set_dtype_policy("float32")
    jax.config.update("jax_enable_x64", False)


@pytest.mark.parametrize("kind", [LaminaClassifier, LaminaRegressor, LaminaTransformer])
def test_a_weight_is_a_number_of_rows(kind, float64):
    estimator = kind(classifier if kind is LaminaClassifier else regressor, fit_kwargs=FULL_BATCH)
    check_sample_weight_equivalence_on_dense_data(kind.__name__, estimator)


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    return x, np.array(["setosa", "versicolor", "virginica"])[y]


def test_in_a_pipeline_with_cross_validation_and_search(iris):
    x, y = iris
    pipeline = make_pipeline(StandardScaler(), LaminaClassifier(classifier, fit_kwargs=FULL_BATCH, random_state=0))
    assert cross_val_score(pipeline, x, y, cv=3).mean() > 0.9
    grid = {"laminaclassifier__model_kwargs": [{"units": 1}, {"units": 8}]}
    search = GridSearchCV(pipeline, grid, cv=2, scoring="neg_log_loss").fit(x, y)
    assert search.best_params_["laminaclassifier__model_kwargs"] == {"units": 8}
    assert search.predict(x[:3]).tolist() == ["setosa"] * 3
    assert search.score(x, y) < 0  # the scoring chosen above


def test_a_regressor_in_a_pipeline():
    x, y = load_diabetes(return_X_y=True)
    y = (y - y.mean()) / y.std()
    model = LaminaRegressor(regressor, model_kwargs={"units": 4}, fit_kwargs={"epochs": 20}, random_state=0)
    pipeline = make_pipeline(StandardScaler(), model)
    assert np.corrcoef(cross_val_predict(pipeline, x, y, cv=2), y)[0, 1] > 0.5
    both = np.column_stack([y, -y])
    assert pipeline.fit(x, both).predict(x).shape == both.shape
    assert MultiOutputRegressor(pipeline).fit(x, both).score(x, both) > 0.3


def test_logits_and_probabilities_mean_the_same(iris):
    x, y = iris
    results = [
        LaminaClassifier(classifier, model_kwargs={"softmax": softmax}, fit_kwargs={"epochs": 4}, random_state=3)
        .fit(x, y)
        .predict_proba(x)
        for softmax in (True, False)
    ]
    np.testing.assert_allclose(*results, atol=1e-3)
    np.testing.assert_allclose(results[0].sum(axis=1), 1.0, atol=1e-6)


def test_random_state(iris):
    x, y = iris

    def probabilities(seed):
        model = LaminaClassifier(classifier, fit_kwargs={"epochs": 2}, random_state=seed)
        return model.fit(x, y).predict_proba(x)

    lamina.set_seed(5)
    assert np.array_equal(probabilities(1), probabilities(1)) and not np.array_equal(probabilities(1), probabilities(2))
    assert lamina.core.get_seed() == 5
    before = lamina.get_random_state()
    probabilities(3)
    assert lamina.get_random_state() == before  # a seed of its own leaves the randomness outside alone
    first = probabilities(None)
    assert not np.array_equal(first, probabilities(None))  # goes on
    lamina.set_seed(5)
    assert np.array_equal(first, probabilities(None))


def test_warm_start_goes_on(iris):
    x, y = iris
    model = LaminaClassifier(classifier, warm_start=True, fit_kwargs={"epochs": 5}, random_state=0)
    first = model.fit(x, y).history_["loss"][-1]
    network = model.model_
    assert model.fit(x, y).model_ is network and model.history_["loss"][-1] < first
    assert model.set_params(warm_start=False).fit(x, y).model_ is not network


def test_pickled_and_copied_with_config_and_weights_only(iris):
    x, y = iris
    model = LaminaClassifier(classifier, fit_kwargs={"epochs": 2}, random_state=0).fit(x, y)
    state = model.__getstate__()
    assert isinstance(state["model_"], bytes) and state["model_"][:2] == b"PK"  # a .lamina file
    again = pickle.loads(pickle.dumps(model))  # noqa: S301
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    assert again.set_params(warm_start=True).fit(x, y).history_["loss"][-1] < model.history_["loss"][-1]
    assert not hasattr(clone(model), "model_")


def test_refused(iris):
    x, y = iris
    with pytest.raises(ArgumentError, match="the function builds a compiled model. Expected .* received <Sequential"):
        LaminaClassifier(lambda X, y: lamina.Sequential([Dense(3)])).fit(x, y)
    with pytest.raises(ArgumentError, match="at least two classes, received one class, .*setosa"):
        LaminaClassifier(classifier).fit(x, y, sample_weight=y == "setosa")


def test_a_second_prediction_does_not_compile(iris):
    x, y = iris
    model = LaminaClassifier(classifier, fit_kwargs={"epochs": 1}).fit(x, y)
    model.predict(x)
    before = len(model.model_._forward.compilations)
    model.predict(x)
    assert len(model.model_._forward.compilations) == before


def test_a_transformer_feeds_the_next_step(iris):
    """Two numbers of a bottleneck that has to give the four measures back tell the kinds apart."""
    x, y = iris

    def autoencoder(X, y):
        model = lamina.Sequential([Dense(2, name="code"), Dense(y.shape[1])])
        model.compile(Adam(0.05), "mse")
        return model

    scaled = StandardScaler().fit_transform(x)
    transformer = LaminaTransformer(autoencoder, fit_kwargs={"epochs": 60}, random_state=0, reconstruct=True)
    codes = transformer.fit_transform(scaled)
    assert codes.shape == x.shape and codes.dtype == np.float32
    assert np.mean((codes - scaled) ** 2) < 0.06  # two directions hold 96% of the variance
    assert np.linalg.matrix_rank(codes - codes.mean(0), tol=1e-3) == 2
    pipeline = make_pipeline(StandardScaler(), transformer, LogisticRegression(max_iter=1000))
    assert cross_val_score(pipeline, x, y, cv=2).mean() > 0.85


def test_pictures_as_inputs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4, 4, 1))
    y = x[:, :2].mean((1, 2, 3)) > x[:, 2:].mean((1, 2, 3))

    def halves(X, y):
        model = lamina.Sequential([Flatten(), Dense(y.shape[1], "softmax" if y.shape[1] > 1 else None)])
        model.compile(Adam(0.1), "categorical_crossentropy" if y.shape[1] > 1 else "mse")
        return model

    options = {"fit_kwargs": {"epochs": 40}, "random_state": 0}
    assert LaminaClassifier(halves, **options).fit(x, y).score(x, y) > 0.95
    assert LaminaRegressor(halves, **options).fit(x, x.sum((1, 2, 3))).predict(x[:3]).shape == (3,)
    assert LaminaTransformer(halves, **options).fit(x, x.sum((1, 2, 3))).transform(x[:3]).shape == (3, 1)
