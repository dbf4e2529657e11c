"""`fit`, `evaluate`, `predict`: the loop gives what a loop in Python would give, and refuses what cannot be right."""

import resource

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, layers, ops
from lamina.callbacks import Callback, EarlyStopping, LambdaCallback
from lamina.core import DataError, NotBuiltError, ShapeError, UnknownNameError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 5)).astype(np.float32)
W = RNG.normal(size=(5, 2)).astype(np.float32)
LABELS = (X @ W).argmax(axis=1)


def network(outputs=2, **kwargs):
    return lamina.Sequential([layers.Input((5,)), layers.Dense(8, activation="tanh"), layers.Dense(outputs, **kwargs)])


def classifier(optimizer=None):
    model = network()
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or lamina.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


def by_hand(weights, epochs, batch, orders):
    """The same training as a plain loop over eager steps."""
    model = classifier()
    model.set_weights(weights)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for start in range(0, len(X), batch):
            rows = orders[epoch][start : start + batch]
            logits = model(Tensor(X[rows]), training=True)
            loss = ops.mean(ops.sparse_softmax_cross_entropy(logits, LABELS[rows]))
            grads = lamina.gradients(loss, model.trainable_variables)
            for variable, grad in zip(model.trainable_variables, grads, strict=True):
                variable.assign(variable - 0.1 * grad)
            total += float(loss) * len(rows)
        losses.append(total / len(X))
    return losses, model.get_weights()


@pytest.mark.parametrize("batch", [10, 32, 70, 100])  # no remainder, a remainder, one batch, more than there is
def test_fit_is_the_plain_loop(batch):
    model = classifier()
    weights = model.get_weights()
    orders = [lamina.data.permutation(len(X), 0, epoch) for epoch in range(3)]
    wanted, final = by_hand(weights, 3, batch, orders)
    model.set_weights(weights)
    history = model.fit(X, LABELS, batch_size=batch, epochs=3, verbose=0)
    np.testing.assert_allclose(history.history["loss"], wanted, rtol=2e-5)
    for a, b in zip(model.get_weights(), final, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)


def test_eager_fit_gives_the_same_numbers():
    fast, slow = classifier(), classifier()
    slow.set_weights(fast.get_weights())
    slow.compile(lamina.optimizers.SGD(0.1), fast.objective.given["loss"], metrics=["accuracy"], run_eagerly=True)
    a = fast.fit(X, LABELS, epochs=2, verbose=0).history
    b = slow.fit(X, LABELS, epochs=2, verbose=0).history
    np.testing.assert_allclose(a["loss"], b["loss"], rtol=1e-5)
    assert a["accuracy"] == b["accuracy"]


def test_it_learns_and_accuracy_is_counted_exactly():
    model = classifier(lamina.optimizers.Adam(0.02))
    history = model.fit(X, LABELS, epochs=60, verbose=0, validation_data=(X, LABELS))
    assert history.history["accuracy"][-1] >= 0.97
    loss, accuracy = model.evaluate(X, LABELS, batch_size=16, verbose=0)
    assert accuracy == pytest.approx(np.mean(model.predict(X).argmax(axis=1) == LABELS))
    assert history.history["val_loss"][-1] == pytest.approx(loss, rel=1e-5)
    assert history.epoch == list(range(60))


class BatchesFrom100(lamina.metrics.Metric):
    """Counts batches, beginning as it likes, and notes beside the data how many runs there were."""

    def __init__(self):
        super().__init__()
        self.batches = self.add_variable()
        self.runs = self.add_variable()

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.batches.assign_add(1.0)

    def result(self):
        return self.batches + 1000 * self.runs

    def reset_state(self):
        self.batches.assign(np.float32(100))
        self.runs.assign_add(1.0)


@pytest.mark.parametrize("eager", [False, True])
def test_a_metric_resets_itself_once_an_epoch(eager):
    model = network()
    metric = BatchesFrom100()
    model.compile("sgd", "mse", metrics=[metric], run_eagerly=eager)
    y = np.zeros((70, 2), np.float32)
    history = model.fit(X, y, batch_size=32, epochs=3, validation_data=(X, y), validation_batch_size=50, verbose=0)
    assert history.history["batches_from100"] == [1103, 3103, 5103]
    assert history.history["val_batches_from100"] == [2102, 4102, 6102]


def test_the_second_fit_compiles_nothing_and_at_most_two_programs_exist():
    model = classifier()
    model.fit(X, LABELS, epochs=2, verbose=0, validation_data=(X, LABELS))
    before = {kind: list(program.compilations) for kind, (_, program) in model._programs.items()}
    model.fit(X, LABELS, epochs=3, verbose=0, validation_data=(X, LABELS))
    after = {kind: program.compilations for kind, (_, program) in model._programs.items()}
    assert before == after and all(len(reasons) <= 2 for reasons in after.values())


def test_runs_repeat_from_the_seed_and_differ_between_seeds():
    def run(seed):
        lamina.set_seed(seed)
        model = lamina.Sequential([layers.Input((5,)), layers.Dense(8), layers.Dropout(0.5), layers.Dense(2)])
        model.compile("adam", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model.fit(X, LABELS, epochs=3, verbose=0).history["loss"]

    assert run(1) == run(1) and run(1) != run(2)


def test_fitting_in_two_parts_is_fitting_at_once():
    whole, parts = classifier("adam"), classifier("adam")
    parts.set_weights(whole.get_weights())
    wanted = whole.fit(X, LABELS, epochs=4, verbose=0).history["loss"]
    found = parts.fit(X, LABELS, epochs=2, verbose=0).history["loss"]
    found += parts.fit(X, LABELS, initial_epoch=2, epochs=4, verbose=0).history["loss"]
    assert found == wanted


# -- what may be passed as data --------------------------------------------------------------------
def test_datasets_generators_and_lists_of_batches_train_like_arrays():
    batches = [(X[i : i + 10], LABELS[i : i + 10]) for i in range(0, 70, 10)]
    endless = (batches[i % 7] for i in iter(int, 1))

    def counting():
        i = 0
        while True:
            yield batches[i % 7]
            i += 1

    endless.close()
    weights = classifier().get_weights()
    results = []
    for source, steps in [
        (batches, None),
        (lamina.data.Dataset.from_arrays(X, LABELS).batch(10), None),
        (counting(), 7),
    ]:
        model = classifier()
        model.set_weights(weights)
        results.append(model.fit(source, epochs=2, steps_per_epoch=steps, verbose=0).history["loss"])
    model = classifier()
    model.set_weights(weights)
    wanted = model.fit(X, LABELS, batch_size=10, shuffle=False, epochs=2, verbose=0).history["loss"]
    for found in results:
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_a_used_up_generator_is_an_error_not_an_empty_epoch():
    with pytest.raises(DataError, match="the stream has ended"):
        classifier().fit(iter([(X, LABELS)]), epochs=2, verbose=0)


def test_ragged_streams_are_exact():
    sizes = [7, 7, 3, 20, 20, 13]
    cuts = np.cumsum([0, *sizes])
    batches = [(X[a:b], LABELS[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)]
    model = classifier()
    loss, accuracy = model.evaluate(batches, verbose=0)
    whole_loss, whole_accuracy = model.evaluate(X, LABELS, batch_size=70, verbose=0)
    assert loss == pytest.approx(whole_loss, rel=1e-5) and accuracy == pytest.approx(whole_accuracy)


def test_weights_of_rows_and_classes():
    model = classifier()
    ones, heavy = np.ones(70, np.float32), np.where(LABELS == 1, 3.0, 1.0).astype(np.float32)
    weights = model.get_weights()
    losses = []
    for kwargs in ({"sample_weight": heavy}, {"class_weight": {0: 1.0, 1: 3.0}}, {"sample_weight": ones}, {}):
        model.set_weights(weights)
        losses.append(model.fit(X, LABELS, batch_size=70, epochs=1, verbose=0, **kwargs).history["loss"][0])
    assert losses[0] == pytest.approx(losses[1]) and losses[2] == pytest.approx(losses[3]) and losses[0] > losses[3]


def test_regression_accepts_a_column_or_a_row_of_targets_but_no_silent_broadcast():
    y = (X @ W[:, 0]).astype(np.float32)
    losses = []
    weights = network(1).get_weights()
    for target in (y, y[:, None]):
        model = network(1)
        model.set_weights(weights)
        model.compile(lamina.optimizers.SGD(0.01), "mse")
        losses.append(model.fit(X, target, epochs=1, verbose=0).history["loss"])
    assert losses[0] == losses[1]
    model = network(2)
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError):
        model.fit(X, y, verbose=0)


def test_several_outputs_with_losses_and_metrics_by_name():
    x = layers.Input((5,))
    hidden = layers.Dense(6, activation="tanh")(x)
    model = lamina.Model(x, [layers.Dense(2, name="kind")(hidden), layers.Dense(1, name="size")(hidden)])
    model.compile(
        "adam",
        {"kind": lamina.losses.SparseCategoricalCrossentropy(from_logits=True), "size": "mse"},
        loss_weights={"kind": 1.0, "size": 0.5},
        metrics={"kind": ["accuracy"], "size": ["mae"]},
    )
    targets = {"kind": LABELS, "size": X.sum(axis=1, keepdims=True)}
    logs = model.fit(X, targets, epochs=2, verbose=0).history
    assert {"loss", "kind_loss", "size_loss", "kind_accuracy"} <= logs.keys() and len(logs) == 5
    np.testing.assert_allclose(logs["loss"], np.array(logs["kind_loss"]) + np.array(logs["size_loss"]), rtol=1e-5)


def test_penalties_are_part_of_the_loss_and_reported_apart():
    model = lamina.Sequential([layers.Input((5,)), layers.Dense(1, kernel_regularizer=lamina.regularizers.L2(0.1))])
    model.compile(lamina.optimizers.SGD(0.0), "mse")
    y = X.sum(axis=1, keepdims=True)
    logs = model.fit(X, y, batch_size=70, epochs=1, verbose=0).history
    kernel = model.get_weights()[0]
    penalty = 0.1 * (kernel**2).sum()
    assert logs["penalty"][0] == pytest.approx(penalty, rel=1e-5)
    assert logs["loss"][0] == pytest.approx(penalty + ((model.predict(X) - y) ** 2).mean(), rel=1e-4)


def test_freezing_between_fits_is_seen():
    model = classifier()
    model.fit(X, LABELS, epochs=1, verbose=0)
    model.layers[0].trainable = False
    frozen, free = model.layers[0].get_weights()[0], model.layers[1].get_weights()[0]
    model.fit(X, LABELS, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], frozen)
    assert not np.array_equal(model.layers[1].get_weights()[0], free)
    model.layers[0].trainable = True
    model.fit(X, LABELS, epochs=1, verbose=0)
    assert not np.array_equal(model.layers[0].get_weights()[0], frozen)


# -- callbacks -------------------------------------------------------------------------------------
class Watch(Callback):
    replay_safe = True

    def __init__(self):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append((batch, dict(logs)))


def test_every_step_is_reported_exactly_though_many_run_at_once():
    model, watch = classifier(), Watch()
    model.fit(X, LABELS, batch_size=10, epochs=40, verbose=0, callbacks=[watch])
    assert [step for step, _ in watch.steps] == list(range(7)) * 40
    last = watch.steps[-7:]
    running = np.mean([logs["batch_loss"] for _, logs in last])
    assert last[-1][1]["loss"] == pytest.approx(running, rel=1e-5)
    assert all(logs["learning_rate"] == pytest.approx(0.1) and logs["grad_norm"] > 0 for _, logs in last)


def test_a_callback_that_acts_between_steps_is_obeyed_at_once():
    model, rates = classifier(), []

    class Halve(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate.assign(0.1 / 2**batch)

        def on_train_batch_end(self, batch, logs=None):
            rates.append(logs["learning_rate"])

    model.fit(X, LABELS, batch_size=10, epochs=1, verbose=0, callbacks=[Halve()])
    np.testing.assert_allclose(rates, 0.1 / 2.0 ** np.arange(7), rtol=1e-6)


def test_a_stop_between_steps_ends_the_epoch_at_once():
    class After(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    model = classifier()
    history = model.fit(X, LABELS, batch_size=10, epochs=5, verbose=0, callbacks=[After()])
    assert history.epoch == [0] and int(model.optimizer.iterations) == 3


def test_stop_training_and_best_weights():
    model = classifier(lamina.optimizers.SGD(50.0))
    stop = EarlyStopping(monitor="loss", patience=2, restore_best_weights=True)
    history = model.fit(X, LABELS, epochs=50, verbose=0, callbacks=[stop])
    assert len(history.epoch) < 50
    best = model.evaluate(X, LABELS, verbose=0)[0]
    assert np.isfinite(best)


def test_an_interrupt_leaves_a_usable_model_and_ends_training():
    model, ended = classifier(), []

    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    watch = LambdaCallback(on_epoch_end=interrupt, on_train_end=lambda logs: ended.append(True))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, LABELS, epochs=5, verbose=0, callbacks=[watch])
    assert ended == [True] and np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.fit(X, LABELS, epochs=1, verbose=0).history["loss"][0])


def test_a_custom_training_step_with_two_optimizers():
    class Twins(lamina.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = layers.Dense(1), layers.Dense(1)
            self.slow, self.fast = lamina.optimizers.SGD(0.001), lamina.optimizers.SGD(0.1)

        def call(self, inputs):
            return self.one(inputs) + self.two(inputs)

        def train_step(self, x, y=None, sample_weight=None):
            loss = ops.mean((self(x, training=True) - y) ** 2)
            variables = [*self.one.trainable_variables, *self.two.trainable_variables]
            grads = lamina.gradients(loss, variables)
            self.slow.apply(grads[:2], variables[:2])
            self.fast.apply(grads[2:], variables[2:])
            return {"loss": loss}

    model = Twins()
    model.compile()
    y = X.sum(axis=1, keepdims=True)
    losses = model.fit(X, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.05 * losses[0]


def test_train_on_batch_runs_on_and_resets():
    model = classifier(lamina.optimizers.SGD(0.0))
    first = model.train_on_batch(X[:10], LABELS[:10])
    both = model.train_on_batch(X[10:20], LABELS[10:20], return_dict=True)
    assert both["loss"] == pytest.approx(model.evaluate(X[:20], LABELS[:20], verbose=0)[0], rel=1e-5)
    model.reset_metrics()
    assert model.test_on_batch(X[:10], LABELS[:10]) == pytest.approx(first, rel=1e-5)


# -- prediction ------------------------------------------------------------------------------------
def test_predictions_do_not_depend_on_the_batch():
    model = network()
    whole = model.predict(X, batch_size=70)
    for size in (1, 7, 32, 64):
        np.testing.assert_allclose(model.predict(X, batch_size=size), whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.concatenate([model.predict(row[None]) for row in X]), whole, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_ten_thousand_predictions_compile_nothing_and_need_no_more_memory():
    model = network()
    rows = [X[:n] for n in (1, 2, 5, 30)]
    for i in range(2000):
        model.predict(rows[i % 4])
    compiled = len(model._forward.compilations)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for i in range(10_000):
        model.predict(rows[i % 4])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(model._forward.compilations) == compiled <= 4
    assert grown < 4096, f"memory grew by {grown} KiB"


# -- what is refused, before anything is trained ------------------------------------------------------
def with_nan():
    x = X.copy()
    x[13, 2] = np.nan
    return x


@pytest.mark.parametrize(
    ("x", "y", "error", "words"),
    [
        (X[:, :4], LABELS, ShapeError, "wrong size"),
        (X[:, None], LABELS, ShapeError, "wrong size"),
        (X.astype(str), LABELS, TypeError, None),
        (X, np.where(np.arange(70) == 41, 7, LABELS), DataError, "41"),
        (X, np.where(np.arange(70) == 41, -1, LABELS), DataError, "41"),
        (X, LABELS + 0.5, (DataError, TypeError), None),
        (with_nan(), LABELS, DataError, "13"),
        (X[:0], LABELS[:0], DataError, None),
        (X, LABELS[:-1], DataError, "same number of rows"),
        (X, None, DataError, "with targets"),
    ],
)
def test_bad_data_is_refused_before_anything_is_trained(x, y, error, words):
    model = classifier()
    before = model.get_weights()
    with pytest.raises(error, match=words) as caught:
        model.fit(x, y, verbose=0)
    assert isinstance(caught.value, lamina.core.LaminaError), repr(caught.value)
    assert "received" in str(caught.value)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(model.fit(X, LABELS, verbose=0).history["loss"][0])


def test_misspelt_names_get_a_suggestion():
    with pytest.raises(UnknownNameError, match="Did you mean"):
        network().compile("adm", "mse")
    with pytest.raises(UnknownNameError, match="Did you mean"):
        network().compile("adam", "mean_squared_eror")
    with pytest.raises(UnknownNameError, match="Did you mean"):
        network().compile("adam", "mse", metrics=["acuracy"])


def test_fit_before_compile_is_refused():
    with pytest.raises(NotBuiltError, match="must be told how it is trained"):
        network().fit(X, LABELS)


def test_validation_split_says_what_it_does(caplog):
    model = classifier()
    history = model.fit(X, LABELS, epochs=1, validation_split=0.2, verbose=0)
    assert "val_loss" in history.history
    assert any("validation: the last 14 of 70 rows" in note for note in history.params["notes"])
    assert any("SparseCategoricalAccuracy" in note for note in history.params["notes"])


def test_a_validation_stream_is_read_once_an_epoch():
    reads = []

    def batches():
        for i in range(3):
            reads.append(i)
            yield X[i * 10 : i * 10 + 10], LABELS[i * 10 : i * 10 + 10]

    source = lamina.data.Dataset.from_generator(batches)
    classifier().fit(X, LABELS, epochs=4, verbose=0, validation_data=source)
    assert len(reads) == 4 * 3 + 1  # and one batch more, looked at before the first epoch


def test_fit_compiles_its_steps_and_nothing_beside_them() -> None:
    """A program for each array that is sent to the device would cost as long as many steps."""
    x = np.random.default_rng(0).normal(size=(37, 11)).astype(np.float32)  # sizes that no other test has
    model = lamina.Sequential([lamina.layers.Dense(13, activation="relu"), lamina.layers.Dense(1)])
    model.compile("adam", "mse")
    made: list[float] = []

    def note(event: str, seconds: float, **_: object) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            made.append(seconds)

    model.build((None, 11))
    jax.monitoring.register_event_duration_secs_listener(note)
    try:
        model.fit(x, x[:, :1], batch_size=37, shuffle=False, verbose=0)
    finally:
        jax.monitoring.unregister_event_duration_listener(note)
    assert len(made) == 1


def test_what_is_done_to_the_data_during_fit_does_not_reach_it() -> None:
    """The device has a copy, also where it could share the host's memory."""

    class Spoiler(lamina.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch:
                x[:] = 1e6

    room = np.zeros(64 * 8 + 16, np.float32)
    begin = -room.ctypes.data % 64 // 4
    x = room[begin : begin + 64 * 8].reshape(64, 8)  # at an address that JAX takes over as it is
    model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="ones")])
    model.compile(lamina.optimizers.SGD(0.0), "mse")
    history = model.fit(x, np.zeros((64, 1), np.float32), epochs=2, callbacks=[Spoiler()], verbose=0)
    assert history.history["loss"] == [0.0, 0.0]


def test_an_array_that_is_input_and_target_is_sent_once_and_not_kept():
    model = lamina.Sequential([lamina.layers.Input((7,)), lamina.layers.Dense(7)])
    model.compile("sgd", "mse")
    x = np.ones((1234, 7), np.float32)
    seen = []

    class Look(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(sum(array.shape == x.shape for array in jax.live_arrays()))

    model.fit(x, x, epochs=2, verbose=0, callbacks=[Look()])
    assert seen == [1, 1]
    assert not [array for array in jax.live_arrays() if array.shape == x.shape]
