"""The table of optimizers whose 20-step trajectories are compared with Keras'.

Adam and AdamW get epsilon by name: the textbook's default, which Lamina follows, is 1e-8, Keras' is 1e-7,
and only where epsilon is small do the two agree, since Keras adds it before the second moment's bias is corrected.
Restarts of a decay fall between two steps: at the very step, rounding lets Keras restart one step late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .asking import seed_of, title

STEPS = 20
SHAPES = ((4, 3), (3,), (2, 3, 2))


@dataclass(frozen=True)
class Case:
    """An optimizer and the size of the gradients it gets, small to large."""

    name: str
    config: dict[str, Any]
    size: float = 1.0

    def __str__(self) -> str:
        return title(self.name, self.config, f"gradients{self.size}" * (self.size != 1.0))

    def arrays(self) -> dict[str, np.ndarray]:
        """Three variables at the start, and a gradient of each for every step; every fourth gradient of the second is
        zero.
        """
        rng = np.random.default_rng(seed_of(str(self)))
        arrays = {f"start_{i}": rng.normal(size=shape) for i, shape in enumerate(SHAPES)}
        for step in range(STEPS):
            for i, shape in enumerate(SHAPES):
                silent = i == 1 and step % 4 == 3
                arrays[f"gradient_{step}_{i}"] = rng.normal(size=shape) * self.size * (not silent)
        return {key: value.astype("float32") for key, value in arrays.items()}


def rows(name: str, *configs: dict[str, Any], size: float = 1.0) -> list[Case]:
    return [Case(name, config, size) for config in configs]


EPSILON = {"epsilon": 1e-8}
COMMON: list[dict[str, Any]] = [
    {"weight_decay": 0.01},
    {"clipvalue": 0.3},
    {"clipnorm": 1.0},
    {"global_clipnorm": 1.0},
    {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 5},
    {"gradient_accumulation_steps": 4},
    {"loss_scale_factor": 8.0},
]
SCHEDULES: dict[str, list[dict[str, Any]]] = {
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 15},
        {"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": 0.2},
        {"initial_learning_rate": 0.01, "decay_steps": 9, "warmup_target": 0.1, "warmup_steps": 5},
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 4},
        {"initial_learning_rate": 0.1, "first_decay_steps": 3.7, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0},
    ],
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 6, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 6, "decay_rate": 0.5, "staircase": True},
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 6, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 6, "decay_rate": 0.5, "staircase": True},
    ],
    "PiecewiseConstantDecay": [{"boundaries": [5, 12], "values": [0.1, 0.05, 0.01]}],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 9},
        {"initial_learning_rate": 0.1, "decay_steps": 9, "end_learning_rate": 0.02, "power": 2.0},
        {"initial_learning_rate": 0.1, "decay_steps": 6, "cycle": True},
    ],
}


def with_common(name: str, base: dict[str, Any]) -> list[Case]:
    return rows(name, base, *({**base, **more} for more in COMMON))


def with_schedules() -> list[Case]:
    rates = [{"class_name": name, "config": config} for name, configs in SCHEDULES.items() for config in configs]
    return rows("SGD", *({"learning_rate": rate} for rate in rates))


CASES = [
    *with_schedules(),
    *with_common("SGD", {"learning_rate": 0.1}),
    *rows("SGD", {}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"learning_rate": 0.1, "momentum": 0.5}),
    *rows("SGD", {"momentum": 0.9, "clipnorm": 0.5}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    *with_common("Adam", {"learning_rate": 0.01, **EPSILON}),
    *rows("Adam", EPSILON, {"beta_1": 0.5, "beta_2": 0.9, **EPSILON}, {"amsgrad": True, **EPSILON}),
    *rows("Adam", EPSILON, {"learning_rate": 0.05, "amsgrad": True, "beta_2": 0.8, **EPSILON}, size=100.0),
    *rows("Adam", EPSILON, size=1e-3),
    *with_common("AdamW", {"learning_rate": 0.01, **EPSILON})[2:],
    *rows("AdamW", EPSILON, {"weight_decay": 0.1, **EPSILON}, {"amsgrad": True, **EPSILON}),
    *rows("RMSprop", {}, {"momentum": 0.9}, {"centered": True}, {"rho": 0.5}),
    *rows("Adagrad", {}, {"initial_accumulator_value": 0.0}),
    *rows("Adadelta", {"learning_rate": 1.0}, {"rho": 0.5}),
    *rows("Adamax", {}),
    *rows("Nadam", {}),
    *rows("Lion", {}, {"weight_decay": 0.1}),
    *rows("Ftrl", {}),
    *rows("Lamb", {}),
]
