"""Combinations of categories to a fixed number of buckets."""

from typing import Any

from ...core import ArgumentError, ShapeError, Tensor
from ..arguments import whole
from ..layer import registry, shape_of
from .buckets import cross, numbers_or_text
from .encoding import encode, output_mode
from .host import HostLayer, is_traced


@registry.register()
class HashedCrossing(HostLayer):
    """y = hash(x₁, x₂, ...) mod num_bins: a bucket for each combination of the values of several features.

    A linear model sees by it what single features do not show, such as "Berlin and Sunday".

    Args:
        num_bins: number of buckets.
        output_mode: "int" or "one_hot".

    Inputs: a list of two or more arrays (N,) or (N, 1) of strings or integers. Output of the same shape and int32,
    or (N, num_bins). Strings are hashed on the host, before a model; integers also inside one.

    Raises:
        ArgumentError: fewer than two inputs.
        ShapeError: the inputs differ in shape, or have more than one value a row.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.HashedCrossing(num_bins=5)
        >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102]))
        Tensor([1, 4, 1, 1, 3], int32)
    """

    def __init__(self, num_bins: int, output_mode: str = "int", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_bins = whole(num_bins, "HashedCrossing", "num_bins")
        self.output_mode = _mode(output_mode)

    def _prepared(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) < 2:
            raise ArgumentError(
                self.who,
                "a crossing has several inputs",
                expected="a list of two or more arrays",
                received=f"a {type(value).__name__}",
                remedy="For example layer((city, day))",
            )
        columns = [HostLayer._prepared(self, column) for column in value]
        shapes = [tuple(column.shape) for column in columns]
        if len(set(shapes)) > 1 or len(shapes[0]) > 2 or len(shapes[0]) == 2 and shapes[0][1] != 1:
            raise ShapeError(
                self.who,
                "the inputs have one value a row",
                expected="arrays of one shape (N,) or (N, 1)",
                received=", ".join(map(str, shapes)),
                remedy="Split the columns: layer((x[:, 0], x[:, 1]))",
            )
        return columns

    def call(self, inputs: Any) -> Tensor:
        if any(map(is_traced, inputs)) and not all(map(is_traced, inputs)):
            raise ArgumentError(
                self.who,
                "a compiled step crosses what it is given",
                expected="all inputs as arguments of the step",
                received=f"shapes {shape_of(inputs)}, some of them fixed",
                remedy="Pass them all as arguments, or cross them before the step",
            )
        columns = [numbers_or_text(column, self.who) for column in inputs]
        return Tensor(encode(cross(columns, self.num_bins), self.output_mode, self.num_bins, self.compute_dtype))


def _mode(value: str) -> str:
    return output_mode(value, ("int", "one_hot"), "HashedCrossing")
