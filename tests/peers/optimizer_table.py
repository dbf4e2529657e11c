"""The table of optimizers whose 20-step trajectories are compared with Keras'.

Adam and AdamW get epsilon by name: the textbook's default, which Lamina follows, is 1e-8, Keras' is 1e-7,
and only where epsilon is small do the two agree, since Keras adds it before the second moment's bias is corrected.
Muon's half that is AdamW likewise. Where Lamina's ScheduleFreeAdamW is the paper's and Keras' is not, that is with
warm-up or weight decay, it has no row.
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

NOT_COMPARED = {  # public names without a row, each with the reason
    "LARS": "not in Keras",
    "LBFGS": "not in Keras",
    "SAM": "not in Keras",
    "SWA": "not in Keras",
    **dict.fromkeys(
        ["LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"],
        "holds objects, which a request to the oracle cannot; tests/optimizers has its rule",
    ),
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
    *rows("RMSprop", {"momentum": 0.5, "centered": True, "rho": 0.8, "learning_rate": 0.01}, {"weight_decay": 0.1}),
    *with_common("Adagrad", {"learning_rate": 0.1}),
    *rows("Adagrad", {}, {"initial_accumulator_value": 0.0}, {"learning_rate": 0.1, "epsilon": 0.1}),
    *with_common("Adadelta", {"learning_rate": 1.0, "epsilon": 1e-3}),
    *rows("Adadelta", {}, {"learning_rate": 1.0}, {"rho": 0.5}),
    *with_common("Adamax", {"learning_rate": 0.01}),
    *rows("Adamax", {}, {"beta_1": 0.5, "beta_2": 0.9}, {"epsilon": 0.1}),
    *with_common("Nadam", {"learning_rate": 0.01})[:-2],
    *rows("Nadam", {}, {"beta_1": 0.5, "beta_2": 0.9}, {"epsilon": 0.1}, {"loss_scale_factor": 8.0}),
    *with_common("Lion", {"learning_rate": 0.01}),
    *rows("Lion", {}, {"weight_decay": 0.1}, {"beta_1": 0.5, "beta_2": 0.9}),
    *with_common("Ftrl", {"learning_rate": 0.1}),
    *rows("Ftrl", {}, {"learning_rate_power": -0.7}, {"learning_rate_power": 0.0}, {"initial_accumulator_value": 1.0}),
    *rows("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 1.0}, {"l2_regularization_strength": 0.5}),
    *rows("Ftrl", {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.5}),
    *with_common("Lamb", {"learning_rate": 0.01})[:-2],
    *rows("Lamb", {}, {"beta_1": 0.5, "beta_2": 0.9}, {"epsilon": 0.1}, {"loss_scale_factor": 8.0}),
    *with_common("Adafactor", {"learning_rate": 0.05}),
    *rows("Adafactor", {}, {"relative_step": False}, {"learning_rate": 0.5}, {"beta_2_decay": -0.5}),
    *rows("Adafactor", {"epsilon_1": 0.1, "learning_rate": 0.1}, {"epsilon_2": 2.0}, {"clip_threshold": 0.5}),
    *with_common("Muon", {"learning_rate": 0.01, "epsilon": 1e-12})[1:],
    *rows("Muon", {}, {"nesterov": False}, {"ns_steps": 3, "momentum": 0.5}, {"rms_rate": None}),
    *rows("Muon", {"exclude_layers": ["^v"]}, {"weight_decay": 0.1, "adam_weight_decay": 0.2}),
    *rows("Muon", {"adam_lr_ratio": 0.5, "adam_beta_1": 0.5, "adam_beta_2": 0.9, "epsilon": 1e-8}),
    *rows("Muon", {"muon_a": 1.5, "muon_b": -0.5, "muon_c": 0.0}),
    *with_common("ScheduleFreeAdamW", {"learning_rate": 0.01})[2:5],
    *rows("ScheduleFreeAdamW", {}, {"beta_1": 0.5, "beta_2": 0.9}, {"epsilon": 0.1}, {"loss_scale_factor": 8.0}),
]
