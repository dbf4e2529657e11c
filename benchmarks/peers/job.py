"""What a peer can be asked to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Job(Protocol):
    """A model of one framework together with the data of one workload. Every method is the framework's usual public
    way; a job needs only the methods that its workload asks for.
    """

    def fit(self) -> float:
        """Train (or write, or update) for one measurement, and return the last epoch's loss."""

    def accuracy(self) -> float:
        """The share of right answers on rows that were not trained on; of an autoencoder, 1 - mean |error|."""

    def learn(self) -> tuple[float, int]:
        """Train until the accuracy after an epoch reaches the workload's target: that accuracy, and the epochs."""

    def batches(self) -> Sequence[Any]:
        """The rows to predict, as NumPy arrays of one batch each."""

    def predict(self, batch: Any) -> Any:
        """The answers to a NumPy array as a NumPy array."""

    def bound(self, batch: Any) -> Callable[[], Any]:
        """The fastest callable of the trained model, with a batch that is already the framework's; it returns answers
        that have been computed.
        """
