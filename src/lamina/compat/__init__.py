"""Names of other frameworks, so that programs written for them run with other import lines."""

from . import tensorflow

__all__ = ["tensorflow"]
