"""What was given to a constructor is the config, through a closed registry."""

import copy
import json

import jax.numpy as jnp
import numpy as np
import pytest

from lamina.core import ArgumentError, Configurable, Registry, Tensor, UnknownNameError, lookup, serialize

parts: Registry = Registry("part")


@parts.register()
class Wheel(Configurable):
    def __init__(self, size: int = 3, name: str | None = None) -> None:
        self.size = size


@parts.register()
class BigCar(Configurable):
    def __init__(self, wheels: int, wheel: object = "wheel", *, colour: str = "red", **options: object) -> None:
        self.wheels, self.wheel, self.options = wheels, lookup(parts, wheel), options

    def __call__(self) -> int:
        return self.wheels


def test_config_is_the_arguments_with_defaults_and_keywords() -> None:
    car = BigCar(4, Wheel(5), speed=2)
    assert car.get_config() == {
        "wheels": 4,
        "wheel": {"class_name": "Wheel", "config": {"size": 5, "name": None}},
        "colour": "red",
        "speed": 2,
    }


def test_config_survives_json_and_comes_back_through_the_registry() -> None:
    car = BigCar(4, Wheel(5), speed=2)
    again = lookup(parts, json.loads(json.dumps(serialize(car))))
    assert type(again) is BigCar and again.get_config() == car.get_config()
    assert again.wheel.size == 5 and again.options == {"speed": 2}


def test_a_copy_keeps_its_config() -> None:
    assert copy.deepcopy(BigCar(4)).get_config() == BigCar(4).get_config()


@pytest.mark.parametrize("identifier", ["wheel", "Wheel", Wheel, Wheel(), {"class_name": "Wheel", "config": {}}])
def test_every_way_to_name_a_part(identifier: object) -> None:
    assert BigCar(1, identifier).wheel.size == 3


def test_none_stays_none() -> None:
    assert lookup(parts, None) is None


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'wheel'"):
        lookup(parts, "whel")
    with pytest.raises(UnknownNameError, match="part: the name is not registered"):
        lookup(parts, {"class_name": "os.system", "config": {}})


def test_other_things_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"name, config, class or object.*received 3\."):
        lookup(parts, 3)


def test_data_becomes_plain() -> None:
    given = (1, np.float32(0.5), np.arange(2), jnp.ones(1), Tensor([2.0]), np.dtype("int8"), jnp.float32, None, "a")
    assert serialize(given) == [1, 0.5, [0, 1], [1.0], [2.0], "int8", "float32", None, "a"]


def test_functions_go_by_name_and_lambdas_are_refused() -> None:
    assert serialize(np.sum) == "sum"
    with pytest.raises(ArgumentError, match="Give a lambda a name"):
        serialize({"f": lambda x: x})
