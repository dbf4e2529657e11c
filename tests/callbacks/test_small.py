"""`LambdaCallback` and `TerminateOnNaN`."""

import pytest

from callbacks.fakes import FakeModel, fit, losses
from lamina.callbacks import LambdaCallback, TerminateOnNaN
from lamina.core import DataError, UnknownNameError


def test_functions_are_called() -> None:
    calls: list[object] = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: calls.append(("begin", epoch)),
        on_train_batch_end=lambda batch, logs: calls.append((batch, logs["loss"])),
        on_train_end=lambda logs: calls.append("end"),
        on_test_end=calls.append,
    )
    together = fit(FakeModel(), [callback], losses(1))
    together.on_test_end({"loss": 2})
    assert calls == [("begin", 0), (0, 0.9), (1, 0.8), (2, 0.7), "end", {"loss": 2}]


def test_a_misspelt_hook_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="on_epoch_stop"):
        LambdaCallback(on_epoch_stop=print)


def test_nan_stops_once_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    model, guard = FakeModel(), TerminateOnNaN()
    guard.set_model(model)
    guard.on_train_begin()
    guard.on_epoch_begin(1)
    guard.on_train_batch_end(0, {"loss": 1.0})
    assert not model.stop_training
    guard.on_train_batch_end(1, {"loss": float("nan")})
    guard.on_train_batch_end(2, {"loss": float("nan")})
    assert model.stop_training
    assert capsys.readouterr().out == "Epoch 2, step 2: the loss is nan, training stops\n"


def test_nan_can_be_an_error() -> None:
    guard = TerminateOnNaN(raise_error=True)
    guard.set_model(FakeModel())
    with pytest.raises(DataError, match="epoch 1, step 4|Epoch 1, step 4"):
        guard.on_train_batch_end(3, {"loss": float("-inf")})
