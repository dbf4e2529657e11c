"""Choosing variables by object or by name: which ones do not decay, which ones learn at another rate."""

import re
from collections.abc import Iterable, Sequence

from ..core import Variable


def patterns(var_list: Iterable[Variable] = (), var_names: Sequence[str] = ()) -> list[str]:
    """Regular expressions that find the paths of `var_list` and whatever `var_names` find.

    Args:
        var_list: variables; a layer's are `layer.trainable_variables`.
        var_names: regular expressions; a variable is meant if one is found in its path.

    Example:
        >>> patterns([Variable([1.0], name="kernel")], ["bias"])
        ['^kernel$', 'bias']
    """
    return [*(f"^{re.escape(v.path)}$" for v in var_list), *var_names]


def chosen(variable: Variable, expressions: Iterable[str]) -> bool:
    """Whether one of the regular expressions is found in the variable's path.

    Example:
        >>> chosen(Variable([1.0], name="bias"), ["^kernel$", "bi"])
        True
    """
    return any(re.search(expression, variable.path) for expression in expressions)
