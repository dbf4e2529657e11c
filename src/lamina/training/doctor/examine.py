"""Which checks run when: the cheap ones in every `fit`, all of them in `Model.check`."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...core import DataError
from . import inputs, outputs, splits, structure, targets
from .case import Case
from .finding import DoctorWarning, Finding
from .independence import labels_independent
from .leak import future_seen
from .probes import (
    Looking,
    Trial,
    loss_at_start,
    predicts_with,
    rows_meet,
    sleeping_layers,
    steps_tried,
    time_of_an_epoch,
)

Check = Callable[[Case], Iterator[Finding]]

CHEAP: tuple[Check, ...] = (
    inputs.ids_out_of_range,
    inputs.unscaled_inputs,
    outputs.activation_before_logits,
    outputs.logits_as_probabilities,
    outputs.double_softmax,
    outputs.softmax_over_one,
    outputs.activation_for_other_loss,
    outputs.targets_out_of_reach,
    outputs.broadcast_loss,
    outputs.dropout_last,
    outputs.metrics_that_do_not_fit,
    structure.nothing_to_train,
    targets.sorted_labels,
    targets.validation_classes,
)
MORE: tuple[Check, ...] = (
    inputs.constant_inputs,
    inputs.constant_features,
    inputs.duplicate_features,
    inputs.target_among_features,
    inputs.padding_counts,
    structure.single_row_batches,
    structure.batch_larger_than_data,
    structure.identical_units,
    targets.one_class,
    targets.class_imbalance,
    targets.unused_units,
    targets.unscaled_targets,
    splits.rows_in_both_parts,
    splits.duplicate_rows,
    labels_independent,
)
_LOOKED_AT = 256  # rows that the model is run on


def examine_cheaply(case: Case, predict: Callable[[np.ndarray], Any]) -> list[Finding]:
    """What `fit` looks at: nothing is computed by the model, unless it is to learn the next token."""
    return [*_run(CHEAP, case), *future_seen(case, predict)]


def examine(case: Case, trial: Callable[[], Trial] | None) -> list[Finding]:
    """Everything; the model is run only if nothing is wrong without that.

    Args:
        case: what is known.
        trial: tries a few steps, and undoes them; None if the model cannot be run.
    """
    found = [*targets.targets_refused(case), *_run((*CHEAP, *MORE), case)]
    if trial is not None and not any(finding.severity == "error" for finding in found):
        found += _at_work(case)
        tried = trial()
        if len(case.heads) == 1 and case.model.objective.weights == [1.0]:
            found += loss_at_start(case.heads[0], tried.start)
        found += [*steps_tried(tried), *time_of_an_epoch(case, tried)]
    return found


def _at_work(case: Case) -> Iterator[Finding]:
    """What is seen when the model runs on some rows."""
    looking, x = Looking(case.model), case.sample(_LOOKED_AT)
    made, shares = looking(x)
    yield from future_seen(case, predicts_with(looking))
    yield from rows_meet(case, looking, x, made)
    yield from sleeping_layers(case, looking, shares, len(case.sampled(_LOOKED_AT)))


def _run(checks: Iterable[Check], case: Case) -> Iterator[Finding]:
    for check in checks:
        yield from check(case)


def first_loss(case: Case) -> Callable[[dict[str, float]], None] | None:
    """What `fit` does with the first step's results: compare its loss with that of guessing. None if it cannot."""
    if len(case.heads) != 1 or case.weighted or case.model.objective.weights != [1.0]:
        return None

    head = replace(case.heads[0], y=np.zeros(0), y_val=None)  # it may be kept for a while: without the data

    def look(results: dict[str, float]) -> None:
        if "batch_loss" in results:  # a model's own training step may call it otherwise
            warn(loss_at_start(head, results["batch_loss"] - results.get("penalty", 0.0)))

    return look


def warn(findings: Iterable[Finding]) -> None:
    """Tell of findings from within `fit`: a DoctorWarning each; notes are left out.

    Raises:
        DataError: an id has no row in an Embedding, which would make the loss NaN.
    """
    for finding in findings:
        if finding.code == "ids-out-of-range":
            raise DataError(
                "fit", finding.what, expected="ids of the table", received=finding.evidence, remedy=finding.remedy
            )
        if finding.severity != "note":
            warnings.warn(str(finding), DoctorWarning, stacklevel=5)
