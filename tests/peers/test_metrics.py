"""Every metric: its result after each of three updates."""

from __future__ import annotations

import inspect

import pytest

from lamina import metrics

from .asking import Keras, assert_same, numbered
from .metric_table import CASES, OWN, UPDATES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_metric_is_keras_metric(case: Case, keras: Keras) -> None:
    metric_class = getattr(metrics, case.name, None)
    if metric_class is None:
        pytest.skip(f"metrics has no {case.name}")
    updates = [dict(zip(("y_true", "y_pred", "sample_weight"), parts, strict=True)) for parts in case.updates()]
    given = {f"{part}_{i}": v for i, update in enumerate(updates) for part, v in update.items() if v is not None}
    expected = keras.ask("metric", given, name=case.name, config=case.config, updates=UPDATES)

    metric = metric_class(**case.config)
    for i, (update, value) in enumerate(zip(updates, numbered(expected, "result"), strict=True)):
        values = [update[part] for part in ("y_true", "y_pred") if update[part] is not None]
        metric.update_state(*values, sample_weight=update["sample_weight"])
        assert_same(metric.result(), value, f"result after update {i}")


def test_every_public_metric_is_in_the_table() -> None:
    public = {made.__name__ for name in metrics.__all__ if inspect.isclass(made := getattr(metrics, name))}
    assert public - OWN - {"Metric", "MeanMetricWrapper"} <= {case.name for case in CASES}
