"""A model written in JAX as a layer."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..core import ArgumentError, Tensor, Variable, from_jax, is_float, no_grad, ops
from ..core.random import next_key
from .lambda_layer import require_registered
from .layer import Layer, registry


@registry.register()
class JaxLayer(Layer):
    """y = call_fn(params, inputs): a JAX function of a tree of weights, whose derivative comes from JAX.

    For Flax, Haiku or plain JAX. The tree's leaves become variables, so that Lamina trains, saves and counts them.

    Args:
        call_fn: function of `params` and `inputs`, and as it likes of `state`, a tree of what is no weight, which it
            then returns anew, as (outputs, state); of `rng`, a JAX key; of `training`.
        init_fn: function of `rng` and `inputs`, and as it likes of `training`, that returns params, or (params, state);
            run when the layer is built.
        params: the tree of weights, instead of `init_fn`.
        state: the tree of other things, with `params`.
        seed: sets the draws of `rng` apart from those of other layers.

    Inputs: an array or a tree of arrays; outputs likewise. Weights: the leaves of params, then those of state.

    Raises:
        ArgumentError: there is neither `init_fn` nor `params`; by `get_config`, when a function is not registered, as
            files hold no code, or there is no `init_fn`.

    Example:
        >>> import lamina
        >>> def line(params, inputs):
        ...     return inputs @ params["w"] + params["b"]
        >>> layer = lamina.layers.JaxLayer(line, params={"w": jnp.ones((2, 1)), "b": jnp.zeros(1)})
        >>> layer(lamina.Tensor([[1.0, 2.0]])), [v.name for v in layer.trainable_variables]
        (Tensor([[3.]], float32), ['b', 'w'])

    Keras differs: it writes the functions into the file.
    """

    def __init__(
        self,
        call_fn: Callable[..., Any] | str,
        init_fn: Callable[..., Any] | str | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.call_fn: Callable[..., Any] = ops[call_fn] if isinstance(call_fn, str) else call_fn
        self.init_fn: Callable[..., Any] | None = ops[init_fn] if isinstance(init_fn, str) else init_fn
        self.seed, self.given = seed, params is not None
        self.takes = inspect.signature(self.call_fn).parameters.keys() & {"state", "rng", "training"}
        if (params is None) == (init_fn is None):
            raise ArgumentError(
                f"JaxLayer {self.name!r}",
                "the weights are given or initialised",
                expected="either params or init_fn",
                received="both" if self.given else "neither",
                remedy="Pass one of them",
            )
        if self.given:
            self._keep(params, state)

    def _keep(self, params: Any, state: Any) -> None:
        """Variables for the leaves of both trees."""
        self.params = jax.tree_util.tree_map_with_path(self._weight(True), params)
        self.state = jax.tree_util.tree_map_with_path(self._weight(False), state)

    def _weight(self, trainable: bool) -> Callable[[Any, Any], Variable]:
        def make(path: Any, value: Any) -> Variable:
            name = jax.tree_util.keystr(path, simple=True, separator="/") or "weight"
            array = jnp.asarray(value)
            trained = trainable and is_float(array.dtype)
            return self.add_weight(array.shape, lambda *_: array, name, trainable=trained, dtype=array.dtype)

        return make

    def build(self, input_shape: Any) -> None:
        if self.given:
            return
        key, init_fn = jax.random.wrap_key_data(next_key(self._place)), self.init_fn
        shapes = jax.tree.map(lambda s: (1, *s[1:]), input_shape, is_leaf=lambda s: isinstance(s, tuple))
        inputs = jax.tree.map(
            lambda s: jnp.zeros(s, self.compute_dtype), shapes, is_leaf=lambda s: isinstance(s, tuple)
        )
        told = {"training": True} if "training" in inspect.signature(init_fn).parameters else {}  # type: ignore[arg-type]
        with jax.ensure_compile_time_eval():
            made = init_fn(rng=key, inputs=inputs, **told)  # type: ignore[misc]
        self._keep(*(made if "state" in self.takes else (made, None)))

    @property
    def _place(self) -> str:
        return f"jax_layer/{self.name if self.seed is None else self.seed}"

    def call(self, inputs: Any, training: bool = False) -> Any:
        told: dict[str, Any] = {"training": training} if "training" in self.takes else {}
        told |= {"rng": jax.random.wrap_key_data(next_key(self._place))} if "rng" in self.takes else {}
        leaves, tree = jax.tree.flatten((self.params, self.state, inputs), is_leaf=lambda x: isinstance(x, Tensor))
        smooth = [i for i, leaf in enumerate(leaves) if is_float(leaf.dtype)]
        made: list[Any] = []

        def run(*floats: jax.Array) -> tuple[jax.Array, ...]:
            arrays = [leaf.array for leaf in leaves]
            for i, array in zip(smooth, floats, strict=True):
                arrays[i] = array
            params, state, given = jax.tree.unflatten(tree, arrays)
            found = self.call_fn(params=params, inputs=given, **told, **({"state": state} if self._stateful else {}))
            flat, shape = jax.tree.flatten(found if self._stateful else (found, None))
            made[:] = [shape]
            return tuple(flat)

        results = from_jax(run)(*(leaves[i] for i in smooth))
        outputs, state = jax.tree.unflatten(made[0], results)
        if training and self._stateful:
            with no_grad():
                jax.tree.map(lambda v, new: v.assign(new), self.state, state, is_leaf=lambda x: isinstance(x, Tensor))
        return outputs

    @property
    def _stateful(self) -> bool:
        return "state" in self.takes

    def get_config(self) -> dict[str, Any]:
        """The names of the functions; the weights are in the file by themselves."""
        if self.given:
            raise ArgumentError(
                f"JaxLayer {self.name!r}",
                "a layer that comes back from a file makes its weights before it reads them",
                expected="init_fn",
                received="params",
                remedy="Pass an init_fn instead, or use save_weights",
            )
        for function in (self.call_fn, self.init_fn):
            require_registered(function, f"JaxLayer {self.name!r}")
        return super().get_config()
