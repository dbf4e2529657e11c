"""One artificial neuron that shows its work: every number of the formula, and the gradients by hand."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..core import ArgumentError, Registry, ShapeError


class _Activation(NamedTuple):
    formula: str
    value: Callable[[float], float]
    slope: Callable[[float, float], float]  # from z and y
    slope_formula: str


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else 1 - 1 / (1 + math.exp(z))


_activations: Registry[_Activation] = Registry("activation of a Neuron")
for _name, _entry in {
    "sigmoid": _Activation("1 / (1 + exp(-z))", _sigmoid, lambda z, y: y * (1 - y), "y (1 - y)"),
    "tanh": _Activation("tanh(z)", math.tanh, lambda z, y: 1 - y * y, "1 - y²"),
    "relu": _Activation("max(0, z)", lambda z: max(0.0, z), lambda z, y: float(z > 0), "1 if z > 0, else 0"),
    "linear": _Activation("z", lambda z: z, lambda z, y: 1.0, "1"),
}.items():
    _activations.add(_entry, _name)


class Gradients(NamedTuple):
    """What backpropagation finds for L = (y - t)² / 2, factor by factor.

    Args:
        output: ∂L/∂y = y - t.
        slope: ∂y/∂z = σ'(z).
        delta: δ = ∂L/∂z = ∂L/∂y · σ'(z).
        weights: ∂L/∂wᵢ = δ xᵢ.
        bias: ∂L/∂b = δ.
        inputs: ∂L/∂xᵢ = δ wᵢ, what a layer below would receive.

    Example:
        >>> Neuron([2.0], activation="linear").gradients([3.0], target=5.0).weights
        (3.0,)
    """

    output: float
    slope: float
    delta: float
    weights: tuple[float, ...]
    bias: float
    inputs: tuple[float, ...]


class Neuron:
    """z = Σ wᵢ xᵢ + b, y = σ(z), on plain numbers, to be read along with a textbook.

    Args:
        weights: w, one number per input.
        bias: b.
        activation: "sigmoid", "tanh", "relu" or "linear", the σ of the formula.

    Raises:
        UnknownNameError: another activation.
        ArgumentError: no weights.

    Example:
        >>> neuron = Neuron([0.5, -1.0], bias=0.25)
        >>> round(neuron([2.0, 1.0]), 4)
        0.5622
        >>> print(neuron.explain([2.0, 1.0], target=1.0))
        z = Σ wᵢ xᵢ + b = 0.5 · 2 + (-1) · 1 + 0.25 = 0.25
        y = σ(z) = 1 / (1 + exp(-z)) = 0.562177
        L = (y - t)² / 2 = (0.562177 - 1)² / 2 = 0.0958447
        ∂L/∂y = y - t = -0.437823
        σ'(z) = y (1 - y) = 0.246134
        δ = ∂L/∂y · σ'(z) = -0.437823 · 0.246134 = -0.107763
        ∂L/∂w₁ = δ x₁ = -0.107763 · 2 = -0.215527
        ∂L/∂w₂ = δ x₂ = -0.107763 · 1 = -0.107763
        ∂L/∂b = δ = -0.107763

    Reference: Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors.
    """

    def __init__(self, weights: Sequence[float], bias: float = 0.0, activation: str = "sigmoid") -> None:
        self.weights, self.bias, self.activation = tuple(map(float, weights)), float(bias), activation
        self._sigma = _activations[activation]
        if not self.weights:
            raise ArgumentError(
                "Neuron",
                "a neuron has inputs",
                expected="at least one weight",
                received="none",
                remedy="Pass one weight per input",
            )

    def weighted_sum(self, x: Sequence[float]) -> float:
        """z = Σ wᵢ xᵢ + b.

        Raises:
            ShapeError: x has not one number per weight.
        """
        if len(x) != len(self.weights):
            raise ShapeError(
                "Neuron",
                "each input has its weight",
                expected=f"{len(self.weights)} inputs",
                received=len(x),
                remedy="Pass one number per weight",
            )
        return math.fsum([*(w * float(value) for w, value in zip(self.weights, x, strict=True)), self.bias])

    def __call__(self, x: Sequence[float]) -> float:
        """y = σ(z)."""
        return self._sigma.value(self.weighted_sum(x))

    def gradients(self, x: Sequence[float], target: float) -> Gradients:
        """The derivatives of L = (y - target)² / 2 by the chain rule; σ'(z) is the factor easily forgotten."""
        z = self.weighted_sum(x)
        y = self._sigma.value(z)
        output, slope = y - target, self._sigma.slope(z, y)
        delta = output * slope
        weights = tuple(delta * float(value) for value in x)
        return Gradients(output, slope, delta, weights, delta, tuple(delta * w for w in self.weights))

    def explain(self, x: Sequence[float], target: float | None = None) -> str:
        """The formulas with the numbers filled in, a line each; with a target also loss and gradients."""
        z, y = self.weighted_sum(x), self(x)
        terms = " + ".join(f"{_factor(w)} · {_factor(value)}" for w, value in zip(self.weights, x, strict=True))
        lines = [
            f"z = Σ wᵢ xᵢ + b = {terms} + {_factor(self.bias)} = {z:.6g}",
            f"y = σ(z) = {self._sigma.formula} = {y:.6g}",
        ]
        return "\n".join(lines if target is None else lines + self._explain_gradients(x, y, target))

    def _explain_gradients(self, x: Sequence[float], y: float, target: float) -> list[str]:
        g = self.gradients(x, target)
        delta = f"{g.delta:.6g}"
        return [
            f"L = (y - t)² / 2 = ({y:.6g} - {_factor(target)})² / 2 = {g.output**2 / 2:.6g}",
            f"∂L/∂y = y - t = {g.output:.6g}",
            f"σ'(z) = {self._sigma.slope_formula} = {g.slope:.6g}",
            f"δ = ∂L/∂y · σ'(z) = {g.output:.6g} · {g.slope:.6g} = {delta}",
            *(
                f"∂L/∂w{_index(i)} = δ x{_index(i)} = {delta} · {_factor(value)} = {slope:.6g}"
                for i, (value, slope) in enumerate(zip(x, g.weights, strict=True), 1)
            ),
            f"∂L/∂b = δ = {delta}",
        ]


def _factor(value: float) -> str:
    return f"({value:.6g})" if value < 0 else f"{value:.6g}"


def _index(i: int) -> str:
    return str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
