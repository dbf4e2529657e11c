"""Models ready to be trained: the classic learners of the textbooks, each in a small file to be read."""

from .linear import LinearRegression, LogisticRegression
from .mlp import MLP
from .neuron import Gradients, Neuron
from .perceptron import Perceptron
from .separability import Separability, linear_separability

__all__ = [
    "MLP",
    "Gradients",
    "LinearRegression",
    "LogisticRegression",
    "Neuron",
    "Perceptron",
    "Separability",
    "linear_separability",
]
