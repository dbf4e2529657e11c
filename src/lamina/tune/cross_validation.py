"""Cross-validation: how well models of one kind do on rows they have not seen, and how sure that is."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core import ArgumentError, require
from ..data import ArrayData, Split, as_array_data, k_fold


class CrossValidation(NamedTuple):
    """Scores of all folds, and what they say about the next model.

    Args:
        scores: (J,), one per fold.
        mean: of the scores.
        standard_error: of the mean, corrected for the rows that the folds' training parts share.
        interval: in which the expected score lies with probability `level`.
        level: of the interval.
        leaks: held-out rows that were also among those trained on, over all folds; their scores flatter.
        metric: what the scores are.

    Example:
        >>> print(confidence([0.90, 0.94, 0.92], train_rows=80, test_rows=40, metric="accuracy"))
        accuracy: 0.92, 95 % interval 0.8414 to 0.9986 (3 folds, standard error 0.01826)
    """

    scores: np.ndarray
    mean: float
    standard_error: float
    interval: tuple[float, float]
    level: float = 0.95
    leaks: int = 0
    metric: str = "score"

    def __str__(self) -> str:
        low, high = self.interval
        between = f"{100 * self.level:g} % interval {low:.4g} to {high:.4g}"
        text = f"{self.metric}: {self.mean:.4g}, {between} ({len(self.scores)} folds, "
        text += f"standard error {self.standard_error:.4g})"
        return text + (f"; beware, {self.leaks} held-out rows were also trained on" if self.leaks else "")


def confidence(
    scores: Sequence[float],
    train_rows: float,
    test_rows: float,
    level: float = 0.95,
    leaks: int = 0,
    metric: str = "score",
) -> CrossValidation:
    """Mean and confidence interval of scores whose training parts overlap.

    The variance of the mean of J scores is estimated by (1 / J + n_test / n_train) s², s² being their sample
    variance; the usual s² / J takes the folds for independent and gives intervals that are too short. The interval
    is mean ± t · standard error, with the quantile t of Student's distribution with J - 1 degrees of freedom.

    Args:
        scores: (J,), two or more.
        train_rows: n_train, rows in the training part of a fold, on average.
        test_rows: n_test, rows held out.
        level: probability of the interval.
        leaks, metric: kept for the sentence.

    Returns:
        `CrossValidation`.

    Raises:
        ArgumentError: fewer than two scores, or a level outside (0, 1).

    Example:
        >>> confidence([0.90, 0.94, 0.92], train_rows=80, test_rows=40).standard_error ** 2
        0.000333...
        >>> (1 / 3 + 40 / 80) * 0.02**2
        0.000333...

    Reference: Nadeau and Bengio 2003, Inference for the generalization error.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or len(values) < 2 or not 0 < level < 1:
        raise ArgumentError(
            "confidence",
            "an interval needs scores that differ by chance",
            expected="two scores or more, and a level between 0 and 1",
            received=f"scores of shape {values.shape}, level {level}",
            remedy="Take more folds",
        )
    mean = float(values.mean())
    error = float(np.sqrt((1 / len(values) + test_rows / train_rows) * values.var(ddof=1)))
    reach = float(require("scipy.special").stdtrit(len(values) - 1, (1 + level) / 2)) * error
    return CrossValidation(values, mean, error, (mean - reach, mean + reach), level, leaks, metric)


def cross_validate(
    make_model: Callable[[], Any],
    x: Any,
    y: Any,
    *,
    folds: int | Sequence[Split] = 5,
    metric: str | Callable[[np.ndarray, np.ndarray], float] = "loss",
    level: float = 0.95,
    seed: int = 0,
    **fit: Any,
) -> CrossValidation:
    """Train a new model on each fold and judge it on the rows held out.

    Args:
        make_model: () -> a new compiled model; called once per fold.
        x: inputs (N, ...), as `Model.fit` takes them.
        y: targets (N, ...).
        folds: number of random folds, or splits, such as k_fold(len(y), 5, stratify=y) or time_folds(len(y)).
        metric: "loss" or a metric of the model by the name it logs; or a function (y_true, y_pred) -> number.
        level: probability of the confidence interval.
        seed: of the random folds.
        fit: arguments of `Model.fit`, such as epochs; verbose is 0 unless given.

    Returns:
        `CrossValidation`; its str is one line for a log.

    Raises:
        ArgumentError: the model has no such metric, or there are too few folds.
        DataError: the data cannot be used.

    Example:
        >>> import lamina
        >>> def make_model():
        ...     model = lamina.Sequential([lamina.layers.Dense(1, activation="sigmoid")])
        ...     model.compile(lamina.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> x, y = lamina.datasets.synthetic.lines(90)
        >>> result = cross_validate(make_model, x, y, folds=3, metric="accuracy", epochs=20)
        >>> len(result.scores), bool(result.mean > 0.9)
        (3, True)

    Reference: Nadeau and Bengio 2003, Inference for the generalization error.
    """
    data = as_array_data(x, y, who="cross_validate")
    splits = k_fold(data.n, folds, seed=seed) if isinstance(folds, int) else list(folds)
    settings = {"verbose": 0, **fit}
    scores, leaks = [], 0
    for split in splits:
        leaks += len(split.leaks(data.x).test) if isinstance(data.x, np.ndarray) else 0
        training = data.take(split.train)
        model = make_model()
        model.fit(training.x, training.y, **settings)
        scores.append(_score(model, data.take(split.validation), metric))
    train_rows, test_rows = (float(np.mean([len(split[i]) for split in splits])) for i in (0, 1))
    name = metric if isinstance(metric, str) else getattr(metric, "__name__", "score")
    return confidence(scores, train_rows, test_rows, level, leaks, name)


def _score(model: Any, held: ArrayData, metric: str | Callable[[np.ndarray, np.ndarray], float]) -> float:
    if callable(metric):
        return float(metric(held.y, model.predict(held.x)))
    logs = model.evaluate(held.x, held.y, verbose=0, return_dict=True)
    if metric in logs:
        return float(logs[metric])
    raise ArgumentError(
        "cross_validate",
        "the model does not log this metric",
        expected="one of " + ", ".join(logs),
        received=repr(metric),
        remedy="Pass it in metrics= of model.compile, or a function (y_true, y_pred)",
    )
