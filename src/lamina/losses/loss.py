"""The base of all losses, and the table that finds them by name."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, Configurable, Registry, Tensor, lookup, snake_case
from .reduction import known_reduction, reduce_losses

registry: Registry[Any] = Registry("loss")
functions: Registry[Callable[..., Tensor]] = Registry("loss function")

Shape = Sequence[int | None]


class Loss(Configurable):
    """Base of all losses: a subclass defines `call(y_true, y_pred)`, one number per sample.

    Args:
        name: by default the class' name in snake_case.
        reduction: how the samples' losses become one number: "sum_over_batch_size" (also "mean"),
            "mean_with_sample_weight", "sum", or "none".
        dtype: type to compute in; by default that of the predictions, but at least float32.

    Raises:
        ArgumentError: the reduction is not known.

    Example:
        >>> class Quartic(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return ops.mean((y_true - y_pred) ** 4, axis=-1)
        >>> Quartic()([[0.0], [0.0]], [[1.0], [2.0]])
        Tensor(8.5, float32)
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.reduction = known_reduction(type(self).__name__, reduction)
        self.dtype = dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The loss of a batch.

        Args:
            y_true: labels, (N, ...).
            y_pred: predictions, (N, ...). Places that their mask (`Tensor.mask`) leaves out do not count.
            sample_weight: (N,), or one weight per loss.

        Returns:
            A scalar, or one number per sample if the reduction is "none".

        Raises:
            ShapeError: labels, predictions and weights do not fit together.
        """
        padding = y_pred.mask if isinstance(y_pred, Tensor) else None
        y_pred = self._prediction(y_pred)
        y_true = y_true if isinstance(y_true, Tensor) else Tensor(y_true)
        values = self.call(y_true, y_pred)
        masks = [m for m in (padding, self.mask(y_true, y_pred)) if m is not None]
        return reduce_losses(type(self).__name__, values, self.reduction, sample_weight, masks)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """One loss per sample, (N, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred)")

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """Which of the losses count, a boolean tensor of their shape; None for all."""
        return None

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        """Look at labels before training and say what is wrong with them; nothing by default.

        Args:
            y_true: all labels, on the host.
            output_shape: of the predictions, None where a size is unknown.

        Raises:
            DataError, ShapeError: the labels cannot be what this loss needs.
        """

    def _prediction(self, y_pred: Any) -> Tensor:
        y_pred = y_pred if isinstance(y_pred, Tensor) else Tensor(y_pred)
        wanted = np.dtype(self.dtype) if self.dtype is not None else y_pred.dtype
        if wanted.itemsize < 4:
            wanted = np.dtype("float32")
        return y_pred if y_pred.dtype == wanted else ops.cast(y_pred, wanted)


@registry.register()
class FunctionLoss(Loss):
    """A loss made of a function of labels and predictions.

    Args:
        fn: (y_true, y_pred) -> one loss per sample; or the name of a registered one.
        reduction, name, dtype: as in `Loss`; the name is by default that of the function.
        arguments: further arguments of `fn`.

    Example:
        >>> def quartic(y_true, y_pred):
        ...     return ops.mean((y_true - y_pred) ** 4, axis=-1)
        >>> FunctionLoss(quartic)([[0.0], [0.0]], [[1.0], [2.0]])
        Tensor(8.5, float32)
    """

    def __init__(
        self,
        fn: Callable[..., Any] | str,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **arguments: Any,
    ) -> None:
        self.fn = functions[fn] if isinstance(fn, str) else fn
        super().__init__(name or getattr(self.fn, "__name__", None), reduction, dtype)
        self.arguments = arguments

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(y_true, y_pred, **self.arguments)


def get(identifier: Any) -> Any:
    """The loss that `identifier` means: a name, config, class, Loss or function; None stays None.

    A function of (y_true, y_pred) becomes a `FunctionLoss`.

    Raises:
        UnknownNameError: no loss has this name.

    Example:
        >>> get("mse")([[0.0]], [[3.0]])
        Tensor(9., float32)
    """
    found = lookup(registry, identifier)
    if found is None or isinstance(found, Loss):
        return found
    if isinstance(found, Configurable):
        raise ArgumentError(
            "loss",
            "it must be given by name, config, class or object",
            expected="a Loss, or a function of (y_true, y_pred)",
            received=repr(found),
            remedy="Did you swap two arguments?",
        )
    return FunctionLoss(found)
