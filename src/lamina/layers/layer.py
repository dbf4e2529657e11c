"""`Layer`: variables, sub-layers, and a function of tensors that uses them."""

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import jax
import numpy as np

from .. import constraints as constraints_
from .. import initializers, regularizers
from ..core import (
    DTypePolicy,
    Registry,
    ShapeError,
    Symbol,
    Tensor,
    Variable,
    autocast,
    dtype_policy,
    is_float,
    record,
    snake_case,
    touched,
)
from ..core.budget import LAYER, spend
from ..core.symbolic import infer
from .context import add_penalty, collect_penalties, is_training, observe_layers, observer, training_phase
from .holder import Holder
from .input_spec import InputSpec
from .masks import fill_masks, mask_arguments, masks_of, put_masks, warn_of_lost_mask, with_mask

registry: Registry[type["Layer"]] = Registry("layer")
_named: Counter[str] = Counter()


def unique_name(base: str) -> str:
    """`base`, then `base_1`, `base_2`, ...: every automatic name is given once in a process."""
    _named[base] += 1
    return base if _named[base] == 1 else f"{base}_{_named[base] - 1}"


def shape_of(inputs: Any) -> Any:
    """The shape of a tensor, or the shapes of a list, tuple or dict of them."""
    if hasattr(inputs, "shape"):
        return tuple(inputs.shape)
    if isinstance(inputs, Mapping):
        return {key: shape_of(value) for key, value in inputs.items()}
    return [shape_of(value) for value in inputs]


def _without_batch(shape: Any) -> Any:
    """The shape with an unknown batch size; shapes of several inputs one by one."""
    if isinstance(shape, tuple):
        return (None, *shape[1:])
    if isinstance(shape, Mapping):
        return {key: _without_batch(value) for key, value in shape.items()}
    return [_without_batch(value) for value in shape]


def _marks_built(build: Callable[..., None]) -> Callable[..., None]:
    """A subclass's `build`, after which the layer is built, also when it was called by hand."""

    @functools.wraps(build)
    def run(self: "Layer", input_shape: Any) -> None:
        build(self, input_shape)
        Layer.build(self, input_shape)

    return run


def _without_effects(make: Callable[[], Any]) -> Any:
    """What `make` returns, with every Variable as it was and nobody told: working out a shape changes nothing."""
    found: list[Any] = []
    with collect_penalties(), observe_layers(lambda *_: None):
        touched(lambda: found.append(make()))
    return found[0]


class Layer(Holder):
    """A building block of networks: state (variables, sub-layers) and a function of tensors.

    A subclass stores its arguments in `__init__`, makes its variables in `build(input_shape)`
    (run at the first call, when the input's shape is known), and computes in `call(inputs)`.
    `call` may take `training`; it is filled in from the caller, from `fit` (True) or from
    `predict` (False). It may take `mask`, which is the input's (see `Masking`). Attributes that are
    Variables or Layers, also inside lists, tuples and dicts, belong to the layer.

    Args:
        activity_regularizer: penalty on the output, added to the loss.
        trainable: whether the variables are trained.
        dtype: name of a number type or policy; by default the one in force.
        name: by default the class name in snake case, with a number.
        input_shape: shape of one input without the batch axis, on the first layer of a Sequential.

    Example:
        >>> import lamina
        >>> class Scale(lamina.layers.Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")
        ...     def call(self, inputs):
        ...         return inputs * self.factor
        >>> Scale()(lamina.Tensor([[1.0, 2.0]]))
        Tensor([[1., 2.]], float32)

    Keras differs: tracking there happens when an attribute is set; here it is read off the attributes.
    """

    input_spec: InputSpec | None = None
    supports_masking = False  # whether the output has the input's time steps, so that it can have its mask
    _takes_training = False  # whether `call` has an argument of that name
    _takes_masks: Mapping[str, str] = {}  # which arguments of `call` bring a mask along, and which takes it
    _argument_names: Sequence[str] = ("inputs",)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _marks_built(cls.build)  # type: ignore[method-assign]
        cls.supports_masking = "compute_mask" in vars(cls) or cls.supports_masking
        cls._argument_names = list(inspect.signature(cls.call).parameters)[1:]
        cls._takes_training = "training" in cls._argument_names
        cls._takes_masks = mask_arguments(cls.call)

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: str | DTypePolicy | None = None,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
    ) -> None:
        spend((LAYER,), type(self).__name__)
        super().__init__(trainable)
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.dtype_policy = dtype if isinstance(dtype, DTypePolicy) else DTypePolicy(dtype) if dtype else dtype_policy()
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.built_on: Any = None
        self.input_shape_argument = None if input_shape is None else tuple(input_shape)

    # -- what subclasses write ------------------------------------------------------------------
    def build(self, input_shape: Any) -> None:
        """Make the variables, now that the input's shape is known (None where a size is not)."""
        self.built, self.built_on = True, _without_batch(input_shape)

    def call(self, inputs: Any) -> Any:
        """Compute the output."""
        raise NotImplementedError(f"{type(self).__name__} must define call(self, inputs)")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The output's mask for the input's: that one, if `supports_masking`. A list for several outputs."""
        return mask if self.supports_masking else None

    def add_weight(
        self,
        shape: Sequence[int],
        initializer: Any = "glorot_uniform",
        name: str = "weight",
        *,
        trainable: bool = True,
        dtype: Any = None,
        regularizer: Any = None,
        constraint: Any = None,
    ) -> Variable:
        """A new variable of this layer.

        Args:
            shape: its sizes; all known.
            initializer: name or object that draws the first values.
            name: shown in summaries, used in files.
            trainable: False for state that no optimizer changes.
            dtype: by default the policy's variable type.
            regularizer: penalty on the values, added to the loss.
            constraint: projection applied after every update.
        """
        shape = tuple(shape)
        if None in shape:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}",
                f"the sizes of the variable {name!r} must be known",
                expected="integers",
                received=shape,
                remedy="Give Input a size for the axes that the layer mixes, usually the last",
            )
        spend(shape, f"{type(self).__name__} {self.name!r}")
        draw = initializers.get(initializer)
        dtype = dtype or self.variable_dtype
        variable = Variable(lambda: draw(shape, dtype), name, trainable and self._trainable, dtype)
        variable.path = f"{self.name}/{name}"
        variable.regularizer, variable.constraint = regularizers.get(regularizer), constraints_.get(constraint)
        self._weights.append(variable)
        if not trainable:
            self._frozen.append(variable)
        return variable

    def add_loss(self, value: Tensor) -> None:
        """Add a scalar to the loss of the training step under way."""
        add_penalty(value)

    # -- calling ----------------------------------------------------------------------------------
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        symbols = [s for s in jax.tree.leaves((inputs, args, kwargs)) if isinstance(s, Symbol)]
        if symbols:
            self._ensure_built(inputs)
            return _without_effects(lambda: record(self, (inputs, *args), kwargs, run=self._run))
        return self._run(inputs, *args, **kwargs)

    def _run(self, inputs: Any, *args: Any, training: Any = None, **kwargs: Any) -> Any:
        phase = is_training() if training is None else bool(training)
        if self._takes_training:
            kwargs["training"] = phase
            args = self._without_training(args, kwargs)
        if isinstance(inputs, list) and not any(hasattr(leaf, "shape") for leaf in jax.tree.leaves(inputs)):
            inputs = Tensor(inputs)  # nested lists of numbers are one array, a list of arrays is several inputs
        inputs = jax.tree.map(self._as_input, inputs)
        try:
            self._ensure_built(inputs)
            if self._takes_masks:
                fill_masks(self._takes_masks, self._argument_names, (inputs, *args), kwargs)
            with autocast(self.compute_dtype), training_phase(phase):
                outputs = self.call(inputs, *args, **kwargs)
            outputs = self._pass_mask(inputs, outputs, self._given("mask", args, kwargs))
        except Exception as error:
            error.add_note(f"  in layer {self.name!r} ({type(self).__name__}), input shape {shape_of(inputs)}")
            raise
        if self.activity_regularizer is not None:
            for output in jax.tree.leaves(outputs):  # the mean over the batch, as Keras takes it
                self.add_loss(self.activity_regularizer(output) / output.shape[0])
        watch = observer()
        if watch is not None:
            watch(self, inputs, outputs)
        return outputs

    def _pass_mask(self, inputs: Any, outputs: Any, mask: Any) -> Any:
        """Outputs with the mask that belongs to them; the input's is the one given, or the one that it carries."""
        mask = masks_of(inputs) if mask is None else mask
        if self.supports_masking:
            return put_masks(outputs, self.compute_mask(inputs, mask))
        if jax.tree.leaves(mask) and not self.children():  # those with sub-layers leave it to them
            warn_of_lost_mask(self)
        return outputs

    def _given(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call passes for an argument after the first, by place or by name."""
        return (dict(zip(self._argument_names[1:], args, strict=False)) | kwargs).get(name)

    @staticmethod
    def _without_training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """`call(inputs, training)` may be called with training by place; then that one counts."""
        if args and isinstance(args[0], bool):
            kwargs["training"] = args[0]
            return args[1:]
        return args

    def _as_input(self, value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic, jax.Array, int, float)):
            value = Tensor(value)
        if isinstance(value, Tensor) and is_float(value.dtype) and value.dtype != self.compute_dtype:
            return with_mask(value.astype(self.compute_dtype), value.mask)
        return value

    def _ensure_built(self, inputs: Any) -> None:
        if self.input_spec is not None and hasattr(inputs, "shape"):
            self.input_spec.check(self, tuple(inputs.shape))
        if not self.built:
            with autocast(None):
                self.build(shape_of(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape for an input of `input_shape` (None where a size is unknown)."""
        symbols = jax.tree.map(
            lambda shape: Symbol(shape, self.compute_dtype), input_shape, is_leaf=lambda s: isinstance(s, tuple)
        )
        self._ensure_built(symbols)
        return shape_of(_without_effects(lambda: infer(self._run, (symbols,), {})))

    # -- as data ----------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and the name, as plain data."""
        return {**super().get_config(), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new layer with the arguments in `config`; its variables are made when it is called."""
        arguments = {key: value for key, value in config.items() if key != "name"}
        layer = super().from_config(arguments)
        layer.name = config.get("name") or layer.name
        return layer

    @property
    def compute_dtype(self) -> str:
        """Number type of the computation."""
        return self.dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """Number type of the stored weights."""
        return self.dtype_policy.variable_dtype

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def get(identifier: Any) -> Layer:
    """The layer for a config dict ({"class_name", "config"}), or the layer itself.

    Raises:
        UnknownNameError: no layer of this name is registered.

    Example:
        >>> get({"class_name": "Dense", "config": {"units": 3}}).units
        3
    """
    if isinstance(identifier, Layer):
        return identifier
    return registry[identifier["class_name"]].from_config(identifier["config"])
