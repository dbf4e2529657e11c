"""The names of TensorFlow that textbooks use, given by Lamina.

import lamina.compat.tensorflow as tf
from lamina.compat.tensorflow.keras import layers
"""

import jax.numpy as jnp

from . import keras, math, nn
from .functions import cast, matmul, reshape, shape, transpose

bool = jnp.dtype("bool")
float16 = jnp.dtype("float16")
bfloat16 = jnp.dtype("bfloat16")
float32 = jnp.dtype("float32")
float64 = jnp.dtype("float64")
int32 = jnp.dtype("int32")
int64 = jnp.dtype("int64")
uint8 = jnp.dtype("uint8")

__all__ = [
    "bfloat16",
    "bool",
    "cast",
    "float16",
    "float32",
    "float64",
    "int32",
    "int64",
    "keras",
    "math",
    "matmul",
    "nn",
    "reshape",
    "shape",
    "transpose",
    "uint8",
]
