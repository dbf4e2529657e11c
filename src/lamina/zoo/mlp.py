"""The multi-layer perceptron: fully connected layers, one after another."""

from collections.abc import Sequence
from typing import Any

from ..core import ArgumentError, Tensor
from ..layers import Dense, Dropout, Input
from ..layers.layer import registry
from ..models import Model


@registry.register()
class MLP(Model):
    """Fully connected layers: h₁ = σ(x · W₁ + b₁), h₂ = σ(h₁ · W₂ + b₂), ..., y = h · W + b.

    One hidden layer is enough for what a single perceptron cannot learn, such as exclusive or.

    Args:
        sizes: units of every layer, inputs first and outputs last: [2, 4, 1] is the textbook's 2-4-1 network.
        activation: σ of the hidden layers.
        output_activation: of the last layer; None leaves logits, for losses with from_logits=True.
        dropout: share of the hidden units that are left out of each training step.
        name: by default "mlp".

    Input (N, sizes[0]), output (N, sizes[-1]).

    Raises:
        ArgumentError: fewer than two sizes.

    Example:
        >>> model = MLP([2, 4, 1], activation="tanh", output_activation="sigmoid")
        >>> model.count_params(), model.compute_output_shape((None, 2))
        (17, (None, 1))

    Reference: Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Any = "relu",
        output_activation: Any = None,
        dropout: float = 0.0,
        name: str | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise ArgumentError(
                "MLP",
                "a network has inputs and outputs",
                expected="at least two sizes, such as [64, 32, 10]",
                received=list(sizes),
                remedy="Begin with the number of inputs and end with that of outputs",
            )
        super().__init__(name=name)
        self.hidden = [Dense(units, activation) for units in sizes[1:-1]]
        self.dropout = Dropout(dropout)
        self.out = Dense(sizes[-1], output_activation)
        self(Input((sizes[0],)))  # builds it

    def call(self, inputs: Tensor) -> Tensor:
        for layer in self.hidden:
            inputs = self.dropout(layer(inputs))
        return self.out(inputs)
