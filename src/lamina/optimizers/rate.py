"""The learning rate of an optimizer: a number that can be set, or a schedule."""

from typing import Any

from ..core import ArgumentError, Tensor, Variable, floatx
from . import schedules
from .checks import number


class LearningRate:
    """A number in a Variable, so that setting it compiles nothing anew, or a function of the updates made.

    Args:
        who: the optimizer's class, for messages.
        given: a number >= 0, a schedule, or a schedule's config.
        name: path of the Variable.

    Example:
        >>> LearningRate("SGD", 0.1, "sgd/learning_rate").at(Variable(0))
        Variable(0.1, float32)
        >>> LearningRate("SGD", lambda step: 10.0 - step, "sgd/learning_rate").at(Variable(3))
        Tensor(7., float32)
    """

    def __init__(self, who: str, given: Any, name: str) -> None:
        self._who = who
        self.schedule, value = self._read(given)
        self.variable = Variable(value, name="learning_rate", trainable=False, dtype=floatx())
        self.variable.path = name

    def at(self, iterations: Variable) -> Any:
        """The rate of the next update: the Variable, or what the schedule says."""
        return self.variable if self.schedule is None else Tensor(self.schedule(iterations), floatx())

    def set(self, given: Any) -> None:
        """Another number, or another schedule.

        Raises:
            ArgumentError: a number, though the rate follows a schedule; or neither number nor schedule.
        """
        schedule, value = self._read(given)
        if schedule is None and self.schedule is not None:
            raise ArgumentError(
                self._who,
                "the learning rate follows a schedule",
                expected="another schedule",
                received=repr(given),
                remedy="Make the optimizer with a number to set the rate by hand",
            )
        if schedule is None:
            self.variable.assign(value)
        self.schedule = schedule

    def _read(self, given: Any) -> tuple[Any, float]:
        """(schedule or None, number)."""
        if isinstance(given, dict):
            given = schedules.get(given)
        return (given, 0.0) if callable(given) else (None, number(self._who, "learning_rate", _plain(given)))


def _plain(value: Any) -> Any:
    """A scalar array as the Python number it holds."""
    return value.item() if hasattr(value, "item") and getattr(value, "size", 1) == 1 else value
