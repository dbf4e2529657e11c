"""Mistakes as people make them: each function returns a compiled model and what `check` is to be given."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import lamina
from lamina import layers, ops
from lamina.layers import Dense, Dropout, Embedding, Flatten
from lamina.losses import BinaryCrossentropy, SparseCategoricalCrossentropy


class Planted(NamedTuple):
    """A mistake.

    Args:
        code: of the finding.
        remedy: a word of what is to be done.
        make: () -> model, and the arguments of `check`.
    """

    code: str
    remedy: str
    make: Callable[[], tuple[Any, dict[str, Any]]]


PLANTED: dict[str, Planted] = {}
LOGITS = SparseCategoricalCrossentropy(from_logits=True)


def planted(code: str, remedy: str) -> Callable[[Any], Any]:
    def enter(make: Any) -> Any:
        PLANTED[make.__name__] = Planted(code, remedy, make)
        return make

    return enter


def table(n: int = 300, features: int = 6, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features, and classes that depend on them."""
    x = np.random.default_rng(0).normal(size=(n, features)).astype("float32")
    return x, np.digitize(x[:, 0] + x[:, 1], np.linspace(-1, 1, classes - 1)).astype("int32")


def quantity() -> tuple[np.ndarray, np.ndarray]:
    x, _ = table()
    return x, x[:, :1] - 2 * x[:, 1:2]


def network(*stack: Any, loss: Any = LOGITS, optimizer: Any = "adam", metrics: Any = None) -> Any:
    model = lamina.Sequential(list(stack))
    model.compile(optimizer, loss, metrics=metrics)
    return model


def classifier(**settings: Any) -> Any:
    return network(Dense(16, activation="relu"), Dense(3), **settings)


def given(x: Any, y: Any, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, **more}


# -- the end of the model, its loss and its metrics --------------------------------------------------
@planted("softmax-before-logits", "Take the activation off")
def softmax_and_from_logits():
    return network(Dense(3, activation="softmax")), given(*table())


@planted("sigmoid-before-logits", "Take the activation off")
def sigmoid_and_from_logits():
    x, y = table(classes=2)
    return network(Dense(1, activation="sigmoid"), loss=BinaryCrossentropy(from_logits=True)), given(x, y)


@planted("relu-before-logits", "Take the activation off")
def relu_and_from_logits():
    return network(Dense(3, activation="relu")), given(*table())


@planted("logits-as-probabilities", "from_logits=True")
def raw_scores_as_probabilities():
    return network(Dense(3), loss="sparse_categorical_crossentropy"), given(*table())


@planted("logits-as-probabilities", "from_logits=True")
def raw_score_as_a_probability():
    return network(Dense(1), loss="binary_crossentropy"), given(*table(classes=2))


@planted("double-softmax", "Take one of them off")
def softmax_twice():
    stack = Dense(3, activation="softmax"), layers.Softmax()
    return network(*stack, loss="sparse_categorical_crossentropy"), given(*table())


@planted("softmax-over-one", "sigmoid")
def softmax_of_one_unit():
    return network(Dense(1, activation="softmax"), loss="binary_crossentropy"), given(*table(classes=2))


@planted("sigmoid-for-categories", "softmax")
def sigmoid_and_categories():
    x, y = table()
    return network(Dense(3, activation="sigmoid"), loss="categorical_crossentropy"), given(x, np.eye(3)[y])


@planted("softmax-for-questions", "CategoricalCrossentropy")
def softmax_and_binary():
    x, y = table()
    return network(Dense(3, activation="softmax"), loss="binary_crossentropy"), given(x, np.eye(3)[y])


@planted("targets-out-of-reach", "Take the activation off")
def relu_and_negative_targets():
    return network(Dense(8, activation="tanh"), Dense(1, activation="relu"), loss="mse"), given(*quantity())


@planted("targets-out-of-reach", "Take the activation off")
def sigmoid_and_large_targets():
    x, y = quantity()
    return network(Dense(1, activation="sigmoid"), loss="mae"), given(x, 10 + y)


@planted("dropout-last", "before the last layer")
def dropout_after_the_answers():
    return network(Dense(3), Dropout(0.5)), given(*table())


@planted("broadcast-loss", "shape of the output")
def own_loss_of_columns_and_vectors():
    def squares(y_true, y_pred):
        return ops.square(y_true - y_pred)

    x, y = quantity()
    return network(Flatten(), Dense(1), loss=squares), given(x, y[:, 0])


@planted("metric-does-not-fit", "mae")
def accuracy_of_a_regression():
    return network(Dense(1), loss="mse", metrics=["accuracy"]), given(*quantity())


@planted("metric-does-not-fit", "accuracy")
def half_as_threshold_of_logits():
    loss = BinaryCrossentropy(from_logits=True)
    return network(Dense(1), loss=loss, metrics=[lamina.metrics.BinaryAccuracy()]), given(*table(classes=2))


@planted("metric-does-not-fit", "SparseCategoricalAccuracy")
def one_hot_accuracy_of_class_numbers():
    return classifier(metrics=[lamina.metrics.CategoricalAccuracy()]), given(*table())


# -- targets -------------------------------------------------------------------------------------------
@planted("target-values", "subtract 1")
def labels_from_one():
    x, y = table()
    return classifier(), given(x, y + 1)


@planted("target-shape", "CategoricalCrossentropy")
def one_hot_and_sparse():
    x, y = table()
    return classifier(), given(x, np.eye(3)[y])


@planted("target-shape", "")
def quantities_of_another_width():
    x, y = quantity()
    return network(Dense(3), loss="mse"), given(x, np.repeat(y, 2, axis=1))


@planted("target-values", "from_logits|labels|Map")
def labels_of_plus_and_minus_one():
    x, y = table(classes=2)
    return network(Dense(1, activation="sigmoid"), loss="binary_crossentropy"), given(x, 2 * y - 1)


@planted("one-class", "how the targets were read")
def a_single_class():
    x, y = table()
    return classifier(), given(x, 0 * y)


@planted("class-imbalance", "class_weight")
def a_rare_class():
    x, y = table(1000, classes=2)
    y[:] = x[:, 0] > np.sort(x[:, 0])[-20]
    return network(Dense(2)), given(x, y)


@planted("unused-units", "3 units")
def a_thousand_units_for_three_classes():
    return network(Dense(6)), given(*table())


@planted("class-not-trained", "stratified")
def a_class_that_is_not_trained():
    x, y = table()
    return classifier(), given(x[y < 2], y[y < 2], validation_data=(x + 1, y))


@planted("class-not-validated", "stratified")
def the_tail_of_sorted_rows():
    x, y = table()
    order = np.argsort(y, kind="stable")
    return classifier(), given(x[order], y[order], validation_split=0.2)


@planted("class-not-validated", "stratified")
def a_class_that_is_not_validated():
    x, y = table()
    return classifier(), given(x, y, validation_data=(x[y > 0][:90], y[y > 0][:90]))


@planted("sorted-labels", "shuffle")
def sorted_and_not_shuffled():
    x, y = table()
    order = np.argsort(y, kind="stable")
    return classifier(), given(x[order], y[order], shuffle=False)


@planted("unscaled-targets", "standard deviation")
def prices_as_they_are():
    x, y = quantity()
    return network(Dense(16, activation="relu"), Dense(1), loss="mse"), given(x, 2e5 + 5e4 * y)


@planted("labels-independent", "same order")
def random_labels():
    x, _ = table(600)
    return classifier(), given(x, np.random.default_rng(7).integers(0, 3, 600))


@planted("labels-independent", "same order")
def the_third_listing():
    order = np.random.default_rng(3)
    x, y = order.random((1000, 10)), order.integers(0, 2, (1000, 1))
    return network(Dense(10, "relu"), Dense(1, "sigmoid"), loss=BinaryCrossentropy()), given(x, y)


# -- inputs --------------------------------------------------------------------------------------------
@planted("unscaled-inputs", "255")
def pixels_as_they_are():
    x, y = lamina.datasets.digits()[0]
    pixels = np.round(x.reshape(len(x), -1) / x.max() * 255)
    return network(Dense(32, activation="relu"), Dense(10)), given(pixels, y)


@planted("unscaled-inputs", "Standardise")
def a_column_in_dollars():
    x, y = table()
    return classifier(), given(x * np.array([1, 1, 1, 1, 1, 5e4], "float32"), y)


@planted("data-refused", "nan_to_num")
def a_missing_number():
    x, y = table()
    x[7, 2] = np.nan
    return classifier(), given(x, y)


@planted("data-refused", "")
def one_row_too_few():
    x, y = table()
    return classifier(), given(x, y[:-1])


@planted("constant-inputs", "read and cut")
def the_same_row_again_and_again():
    x, y = table()
    return classifier(), given(np.repeat(x[:1], len(x), axis=0), y)


@planted("constant-features", "Leave them out")
def a_column_of_one_value():
    x, y = table()
    x[:, 4] = 0.5
    return classifier(), given(x, y)


@planted("duplicate-features", "Keep one")
def a_column_twice():
    x, y = table()
    x[:, 4] = x[:, 1]
    return classifier(), given(x, y)


@planted("target-among-features", "out of the inputs")
def the_answer_as_a_column():
    x, y = quantity()
    return network(Dense(1), loss="mse"), given(np.concatenate([x, y], axis=1), y)


@planted("rows-in-both-parts", "Split before")
def rows_repeated_before_the_split():
    x, y = table()
    again = np.random.default_rng(0).permutation(600)
    return classifier(), given(np.tile(x, (2, 1))[again], np.tile(y, 2)[again], validation_split=0.25)


@planted("rows-in-both-parts", "find_leaks")
def validated_on_what_was_trained_on():
    x, y = table()
    return classifier(), given(x, y, validation_data=(x[:60], y[:60]))


@planted("duplicate-rows", "Drop them")
def rows_twice():
    x, y = table()
    return classifier(), given(np.tile(x, (2, 1)), np.tile(y, 2))


def sentences(padded: bool = False) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(0)
    ids = order.integers(1, 20, (200, 12))
    y = (ids[:, 0] > 10).astype("int32")
    if padded:
        ids[np.arange(12) >= order.integers(2, 9, (200, 1))] = 0
    return ids, y


@planted("ids-out-of-range", "input_dim 20")
def a_table_too_small():
    return network(Embedding(15, 4), layers.GRU(4), Dense(2)), given(*sentences())


@planted("padding-counts", "mask_zero=True")
def padding_without_a_mask():
    return network(Embedding(20, 4), layers.GRU(4), Dense(2)), given(*sentences(padded=True))


@planted("future-seen", "use_causal_mask=True")
def both_directions_at_once():
    ids = sentences()[0]
    reader = layers.Bidirectional(layers.GRU(4, return_sequences=True))
    return network(Embedding(20, 4), reader, Dense(20)), given(ids[:, :-1], ids[:, 1:])


# -- layers and weights -----------------------------------------------------------------------------------
@planted("rows-meet", "axis 0")
def a_mean_over_the_batch():
    class Centred(layers.Layer):
        def call(self, inputs):
            return inputs - ops.mean(inputs, axis=0)

    return network(Dense(16, activation="relu"), Centred(), Dense(3)), given(*table())


@planted("rows-meet", "axis 0")
def a_reshape_that_takes_rows_apart():
    class Mixed(layers.Layer):
        def call(self, inputs):
            return ops.reshape(ops.transpose(inputs), inputs.shape)

    return network(Mixed(), Dense(3)), given(*table())


@planted("dead-units", "leaky_relu")
def a_bias_that_kills():
    stack = Dense(16, activation="relu", bias_initializer=lamina.initializers.Constant(-9.0)), Dense(3)
    return network(*stack), given(*table())


@planted("saturated-units", "smaller weights")
def weights_that_are_too_large():
    large = lamina.initializers.RandomNormal(stddev=30.0)
    return network(Dense(16, activation="tanh", kernel_initializer=large), Dense(3)), given(*table())


@planted("identical-units", "at random")
def weights_of_zero():
    return network(Dense(16, activation="tanh", kernel_initializer="zeros"), Dense(3)), given(*table())


@planted("nothing-to-train", "trainable = True")
def everything_frozen():
    model = classifier()
    model(table()[0][:2])
    model.trainable = False
    return model, given(*table())


@planted("single-row-batches", "batch_size")
def a_last_batch_of_one():
    x, y = table(257)
    return network(Dense(16), layers.BatchNormalization(), Dense(3)), given(x, y, batch_size=64)


@planted("batch-larger-than-data", "smaller batch_size")
def a_batch_of_everything():
    return classifier(), given(*table(), batch_size=1000)


@planted("loss-at-start", "smaller weights")
def a_last_layer_that_is_too_sure():
    large = lamina.initializers.RandomNormal(stddev=30.0)
    return network(Dense(16, activation="relu"), Dense(3, kernel_initializer=large)), given(*table())


@planted("learning-rate-high", "lr_find")
def steps_that_are_too_long():
    return network(Dense(1), loss="mse", optimizer=lamina.optimizers.SGD(5.0)), given(*quantity())


@planted("learning-rate-low", "lr_find")
def steps_that_do_not_move():
    return classifier(optimizer=lamina.optimizers.SGD(1e-12)), given(*table())


@planted("weights-do-not-learn", "stop_gradient")
def a_gradient_that_is_stopped():
    class Stopped(layers.Layer):
        def call(self, inputs):
            return lamina.stop_gradient(inputs)

    return network(Dense(16, activation="tanh"), Stopped(), Dense(3)), given(*table())


@planted("loss-not-finite", "Look for log")
def a_logarithm_of_negative_numbers():
    class Logarithm(layers.Layer):
        def call(self, inputs):
            return ops.log(inputs)

    return network(Logarithm(), Dense(3)), given(*table())
