"""Keras' and Lamina's way: `compile`, `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from arrays import data_of
from job import Job
from keras_models import compiled
from workloads import Workload


class KerasJob(Job):
    def __init__(self, framework: ModuleType, workload: Workload, **settings: Any) -> None:
        self.framework, self.workload = framework, workload
        self.x, self.y, self.x_test, self.y_test = data_of(workload)
        self.model = compiled(framework, workload, **settings)

    def fit(self) -> float:
        work = self.workload
        history = self.model.fit(self.x, self.y, batch_size=work.batch, epochs=work.epochs, verbose=0)
        return float(history.history["loss"][-1])

    def accuracy(self) -> float:
        found = self.model.evaluate(self.x_test, self.y_test, verbose=0, return_dict=True)
        return float(found["accuracy"] if "accuracy" in found else 1 - found["mae"])

    def learn(self) -> tuple[float, int]:
        target = self.workload.target

        class StopAtTarget(self.framework.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
                self.model.stop_training = logs["val_accuracy"] >= target

        history = self.model.fit(
            self.x,
            self.y,
            batch_size=self.workload.batch,
            epochs=self.workload.epochs,
            validation_data=(self.x_test, self.y_test),
            callbacks=[StopAtTarget()],
            verbose=0,
        )
        reached = history.history["val_accuracy"]
        return float(reached[-1]), len(reached)

    def batches(self) -> Sequence[np.ndarray]:
        return np.split(self.x, self.workload.steps)

    def predict(self, batch: np.ndarray) -> np.ndarray:
        return self.model.predict(batch, batch_size=len(batch), verbose=0)

    def bound(self, batch: np.ndarray) -> Callable[[], np.ndarray]:
        tensor = self.framework.ops.convert_to_tensor(batch)
        return lambda: np.asarray(self.model(tensor, training=False))
