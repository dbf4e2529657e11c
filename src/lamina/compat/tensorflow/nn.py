"""`tf.nn`."""

from ...ops import gelu, log_softmax, relu, sigmoid, softmax, tanh

__all__ = ["gelu", "log_softmax", "relu", "sigmoid", "softmax", "tanh"]
