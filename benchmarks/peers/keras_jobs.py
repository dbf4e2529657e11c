"""Keras' and Lamina's way to train: `compile` and `fit`."""

from __future__ import annotations

from types import ModuleType

from keras_models import compiled
from worker import Job, Workload, data_of


class KerasJob(Job):
    def __init__(self, framework: ModuleType, workload: Workload) -> None:
        self.framework, self.workload = framework, workload
        self.x, self.y, self.x_test, self.y_test = data_of(workload)
        self.model = compiled(framework, workload)

    def fit(self) -> float:
        work = self.workload
        history = self.model.fit(self.x, self.y, batch_size=work.batch, epochs=work.epochs, verbose=0)
        return float(history.history["loss"][-1])

    def accuracy(self) -> float:
        found = self.model.evaluate(self.x_test, self.y_test, verbose=0, return_dict=True)
        return float(found["accuracy"])

    def learn(self) -> float:
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
        return float(history.history["val_accuracy"][-1])
