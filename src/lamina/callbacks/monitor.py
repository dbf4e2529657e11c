"""`Monitor`: one logged number, and which of two values of it is the better one."""

import math
from typing import Any

from ..core import ArgumentError, UnknownNameError
from .callback import Callback, Logs

# Words in the names of losses and metrics; a name that has one of LOWER is never taken for one of HIGHER.
LOWER = """loss error entropy divergence hinge poisson log_cosh huber perplexity penalty false_
    mse mae mape msle rmse""".split()
HIGHER = """acc auc precision recall sensitivity specificity f1 fbeta iou dice r2 similarity kappa true_
    bleu rouge psnr ssim""".split()


class Monitor:
    """Reads `name` from the logs of an epoch and compares.

    Args:
        callback: who watches; named in errors.
        name: such as "val_loss".
        mode: "min", "max", or "auto": decided by the metric's name.
        min_delta: a smaller change is none.
    """

    def __init__(self, callback: Callback, name: str, mode: str, min_delta: float = 0.0) -> None:
        self.callback, self.name, self.min_delta = callback, name, abs(float(min_delta))
        self.who = type(callback).__name__
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(
                self.who,
                "mode says which values are better",
                expected="'auto', 'min' or 'max'",
                received=repr(mode),
                remedy="Leave it out unless the name of the metric does not tell",
            )
        self.higher = self._direction(name) if mode == "auto" else mode == "max"

    def _direction(self, name: str) -> bool:
        """Whether higher is better."""
        plain = name.removeprefix("val_").lower()
        for words, higher in ((LOWER, False), (HIGHER, True)):
            if any(word in plain for word in words):
                return higher
        raise ArgumentError(
            self.who,
            "the name of the monitored value does not tell whether more is better",
            expected="a known loss or metric, or a mode",
            received=f"monitor={name!r}, mode='auto'",
            remedy="Pass mode='min' or mode='max'",
        )

    def value(self, logs: Logs) -> float | None:
        """The value in `logs`; None in an epoch without validation when validation comes only now and then.

        Raises:
            UnknownNameError: no such value is logged.
        """
        logs = logs or {}
        if self.name in logs:
            return float(logs[self.name])
        if self.name.startswith("val_") and _skips_validation(self.callback.params, logs):
            return None
        raise UnknownNameError(
            self.who,
            "the monitored value is not among the logs of the epoch",
            expected="one of " + (", ".join(logs) or "none at all"),
            received=f"monitor={self.name!r}",
            remedy="Pass validation_data or validation_split to fit, or monitor another value"
            if self.name.startswith("val_") and not any(name.startswith("val_") for name in logs)
            else "Monitor one of these",
        )

    def is_better(self, value: float, than: float | None) -> bool:
        """Whether `value` improves on `than` by more than `min_delta`; NaN never does."""
        if math.isnan(value):
            return False
        if than is None:
            return True
        return value - self.min_delta > than if self.higher else value + self.min_delta < than


def _skips_validation(params: dict[str, Any], logs: dict[str, Any]) -> bool:
    return params.get("validation_freq", 1) != 1 and not any(name.startswith("val_") for name in logs)
