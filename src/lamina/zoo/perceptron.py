"""Rosenblatt's perceptron: the first machine that learned from its mistakes."""

from typing import Any

from ..callbacks import History, LambdaCallback
from ..core import Tensor
from ..layers.layer import registry
from ..models import Model


@registry.register()
class Perceptron(Model):
    """One unit with a step output: ŷ = 1 if x · w + b >= 0, else 0.

    It learns by Rosenblatt's rule, one row at a time, and only from mistakes: w ← w + (y - ŷ) x, b ← b + (y - ŷ).
    If a line separates the classes with margin γ, it makes at most (R / γ)² mistakes, R being the length of the
    longest row (x, 1); if none does, it never stops making them. The step has no useful slope, so there is no
    loss and no gradient. A learning rate would only scale w and b, which start from zero, so there is none.

    Input (N, F), output (N, 1), targets 0 or 1 of shape (N,) or (N, 1). Weights: kernel (F, 1), bias (1).

    Args:
        name: by default "perceptron".

    Example:
        >>> import numpy as np
        >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        >>> model = Perceptron()
        >>> history = model.fit(x, [0, 0, 0, 1], epochs=50)  # logical and
        >>> model.predict(x).ravel(), len(history.epoch) < 50
        (array([0., 0., 0., 1.], dtype=float32), True)

    Reference: Rosenblatt 1958, The perceptron; Novikoff 1962, On convergence proofs for perceptrons.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self.compile("sgd")  # no loss: the rule below is the whole training

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight((input_shape[-1], 1), "zeros", name="kernel")
        self.bias = self.add_weight((1,), "zeros", name="bias")
        self.mistakes = self.add_weight((), "zeros", name="mistakes", trainable=False)

    def call(self, inputs: Tensor) -> Tensor:
        return (inputs @ self.kernel + self.bias >= 0).astype(self.compute_dtype)

    def train_step(self, x: Any, y: Any = None, sample_weight: Any = None) -> dict[str, Any]:
        """Rosenblatt's rule on the rows of one batch, which `fit` makes one row long."""
        error = y.reshape(-1, 1).astype(self.compute_dtype) - self(x)  # 1 or -1 at a mistake, else 0
        self.kernel.assign_add(x.T @ error)
        self.bias.assign_add(error.sum(axis=0))
        wrong = abs(error)
        self.mistakes.assign_add(wrong.sum())
        self.objective.track("error_rate", wrong.mean(), float(wrong.size))
        return self.objective.results()

    def fit(self, x: Any = None, y: Any = None, **kwargs: Any) -> History:  # type: ignore[override]
        """Learn row by row until an epoch passes without a mistake, or for `epochs` epochs.

        Args:
            x: (N, F).
            y: 0 or 1, (N,) or (N, 1).
            kwargs: as of `Model.fit`; batch_size is 1 and verbose 0 unless given.

        Returns:
            `History` with the list "error_rate"; `mistakes` counts the updates.
        """
        stop = LambdaCallback(on_epoch_end=self._stop_if_faultless)
        callbacks = [*(kwargs.pop("callbacks", None) or ()), stop]
        return super().fit(x, y, **{"batch_size": 1, "verbose": 0, **kwargs}, callbacks=callbacks)

    def _stop_if_faultless(self, epoch: int, logs: Any) -> None:
        self.stop_training = logs["error_rate"] == 0.0
