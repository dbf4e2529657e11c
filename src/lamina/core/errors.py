"""Errors that say what to do next.

Every error of Lamina is one sentence of five parts, built in one place:
``<who>: <rule>. Expected <x>, received <y>. <remedy>.``
Each class is also a builtin error, so ``except ValueError`` keeps working.
"""

from typing import Any


class LaminaError(Exception):
    """Base of all errors that Lamina raises on purpose.

    Args:
        who: the layer, function or file that refuses.
        rule: the rule that was broken, without a final stop.
        expected: what would have been right.
        received: what came instead.
        remedy: what the user can do about it, without a final stop.

    Example:
        >>> print(LaminaError("Dense", "units must be positive", expected="an integer >= 1",
        ...                   received=-3, remedy="Pass the number of outputs"))
        Dense: units must be positive. Expected an integer >= 1, received -3. Pass the number of outputs.
    """

    def __init__(self, who: str, rule: str, *, expected: Any, received: Any, remedy: str) -> None:
        self.who, self.rule, self.remedy = who, rule, remedy
        self.expected, self.received = expected, received
        stop = "" if remedy.endswith("?") else "."
        super().__init__(f"{who}: {rule}. Expected {expected}, received {received}. {remedy}{stop}")

    def __str__(self) -> str:  # KeyError would print the repr of its sentence
        return str(self.args[0])


class ArgumentError(LaminaError, ValueError):
    """A value lies outside what the argument allows."""


class ShapeError(LaminaError, ValueError):
    """The rank or a size of an array does not fit."""


class DTypeError(LaminaError, TypeError):
    """An array or value has a type that cannot be used here."""


class DataError(LaminaError, ValueError):
    """The data itself is unusable: empty, not finite, unequal lengths, labels out of range."""


class UnknownNameError(LaminaError, KeyError):
    """No object is registered under this name."""


class GradientError(LaminaError, RuntimeError):
    """A gradient was asked for where none can be had, or a gradient check failed."""


class NonFiniteError(LaminaError, FloatingPointError):
    """A computation has made NaN or infinite values.

    Attributes:
        story: where they came from (`lamina.training.recorder.Story`), if that was looked for.
    """

    story: Any = None


class NotBuiltError(LaminaError, RuntimeError):
    """Something was used before its variables exist, or before `compile`."""


class RecompilationError(LaminaError, RuntimeError):
    """A compiled function met more different shapes than it was allowed to."""


class ReproductionError(LaminaError, ArithmeticError):
    """A computation that was repeated came out differently."""


class FileFormatError(LaminaError, ValueError):
    """A file is truncated, tampered with, or not of the format it claims."""


class MissingPackageError(LaminaError, ImportError):
    """An optional package is needed and not installed."""
