"""A sequence read from both ends."""

from typing import Any

from ... import ops
from ...core import ArgumentError, Tensor
from ...core.config import serialize
from ..arguments import one_of
from ..layer import Layer, get, registry
from ..wrapper import Wrapper

MODES = ("sum", "mul", "ave", "concat")


@registry.register()
class Bidirectional(Wrapper):
    """Two recurrent layers, one forwards and one backwards: y_t = merge(forward_t, backward_t).

    Args:
        layer: a recurrent layer; a copy of it reads forwards and, unless there is a `backward_layer`, a second one
            backwards. It is not used itself.
        merge_mode: "concat", "sum", "mul" (elementwise), "ave" (the mean), or None for both outputs.
        weights: first values: those of the forward layer, then those of the backward layer.
        backward_layer: a layer with `go_backwards` and, for the rest, the same kind of output.

    Input (N, T, F); output (N, 2U) for "concat", otherwise (N, U), with a time axis if the layers return sequences:
    then y_t joins what was read up to t with what was read from the end down to t. Without, it joins the last output
    of each. With `return_state` the forward states and the backward states follow. Masked steps are skipped in both
    directions and, in a sequence of outputs, give 0. Weights: those of the forward layer, then of the backward layer.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Bidirectional(lamina.layers.LSTM(4, return_sequences=True))
        >>> layer(lamina.ops.ones((2, 10, 3))).shape, layer.count_params()
        ((2, 10, 8), 256)

    Reference: Schuster and Paliwal 1997, Bidirectional recurrent neural networks.
    """

    supports_masking = True

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        layer = get(layer)
        super().__init__(_copy(layer, "forward"), **kwargs)
        self.merge_mode = merge_mode if merge_mode is None else one_of(merge_mode, MODES, self.name, "merge_mode")
        self.backward_layer: Any = (
            _copy(layer, "backward", go_backwards=not layer.go_backwards)
            if backward_layer is None
            else get(backward_layer)
        )
        self.first_weights = weights
        self._check()
        each: Any
        for each in (self.forward_layer, self.backward_layer):
            each.zero_output_for_mask = each.return_sequences
        self.input_spec = layer.input_spec

    @property
    def forward_layer(self) -> Any:
        """The layer that reads forwards."""
        return self.layer

    def _check(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        same = ("return_sequences", "return_state", "stateful")
        if forward.go_backwards != backward.go_backwards and all(
            getattr(forward, name) == getattr(backward, name) for name in same
        ):
            return
        raise ArgumentError(
            f"{type(self).__name__} {self.name!r}",
            "the layers differ in go_backwards, and are alike in return_sequences, return_state and stateful",
            expected="LSTM(..., go_backwards=True) as backward_layer of LSTM(...)",
            received={name: (getattr(forward, name), getattr(backward, name)) for name in ("go_backwards", *same)},
            remedy="Change one of them",
        )

    def build(self, input_shape: Any) -> None:
        for each in (self.forward_layer, self.backward_layer):
            each.build(input_shape)
        if self.first_weights is not None:
            self.set_weights(self.first_weights)

    def reset_state(self) -> None:
        """Let the next batch start at 0, in both directions."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def call(self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        half = 0 if initial_state is None else len(initial_state) // 2
        starts = (None, None) if initial_state is None else (initial_state[:half], initial_state[half:])
        found = [
            layer(sequences, initial_state=start, mask=mask, training=training)
            for layer, start in zip((self.forward_layer, self.backward_layer), starts, strict=True)
        ]
        states: tuple[Any, ...] = ()
        if self.forward_layer.return_state:
            states = tuple(state for _, *of_layer in found for state in of_layer)
            found = [output for output, *_ in found]
        forward, backward = found
        if self.forward_layer.return_sequences:
            backward = ops.flip(backward, axis=1)
        merged = self._merge(forward, backward)
        return (*merged, *states) if len(merged) + len(states) > 1 else merged[0]

    def _merge(self, forward: Tensor, backward: Tensor) -> tuple[Tensor, ...]:
        if self.merge_mode is None:
            return forward, backward
        if self.merge_mode == "concat":
            return (ops.concatenate([forward, backward], axis=-1),)
        if self.merge_mode == "mul":
            return (forward * backward,)
        total = forward + backward
        return (total / 2.0 if self.merge_mode == "ave" else total,)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the input, for sequences of outputs."""
        kept = mask if self.forward_layer.return_sequences else None
        return [kept] * (2 if self.merge_mode is None else 1)

    def get_config(self) -> dict[str, Any]:
        """The layer is the forward one, from whose config both copies come again; first weights are no config."""
        config = {**super().get_config(), "weights": None}
        if config["backward_layer"] is not None:
            config["backward_layer"] = serialize(self.backward_layer)
        return config


def _copy(layer: Layer, direction: str, **changes: Any) -> Any:
    """A new layer with the same arguments and other weights."""
    name = layer.name.removeprefix("forward_").removeprefix("backward_")
    config = {**layer.get_config(), **changes, "name": f"{direction}_{name}"}
    return type(layer).from_config(config)
