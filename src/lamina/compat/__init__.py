"""Names of other frameworks, so that programs written for them run with other import lines.

`lamina.compat.sklearn`, estimators for scikit-learn, is imported by its own name, because it needs that package.
"""

from . import tensorflow

__all__ = ["tensorflow"]
