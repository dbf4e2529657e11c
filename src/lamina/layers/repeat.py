"""A stack of equal blocks that is compiled once."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .. import ops
from ..core import Tensor, Variable, lent, random_scope
from ..core.config import serialize
from .arguments import whole
from .context import collect_penalties, observe_layers
from .layer import Layer, _without_effects, get, registry
from .masks import with_mask


@registry.register()
class Repeat(Layer):
    """n blocks of one kind, one after another: x_{i+1} = block_i(x_i), each with weights of its own.

    In a compiled program the stack is one loop over the weights, so that neither the program nor the time to compile
    it grows with n; outside of one the blocks run one by one.

    Args:
        block: a layer or model whose output has its input's shape, or its {"class_name", "config"}. Its configuration
            counts; weights that it has are not looked at.
        n: number of blocks.
        checkpoint: keep only the input of each block for the backward pass, which computes the block again: memory
            for one block's intermediates in place of n, for about a third more time.

    Input and output are those of `block`. Weights: those of `block`, stacked (n, ...). Further arguments of the call
    are given to every block; those in the dict `each` are stacked (n, ...), and block i gets element i. If the block
    returns a tuple, its first part goes on to the next block, and the others come out stacked.

    Raises:
        ShapeError: the block's output differs from its input in shape or number type.

    Example:
        >>> import lamina
        >>> deep = lamina.layers.Repeat(lamina.layers.Dense(3, activation="tanh"), 10)
        >>> deep(lamina.ops.ones((2, 3))).shape, [v.shape for v in deep.variables]
        ((2, 3), [(10, 3, 3), (10, 3)])

    Each block starts from weights of its own and draws its own random numbers. Optimizers that look at a whole weight
    (LARS, LAMB, Muon, Adafactor) see the n of them as one. Keras has no such layer; Flax' `nn.scan` is one.
    """

    _untracked = Layer._untracked | {"block", "form"}

    def __init__(self, block: Any, n: int, *, checkpoint: bool = False, dtype: Any = None, **kwargs: Any) -> None:
        self.block = get(block)
        super().__init__(dtype=dtype or self.block.dtype_policy, **kwargs)
        self.n, self.checkpoint = whole(n, "Repeat", "n"), bool(checkpoint)
        self.supports_masking = self.block.supports_masking
        self.form: Any = None  # one built block, whose variables have no values

    # -- weights ----------------------------------------------------------------------------------
    def _make_weights(self, run: Callable[[Layer], Any]) -> Layer:
        """Build n blocks by `run`, stack their weights, and keep one of them as a form without values."""
        kind, config = type(self.block), self.block.get_config()
        blocks = [kind.from_config(config) for _ in range(self.n)]
        for block in blocks:
            with random_scope(0, 0):
                _without_effects(lambda block=block: run(block))  # type: ignore[misc]
        named = [block.named_variables() for block in blocks]
        for path, form in named[0].items():
            self._add_stacked(path, form, [variables[path] for variables in named])
            form._array = jax.ShapeDtypeStruct(form.shape, form.dtype)  # type: ignore[assignment]
        return blocks[0]

    def _add_stacked(self, path: str, form: Variable, parts: list[Variable]) -> None:
        values = np.stack([v.numpy() for v in parts])
        regularizer, constraint = form.regularizer, form.constraint
        self.add_weight(
            values.shape,
            lambda shape, dtype: values,
            name=path,
            trainable=form.trainable,
            dtype=form.dtype,
            regularizer=regularizer and (lambda w: sum(regularizer(part) for part in ops.unstack(w))),
            constraint=constraint and (lambda w: ops.stack([constraint(part) for part in ops.unstack(w)])),
        )

    # -- calling ----------------------------------------------------------------------------------
    def call(self, inputs: Tensor, *args: Any, each: Any = None, training: bool = False, **kwargs: Any) -> Any:
        if self.form is None:
            first = jax.tree.map(lambda stacked: stacked[0], each or {})
            self.form = self._make_weights(lambda block: block(inputs, *args, **kwargs, **first))
        block, mask = self.form, inputs.mask

        def step(x: Tensor, own: Any) -> Any:
            weights, more = own
            return self._one(
                block, weights, lambda: block(with_mask(x, mask), *args, training=training, **kwargs, **more)
            )

        stacked = list(self._weights)
        given = (stacked, each or {})
        y, (results, states, penalty) = ops.scan(step, inputs, given, self.n, checkpoint=self.checkpoint)
        for place, state in states.items():
            stacked[place].assign(state)
        if penalty is not None:
            self.add_loss(penalty.sum())
        return (y, *results) if results else y

    def _one(self, block: Layer, weights: list[Tensor], run: Callable[[], Any]) -> Any:
        """One block with its weights: its output; its other results, the state that it wrote, its penalties."""
        variables = list(block.named_variables().values())
        with lent(variables, weights), collect_penalties() as penalties, observe_layers(lambda *_: None):
            output = run()
            states = {i: Tensor(v._array) for i, v in enumerate(variables) if v._array is not weights[i].array}
        first, *others = output if isinstance(output, tuple) else (output,)
        return first, (others, states, sum(penalties[1:], penalties[0]) if penalties else None)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block": serialize(self.block)}
