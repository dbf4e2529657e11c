"""`tf.math`."""

from ...ops import abs, add, cos, divide, exp, log, maximum, minimum, multiply, sin, sqrt, square, subtract, tanh

__all__ = [
    "abs", "add", "cos", "divide", "exp", "log", "maximum", "minimum", "multiply", "sin", "sqrt", "square", "subtract",
    "tanh",
]  # fmt: skip
