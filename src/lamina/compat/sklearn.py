"""scikit-learn estimators around a function that builds a model, for its pipelines, searches and scores.

`from lamina.compat.sklearn import LaminaClassifier` needs scikit-learn: pip install 'lamina[data]'.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..core import ArgumentError, get_random_state, require, set_random_state, set_seed
from ..data import to_categorical
from ..models import Model, load_model
from ..training.report import as_probabilities

_base: Any = require("sklearn.base", extra="data")
_utils: Any = require("sklearn.utils", extra="data")
_multiclass: Any = require("sklearn.utils.multiclass", extra="data")
_validation: Any = require("sklearn.utils.validation", extra="data")

__all__ = ["LaminaClassifier", "LaminaRegressor", "LaminaTransformer"]
_FLOATS = [np.float64, np.float32]
_ROWS = 256  # predicted at once: one program for all numbers of rows, and a row gets the same digits in any company


class _Estimator(_base.BaseEstimator):  # type: ignore[misc]
    """What the estimators share: parameters, fitting, and being copied or pickled."""

    _numeric = False  # whether targets are numbers

    def __init__(
        self,
        model: Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_kwargs: Any) -> Self:
        """Build a model and train it.

        Args:
            X: (N, F), or (N, ...) for images and sequences.
            y: targets (N,); several per row, (N, U), for regression.
            sample_weight: (N,); only their ratios count, and rows of weight 0 are left out.
            fit_kwargs: as for `Model.fit`; they come before the parameter of this name.
        """
        X, y = self._checked(X, y)
        if sample_weight is not None:
            weights = _validation._check_sample_weight(sample_weight, X, dtype=np.float64)
            kept = weights != 0
            X, y, weights = X[kept], y[kept], weights[kept]
            sample_weight = weights / weights.mean()  # so that a weight of 2 is the row twice, whatever the others
        targets = self._targets(y)
        settings = {"verbose": 0, **(self.fit_kwargs or {}), **fit_kwargs}
        before = get_random_state()
        try:
            if self.random_state is not None:
                set_seed(_utils.check_random_state(self.random_state).randint(2**31))
            if not (self.warm_start and hasattr(self, "model_")):
                self.model_ = self._built(X, targets)
            self.history_ = self.model_.fit(X, targets, sample_weight=sample_weight, **settings).history
        finally:
            if self.random_state is not None:
                set_random_state(before)
        return self

    def _checked(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        found: tuple[np.ndarray, np.ndarray] = _validation.validate_data(
            self, X, y, dtype=_FLOATS, multi_output=True, y_numeric=self._numeric, allow_nd=True
        )
        return found

    def _targets(self, y: np.ndarray) -> np.ndarray:
        """What the model is trained on."""
        raise NotImplementedError(f"{type(self).__name__} must define _targets(y)")

    def _built(self, X: np.ndarray, y: np.ndarray) -> Model:
        model = self.model(X=X, y=y, **(self.model_kwargs or {}))
        if isinstance(model, Model) and model.objective is not None:
            return model
        raise ArgumentError(
            type(self).__name__,
            "the function builds a compiled model",
            expected="a Model after model.compile(optimizer, loss)",
            received=repr(model),
            remedy="Compile the model in the function and return it",
        )

    def _outputs(self, X: Any) -> np.ndarray:
        _validation.check_is_fitted(self, "model_")
        X = _validation.validate_data(self, X, dtype=_FLOATS, reset=False, allow_nd=True)
        whole_batches = np.pad(X, ((0, -len(X) % _ROWS), *((0, 0),) * (X.ndim - 1)))
        outputs: np.ndarray = self.model_.predict(whole_batches, batch_size=_ROWS)
        return outputs[: len(X)]

    def __getstate__(self) -> dict[str, Any]:
        """The parameters and, of a trained model, the bytes of its `.lamina` file: config and weights, no code."""
        state = dict(super().__getstate__())
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "model.lamina")
                state["model_"].save(path)
                state["model_"] = path.read_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "model.lamina")
                path.write_bytes(state["model_"])
                state = {**state, "model_": load_model(path)}
        super().__setstate__(state)


class LaminaClassifier(_base.ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A scikit-learn classifier around a model with one output per class.

    Args:
        model: function (X, y, **model_kwargs) that returns a compiled model; X is (N, F) or (N, ...), and y are
            one-hot rows (N, K). It is called anew for every fit. The output (N, K) may be probabilities or logits.
        warm_start: go on with the model of the last fit instead of a new one.
        model_kwargs: further arguments of the function.
        fit_kwargs: arguments of `Model.fit`; verbose is 0 unless given here.
        random_state: seed of initial weights, shuffling and dropout; None goes on from `lamina.set_seed`.
            With a seed, the randomness outside goes on where it was.

    Attributes:
        model_: the trained model.
        classes_: the labels, sorted.
        history_: what `fit` logged, a list per name.

    Raises:
        ArgumentError: fewer than two classes, or the function does not return a compiled model.

    Example:
        >>> import lamina
        >>> from sklearn.model_selection import cross_val_score
        >>> def linear(X, y, rate=0.1):
        ...     model = lamina.Sequential([lamina.layers.Dense(y.shape[1], activation="softmax")])
        ...     model.compile(lamina.optimizers.Adam(rate), "categorical_crossentropy")
        ...     return model
        >>> classifier = LaminaClassifier(linear, fit_kwargs={"epochs": 30}, random_state=0)
        >>> x, y = lamina.datasets.synthetic.blobs(90)
        >>> bool(cross_val_score(classifier, x, y, cv=3).mean() > 0.9)
        True

    Keras' SKLearnClassifier differs: it also takes a model instead of a function, has no predict_proba, counts sample
    weights by their sizes, and returns raw outputs from a decision_function, which scikit-learn's own checks refuse.
    """

    def _targets(self, y: np.ndarray) -> np.ndarray:
        labels = _validation.column_or_1d(y, warn=True)
        _multiclass.check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ArgumentError(
                "LaminaClassifier",
                "a classifier learns to tell classes apart",
                expected="at least two classes",
                received=f"one class, {self.classes_.tolist()}",
                remedy="Train on rows of several classes",
            )
        return to_categorical(codes)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (N, K) of the classes, in the order of `classes_`."""
        probabilities = as_probabilities(self._outputs(X))
        return probabilities / probabilities.sum(axis=1, keepdims=True)  # float32 leaves a rest that log_loss warns of

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row (N,)."""
        codes = self.predict_proba(X).argmax(axis=1)
        found: np.ndarray = self.classes_[codes]
        return found


class LaminaRegressor(_base.RegressorMixin, _Estimator):  # type: ignore[misc]
    """A scikit-learn regressor around a model with one output per target.

    Args:
        model: function (X, y, **model_kwargs) that returns a compiled model; X is (N, F), and y is (N, U), with
            U = 1 for one target. It is called anew for every fit. The output is (N, U).
        warm_start, model_kwargs, fit_kwargs, random_state: as of `LaminaClassifier`.

    Attributes:
        model_: the trained model.
        history_: what `fit` logged, a list per name.

    Raises:
        ArgumentError: the function does not return a compiled model.

    Example:
        >>> import lamina
        >>> def linear(X, y):
        ...     model = lamina.Sequential([lamina.layers.Dense(y.shape[1])])
        ...     model.compile(lamina.optimizers.SGD(0.3), "mse")
        ...     return model
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> regressor = LaminaRegressor(linear, fit_kwargs={"epochs": 50}).fit(x, 3 * x[:, 0] + 1)
        >>> regressor.predict([[0.0], [1.0]]).round(2)
        array([1., 4.])
    """

    _numeric = True

    def _targets(self, y: np.ndarray) -> np.ndarray:
        self._one_dimensional = y.ndim == 1
        return y[:, None] if y.ndim == 1 else y

    def predict(self, X: Any) -> np.ndarray:
        """The predicted targets, float64 in the shape of those trained on: (N,) or (N, U)."""
        outputs = self._outputs(X).astype(np.float64)
        return outputs[:, 0] if self._one_dimensional else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class LaminaTransformer(_base.TransformerMixin, _Estimator):  # type: ignore[misc]
    """A scikit-learn transformer: what the model makes of the data takes its place, for the next step of a pipeline.

    Args:
        model: function (X, y, **model_kwargs) that returns a compiled model; y is (N, U), or X itself if it is to be
            reconstructed. It is called anew for every fit. The outputs, of any shape, become rows.
        warm_start, model_kwargs, fit_kwargs, random_state: as of `LaminaClassifier`.
        reconstruct: train towards X, as an autoencoder, whatever y a pipeline passes; also done where there is no y.

    Attributes:
        model_: the trained model.
        history_: what `fit` logged, a list per name.

    Raises:
        ArgumentError: the function does not return a compiled model.

    Example:
        >>> import lamina
        >>> def denoiser(X, y):
        ...     model = lamina.Sequential([lamina.layers.Dense(1, use_bias=False), lamina.layers.Dense(2)])
        ...     model.compile(lamina.optimizers.Adam(0.1), "mse")
        ...     return model
        >>> line = np.linspace(-1, 1, 64)[:, None] * [[1.0, -1.0]]
        >>> transformer = LaminaTransformer(denoiser, fit_kwargs={"epochs": 60}, random_state=0).fit(line)
        >>> transformer.transform([[1.0, -0.8]]).round(1)  # the nearest place on the line
        array([[ 0.9, -0.9]], dtype=float32)

    Keras' SKLearnTransformer differs: it also takes a model instead of a function, and always needs a y.
    """

    _numeric = True

    def __init__(
        self,
        model: Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
        random_state: Any = None,
        reconstruct: bool = False,
    ) -> None:
        super().__init__(model, warm_start, model_kwargs, fit_kwargs, random_state)
        self.reconstruct = reconstruct

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, **fit_kwargs: Any) -> Self:
        """Build a model and train it to give y, or X where there is no y; see `LaminaRegressor.fit`."""
        return super().fit(X, y, sample_weight, **fit_kwargs)

    def _checked(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if y is not None and not self.reconstruct:
            return super()._checked(X, y)
        X = _validation.validate_data(self, X, dtype=_FLOATS, allow_nd=True)
        return X, X

    def _targets(self, y: np.ndarray) -> np.ndarray:
        return y[:, None] if y.ndim == 1 else y

    def transform(self, X: Any) -> np.ndarray:
        """The model's outputs, float32 (N, U); those of more axes are flattened."""
        outputs = self._outputs(X)
        return outputs.reshape(len(outputs), -1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
