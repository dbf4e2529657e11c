from typing import Any

import numpy as np
import pytest

from callbacks.fakes import FakeModel, Recorder, fit, losses
from lamina.callbacks import Callback, CallbackList, EarlyStopping, History, LambdaCallback, ProgbarLogger
from lamina.callbacks.callback import HOOKS
from lamina.core import ArgumentError, FileFormatError


def test_every_hook_reaches_every_callback_in_order() -> None:
    called: list[tuple[int, str]] = []

    def recorder(number: int) -> LambdaCallback:
        hooks: dict[str, Any] = {hook: lambda *_, hook=hook: called.append((number, hook)) for hook in HOOKS}
        return LambdaCallback(**hooks)

    together = CallbackList([recorder(1), recorder(2)])
    for hook in HOOKS:
        getattr(together, hook)(*(() if hook.split("_")[-2] in ("train", "test", "predict") else (0,)))
    assert called == [(number, hook) for hook in HOOKS for number in (1, 2)]


def test_model_and_params_are_told() -> None:
    model, params, one = FakeModel(), {"epochs": 3}, Callback()
    CallbackList(one, model, params)
    assert one.model is model and one.params is params


def test_a_callback_that_forgets_the_constructor_of_its_base_works() -> None:
    class Forgetful(Callback):
        def __init__(self) -> None:
            pass

    assert Forgetful().params == {} and Forgetful().model is None


@pytest.mark.parametrize(("given", "remedy"), [(EarlyStopping, "EarlyStopping()"), (print, "Subclass")])
def test_only_callbacks_are_taken(given: Any, remedy: str) -> None:
    with pytest.raises(ArgumentError, match="Callback") as caught:
        CallbackList([given])
    assert remedy in str(caught.value)


class Looks(Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...


class Begins(Callback):
    replay_safe = True

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None: ...


@pytest.mark.parametrize(
    ("callback", "every", "any_"),
    [
        (Callback(), False, False),
        (EarlyStopping("loss"), False, False),
        (Looks(), True, True),
        (Begins(), True, True),
        (Recorder(), False, True),
        (ProgbarLogger(), False, True),
        (LambdaCallback(on_train_batch_end=print), True, True),
        (LambdaCallback(on_train_batch_end=print, replay_safe=True), False, True),
        (LambdaCallback(on_epoch_end=print), False, False),
    ],
)
def test_who_needs_every_step(callback: Callback, every: bool, any_: bool) -> None:
    together = CallbackList([callback])
    assert (together.needs_every_step, together.has_batch_hooks) == (every, any_)


def test_replay_hands_over_each_step() -> None:
    recorder = Recorder()
    CallbackList([recorder]).replay_train_batches(5, ["loss", "rate"], np.array([[0.5, 1.0], [0.25, 2.0]]))
    assert recorder.calls == [
        ("batch_end", 5, {"loss": 0.5, "rate": 1.0}),
        ("batch_end", 6, {"loss": 0.25, "rate": 2.0}),
    ]


def test_history_and_bar_are_added_once() -> None:
    mine = History()
    together = CallbackList([mine, ProgbarLogger()], add_history=True, add_progbar=True)
    assert together.history is mine and len(together.callbacks) == 2
    assert len(CallbackList(None, add_history=True, add_progbar=True).callbacks) == 2
    assert CallbackList().history is None


def test_history_of_a_second_fit_starts_anew_and_is_the_models() -> None:
    model, history = FakeModel(), History()
    fit(model, [history], losses(3.0, 2.0))
    fit(model, [history], [{"loss": 1.0, "val_loss": 5.0}])
    assert history.history == {"loss": [1.0], "val_loss": [5.0]} and history.epoch == [0]
    assert model.history is history


def test_state_travels_and_is_refused_by_other_callbacks() -> None:
    model = FakeModel()
    first = fit(model, [EarlyStopping("loss", patience=3, restore_best_weights=True)], losses(2.0, 1.0, 1.5))
    again = CallbackList([EarlyStopping("loss", patience=3, restore_best_weights=True)], model, add_history=True)
    again.on_train_begin()
    again.load_state_dict(first.state_dict())
    stop = again.callbacks[0]
    assert isinstance(stop, EarlyStopping) and again.history is not None
    assert (stop.wait, stop.best, stop.best_epoch) == (1, 1.0, 1)
    assert stop.best_weights is not None and stop.best_weights[0].tolist() == [2.0, 2.0]
    assert again.history.history == {"loss": [2.0, 1.0, 1.5]}
    with pytest.raises(FileFormatError, match="EarlyStopping, History"):
        CallbackList([], model).load_state_dict(first.state_dict())
