"""A fully connected layer over any axes."""

import re
from collections.abc import Sequence
from typing import Any

from .. import activations, ops
from ..core import ArgumentError, ShapeError, Tensor
from ..initializers import VarianceScaling
from .arguments import rules
from .input_spec import InputSpec
from .layer import registry
from .lora import LowRankLayer

_FORM = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


@registry.register()
class EinsumDense(LowRankLayer):
    """Inputs times kernel, summed over any axes: y = activation(einsum(equation, x, kernel) + bias).

    Args:
        equation: letters for the axes of input, kernel and output, "abc,cd->abd"; the output's first one is the batch.
            Axes before or after them may be written as `...`, in input and output.
        output_shape: sizes of the output's letters, without the batch (and without `...`); None for those that
            the input has too.
        activation: name or function; None is the identity.
        bias_axes: letters of the output that have a bias; None for none.
        kernel_initializer ... bias_constraint: as in `Dense`.
        lora_rank, lora_alpha: freeze the kernel and train A and B beside it, B along its last axis: see `enable_lora`.

    Input and output as the equation says. Weights: kernel, of the sizes of its letters; bias, of the sizes of
    `bias_axes`, with 1 for the output's other letters after the first of them.

    Raises:
        ArgumentError: the equation or `bias_axes` has another form.
        ShapeError: a size is unknown, or is given in two ways.

    Example:
        >>> import lamina
        >>> heads = lamina.layers.EinsumDense("ntf,fau->ntau", output_shape=(None, 4, 8), bias_axes="au")
        >>> heads(lamina.ops.zeros((2, 5, 16))).shape, heads.kernel.shape, heads.bias.shape
        ((2, 5, 4, 8), (16, 4, 8), (4, 8))

    Keras' quantization is not part of the layer.
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(lora_rank, lora_alpha, **kwargs)
        self.equation = equation.replace(" ", "")
        self.dots_first, self.dots_last, self.terms = self._parse()
        self.output_sizes = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_rules = rules(kernel_initializer, kernel_regularizer, kernel_constraint)
        self.bias_rules = rules(bias_initializer, bias_regularizer, bias_constraint)
        rank = len(self.terms[0])
        self.input_spec = InputSpec(min_ndim=rank) if self.dots_first or self.dots_last else InputSpec(ndim=rank)
        if not set(bias_axes or "") <= set(self.terms[2]):
            raise self._wrong("bias_axes names axes of the output", f"letters of {self.terms[2]!r}", bias_axes)

    def _wrong(self, rule: str, expected: Any, received: Any) -> ArgumentError:
        remedy = "For example EinsumDense('...x,xy->...y', 64, bias_axes='y')"
        return ArgumentError("EinsumDense", rule, expected=expected, received=repr(received), remedy=remedy)

    def _parse(self) -> tuple[bool, bool, tuple[str, str, str]]:
        """Whether `...` comes before or after the letters, and the letters of input, kernel and output."""
        found = _FORM.fullmatch(self.equation)
        if not found or found.group(1, 3) != found.group(5, 7) or all(found.group(1, 3)):
            forms = "'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...'"
            raise self._wrong("the equation has input, kernel and output", forms, self.equation)
        term, kernel, output = found.group(2, 4, 6)
        loose = set(kernel) - set(term + output) | set(output) - set(term + kernel)
        if loose:
            rule = "each letter of kernel and output stands in another term too"
            raise self._wrong(rule, f"{', '.join(sorted(loose))} in two terms", self.equation)
        return bool(found[1]), bool(found[3]), (term, kernel, output)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        term, kernel, output = self.terms
        sizes, elided = self._sizes(input_shape), len(input_shape) - len(term)
        shape: Any = tuple(sizes[letter] for letter in kernel)
        self.kernel = self.add_weight(shape, name="kernel", **{**self.kernel_rules, "initializer": self._initializer()})
        self.bias = None
        if self.bias_axes:
            from_first = output[min(map(output.index, self.bias_axes)) :]
            shape = [sizes[letter] if letter in self.bias_axes else 1 for letter in from_first]
            self.bias = self.add_weight(shape + [1] * elided * self.dots_last, name="bias", **self.bias_rules)
        fixed = {elided * self.dots_first + i: sizes[letter] for i, letter in enumerate(term) if letter in kernel}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=fixed)  # type: ignore[arg-type]
        self._adapt_if_asked()

    def _sizes(self, input_shape: tuple[int | None, ...]) -> dict[str, int | None]:
        """The size of each letter, from the input and from `output_shape`."""
        term, _, output = self.terms
        named = output if self.dots_first else output[1:]  # with dots first, the batch is in them
        sizes = dict(zip(term, input_shape[-len(term) :] if self.dots_first else input_shape, strict=False))
        announced = dict(zip(named, self.output_sizes, strict=False))
        clash = any(size not in (None, sizes.get(letter) or size) for letter, size in announced.items())
        if clash or len(named) != len(self.output_sizes):
            raise ShapeError(
                f"EinsumDense {self.name!r}",
                f"output_shape has one size for each of {', '.join(named)}, the same as in the input",
                expected=tuple(sizes.get(letter) or "any" for letter in named),
                received=f"{self.output_sizes} for the input shape {input_shape}",
                remedy="Write None for sizes that the input has; leave out the batch axis",
            )
        return sizes | {letter: size or sizes.get(letter) for letter, size in announced.items()}

    def _initializer(self) -> Any:
        """One that scales by fan-in and fan-out is told which axes of the kernel are in and which are out."""
        given, (_, kernel, output) = self.kernel_rules["initializer"], self.terms
        if not isinstance(given, VarianceScaling) or None not in (given.input_axes, given.output_axes):
            return given
        axes = {
            "input_axes": [i for i, letter in enumerate(kernel) if letter not in output],
            "output_axes": [i for i, letter in enumerate(kernel) if letter in output],
        }
        return type(given).from_config({**given.get_config(), **axes})

    def call(self, inputs: Tensor) -> Tensor:
        outputs = ops.einsum(self.equation, inputs, self.adapted_weight())
        return self.activation(outputs if self.bias is None else _shifted(outputs, self.bias))


def _shifted(x: Tensor, bias: Any) -> Tensor:
    """x + bias. A bias over the last axes is added as one long axis, which XLA shares among its threads."""
    if bias.shape != x.shape[-bias.ndim :]:
        return x + bias
    return (x.reshape((*x.shape[: -bias.ndim], -1)) + bias.reshape(-1)).reshape(x.shape)
