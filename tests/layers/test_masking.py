"""Masks: where they begin, which layers pass them on, and that nothing that is padded counts."""

import warnings

import numpy as np
import pytest

import lamina
from lamina import Tensor, layers, losses, metrics, ops

IDS = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [2, 1, 3, 1]])
REAL = IDS != 0


def masked(x=None):
    """`x`, or ones (3, 4, 2), of which the places of IDS count."""
    return layers.masks.with_mask(Tensor(np.ones((3, 4, 2)) if x is None else x), Tensor(REAL))


def test_masking_leaves_out_steps_whose_values_are_all_the_mask_value():
    x = np.array([[[1.0, 5.0], [5.0, 5.0], [5.0, 2.0]]])
    y = layers.Masking(mask_value=5.0)(Tensor(x))
    assert y.mask.tolist() == [[True, False, True]]
    assert y.tolist() == [[[1.0, 5.0], [0.0, 0.0], [5.0, 2.0]]]


def test_embedding_masks_the_id_zero_only_when_asked():
    assert layers.Embedding(4, 2)(Tensor(IDS)).mask is None
    np.testing.assert_array_equal(layers.Embedding(4, 2, mask_zero=True)(Tensor(IDS)).mask, REAL)


PASSING = [
    layers.Dense(3), layers.Activation("relu"), layers.ReLU(), layers.LeakyReLU(), layers.ELU(), layers.PReLU(),
    layers.Softmax(), layers.Dropout(0.5), layers.SpatialDropout1D(0.5), layers.GaussianNoise(0.1),
    layers.GaussianDropout(0.1), layers.AlphaDropout(0.1), layers.ActivityRegularization(), layers.Identity(),
    layers.LayerNormalization(), layers.BatchNormalization(), layers.GroupNormalization(1), layers.RMSNormalization(),
    layers.UnitNormalization(), layers.Rescaling(2.0),
]  # fmt: skip


@pytest.mark.parametrize("layer", PASSING, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("training", [False, True])
def test_a_layer_that_keeps_the_time_steps_keeps_the_mask(layer, training):
    np.testing.assert_array_equal(layer(masked(), training=training).mask, REAL)


def test_a_layer_that_loses_the_time_steps_says_so_and_ends_the_mask():
    with pytest.warns(UserWarning, match="Flatten 'f' does not know masks"):
        assert layers.Flatten(name="f")(masked()).mask is None


def test_a_layer_of_layers_leaves_the_warning_to_them():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(2)

        def call(self, inputs):
            return self.inner(inputs)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(Block()(masked()).mask, REAL)


def test_a_call_gets_the_mask_of_its_input_unless_it_is_given_one():
    class Count(layers.Layer):
        def call(self, inputs, mask=None):
            return ops.sum(mask)

        def compute_mask(self, inputs, mask=None):
            return None

    assert Count()(masked()).item() == REAL.sum()
    assert Count()(masked(), mask=Tensor([[True]])).item() == 1
    assert Count()(masked(), Tensor([[True]])).item() == 1


def test_each_argument_brings_its_own_mask():
    class Pair(layers.Layer):
        def call(self, query, value, query_mask=None, value_mask=None):
            return ops.stack([ops.sum(query_mask), ops.sum(value_mask)])

    query = layers.Masking()(Tensor([[[1.0], [0.0]]]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert Pair()(query, masked()).tolist() == [1, REAL.sum()]


def test_merging_counts_a_place_that_one_of_the_inputs_has():
    other = layers.masks.with_mask(Tensor(np.ones((3, 4, 2))), Tensor(np.arange(12).reshape(3, 4) % 2 == 0))
    either = REAL | other.mask.numpy()
    for layer in (layers.Add(), layers.Multiply(), layers.Maximum(), layers.Concatenate()):
        np.testing.assert_array_equal(layer([masked(), other]).mask, either)
    assert layers.Add()([masked(), Tensor(np.ones((3, 4, 2)))]).mask is None
    joined = layers.Concatenate(axis=1)([masked(), Tensor(np.ones((3, 1, 2)))]).mask
    np.testing.assert_array_equal(joined, np.concatenate([REAL, np.ones((3, 1), bool)], 1))
    assert layers.Dot(axes=-1)([masked(), other]).mask is None


def test_the_mean_over_time_is_that_of_the_steps_that_count():
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    x[~REAL] = np.nan
    y = layers.GlobalAveragePooling1D()(masked(x))
    np.testing.assert_allclose(y, [row[real].mean(0) for row, real in zip(x, REAL, strict=True)], rtol=1e-6)
    first = layers.GlobalAveragePooling1D(data_format="channels_first", keepdims=True)
    np.testing.assert_allclose(first(Tensor(x.swapaxes(1, 2)), mask=Tensor(REAL))[..., 0], y, rtol=1e-6)


def test_batch_statistics_are_those_of_the_steps_that_count():
    x = np.random.default_rng(1).normal(size=(3, 4, 2)).astype("float32")
    layer, real = layers.BatchNormalization(momentum=0.0), x[REAL]
    y = layer(masked(x), training=True)
    np.testing.assert_allclose(layer.moving_mean, real.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, real.var(0), rtol=1e-5)
    np.testing.assert_allclose(y, (x - real.mean(0)) / np.sqrt(real.var(0) + 1e-3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", 7 / 3),
        ("mean_with_sample_weight", 7 / 3),
        ("sum", 7.0),
        ("none", [[1.0, 2.0], [4.0, 0.0]]),
    ],
)
def test_losses_leave_out_what_the_mask_leaves_out(reduction, expected):
    y = layers.masks.with_mask(Tensor([[[1.0], [2.0]], [[4.0], [8.0]]]), Tensor([[True, True], [True, False]]))
    loss = losses.MeanAbsoluteError(reduction=reduction)
    np.testing.assert_allclose(loss(np.zeros((2, 2, 1), "float32"), y), expected, rtol=1e-6)


def test_fit_and_evaluate_count_no_padding():
    """The same loss, accuracy and weights as with the padding cut off, sample by sample."""
    words, labels = IDS[:2], np.array([[1, 0, 1, 1], [0, 1, 1, 1]])

    def model():
        made = lamina.Sequential(
            [layers.Input((None,), dtype="int32"), layers.Embedding(4, 3, mask_zero=True), layers.Dense(2)]
        )
        made.compile(
            "sgd",
            losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            weighted_metrics=[metrics.SparseCategoricalAccuracy()],
        )
        rng = np.random.default_rng(0)
        made.set_weights([rng.normal(size=w.shape).astype("float32") for w in made.get_weights()])
        return made

    padded, cut = model(), model()
    history = padded.fit(words, labels, epochs=2, batch_size=2, shuffle=False, verbose=0).history
    flat = cut.fit(
        words[REAL[:2]][:, None], labels[REAL[:2]][:, None], epochs=2, batch_size=3, shuffle=False, verbose=0
    ).history
    for name in ("loss", "accuracy", "sparse_categorical_accuracy"):
        np.testing.assert_allclose(history[name], flat[name], rtol=1e-5)
    for one, other in zip(padded.get_weights(), cut.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    weighted = padded.evaluate(words, labels, sample_weight=np.array([0.0, 1.0]), verbose=0, return_dict=True)
    alone = padded.evaluate(words[1:, :1], labels[1:, :1], verbose=0, return_dict=True)
    assert weighted["sparse_categorical_accuracy"] == pytest.approx(alone["sparse_categorical_accuracy"])


def test_a_functional_model_passes_masks_from_layer_to_layer():
    ids = layers.Input((None,), dtype="int32")
    hidden = layers.Dropout(0.5)(layers.Dense(3)(layers.Embedding(4, 2, mask_zero=True)(ids)))
    model = lamina.Model(ids, layers.GlobalAveragePooling1D()(hidden))
    np.testing.assert_allclose(model(Tensor(IDS))[1], model(Tensor(IDS[1:2, :1]))[0], rtol=1e-5)


def test_a_function_as_a_layer_says_what_becomes_of_the_mask():
    assert layers.Lambda(lambda x, mask: ops.sum(mask), mask=lambda x, mask: None)(masked()).item() == REAL.sum()
    np.testing.assert_array_equal(layers.Lambda(lambda x: x + 1.0, mask=lambda x, mask: ~mask)(masked()).mask, ~REAL)
    with pytest.warns(UserWarning, match="does not know masks"):
        assert layers.Lambda(lambda x: x + 1.0)(masked()).mask is None
