"""The workloads in Keras' names. Keras and Lamina run these very lines: only the module that is handed in differs."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from worker import Job, Workload, digits, table


def textbook_network(framework: ModuleType) -> Any:
    """The 10-10-1 network of the chapter, as a subclass of Model."""

    class Network(framework.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense1 = framework.layers.Dense(10, activation="relu")
            self.dense2 = framework.layers.Dense(1, activation="sigmoid")

        def call(self, inputs: Any) -> Any:
            return self.dense2(self.dense1(inputs))

    model = Network()
    model.compile(
        optimizer=framework.optimizers.Adam(), loss=framework.losses.BinaryCrossentropy(), metrics=["accuracy"]
    )
    return model


def textbook_cnn(framework: ModuleType) -> Any:
    """The chapter's convolutional network, 93,322 parameters."""
    layers = framework.layers
    model = framework.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer="adam",
        loss=framework.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


class KerasJob(Job):
    def __init__(self, framework: ModuleType, workload: Workload) -> None:
        tabular = workload.name == "mlp"
        self.framework, self.workload = framework, workload
        self.x, self.y, self.x_test, self.y_test = (table if tabular else digits)(workload.rows)
        self.model = (textbook_network if tabular else textbook_cnn)(framework)

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
