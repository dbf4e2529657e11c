"""A next-token model that sees the next token is told of; all others are left in peace."""

import warnings

import numpy as np
import pytest

import lamina
from lamina import layers

IDS = np.arange(40).reshape(4, 10) % 13


class Attending(layers.Layer):
    """Self-attention of one head, causal or not."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.causal, self.attention = causal, layers.MultiHeadAttention(1, 4)

    def call(self, inputs):
        return self.attention(inputs, inputs, use_causal_mask=self.causal)


def model(*between: layers.Layer) -> lamina.Sequential:
    made = lamina.Sequential([layers.Embedding(13, 4), *between, layers.Dense(13)])
    made.compile("sgd", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made


LEAKING = {
    "attention": lambda: Attending(causal=False),
    "both directions": lambda: layers.Bidirectional(layers.GRU(3, return_sequences=True)),
    "convolution": lambda: layers.Conv1D(4, 3, padding="same"),
}
SOUND = {
    "causal attention": lambda: Attending(causal=True),
    "recurrence": lambda: layers.LSTM(3, return_sequences=True),
    "causal convolution": lambda: layers.Conv1D(4, 3, padding="causal"),
    "each place alone": lambda: layers.Dense(3),
}


@pytest.mark.parametrize("layer", LEAKING.values(), ids=LEAKING)
def test_a_leak_is_told_before_training(layer):
    with pytest.warns(UserWarning, match="leaks the answer") as told:
        model(layer()).fit(IDS[:, :-1], IDS[:, 1:], epochs=2, verbose=0)
    assert len(told) == 1


@pytest.mark.parametrize("layer", SOUND.values(), ids=SOUND)
def test_a_model_that_looks_back_only_is_left_in_peace(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(layer()).fit(IDS[:, :-1], IDS[:, 1:], verbose=0)


def test_labels_of_each_place_are_no_leak():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(Attending(causal=False)).fit(IDS, (IDS * 7) % 13, verbose=0)


def test_a_stream_of_batches_is_looked_at_too():
    with pytest.warns(UserWarning, match="leaks the answer"):
        model(Attending(causal=False)).fit([(IDS[:, :-1], IDS[:, 1:])], verbose=0)
