import numpy as np

import lamina
from lamina.layers import Dense, TimeDistributed, Wrapper


def test_number_types_are_those_of_the_layer_inside() -> None:
    layer = Wrapper(Dense(2, dtype="mixed_bfloat16"))
    assert layer(np.zeros((1, 3), "float32")).dtype == "bfloat16"
    assert layer.compute_dtype == "bfloat16" and layer.layer.kernel.dtype == "float32"


def test_freezing_reaches_the_layer_inside() -> None:
    layer = TimeDistributed(Dense(2))
    layer(np.zeros((1, 4, 3)))
    layer.trainable = False
    assert layer.trainable_variables == [] and len(layer.variables) == 2


def test_names_inside_are_kept_in_a_config() -> None:
    layer = Wrapper({"class_name": "Dense", "config": {"units": 2}})
    twin = lamina.layers.get({"class_name": "Wrapper", "config": layer.get_config()})
    assert twin.layer.name == layer.layer.name and list(twin.children()) == ["layer"]


def test_weights_are_shared_with_the_layer_inside(rng: np.random.Generator) -> None:
    inside, x = Dense(2), rng.normal(size=(4, 3))
    around = Wrapper(inside)
    np.testing.assert_array_equal(around(x), inside(x))
    assert around.variables == inside.variables
