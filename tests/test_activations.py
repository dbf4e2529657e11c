"""Activations by name. The functions themselves are tested with the ops."""

import numpy as np
import pytest

from lamina import activations, ops
from lamina.core import ArgumentError, UnknownNameError

KERAS = """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold""".split()


@pytest.mark.parametrize("name", KERAS)
def test_every_name_of_keras_is_known_and_comes_back(name: str) -> None:
    function = activations.get(name)
    assert function is getattr(activations, name)
    assert activations.get(activations.serialize(function)) is function


def test_other_ways() -> None:
    assert activations.get(ops.relu) is activations.get("relu") is activations.relu
    np.testing.assert_array_equal(activations.get(None)([1.0, -2.0]), [1.0, -2.0])


def test_refusals() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
        activations.get("rleu")
    with pytest.raises(ArgumentError, match="by name or as a function"):
        activations.get(3)
    with pytest.raises(ArgumentError, match="lambda"):
        activations.serialize(lambda x: x)
