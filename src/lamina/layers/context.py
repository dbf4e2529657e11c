"""What a layer can know about the call it is part of: training or not, and where penalties go."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from ..core import Tensor

_training: ContextVar[bool] = ContextVar("training", default=False)
_observer: ContextVar[Callable[[Any, Any, Any], None] | None] = ContextVar("observer", default=None)
_attention: ContextVar[Callable[[Any, Tensor], None] | None] = ContextVar("attention", default=None)
_penalties: ContextVar[list[Tensor] | None] = ContextVar("penalties", default=None)


def is_training() -> bool:
    """Whether the layers of this context run in training mode (`fit`) or not (`predict`, `evaluate`).

    Example:
        >>> with training_phase(True): is_training()
        True
    """
    return _training.get()


@contextlib.contextmanager
def training_phase(on: Any) -> Iterator[None]:
    """Run the layers inside the block in training mode, or not.

    Example:
        >>> import lamina
        >>> with training_phase(False): lamina.layers.Dropout(0.5)(lamina.Tensor([[1.0, 2.0]]))
        Tensor([[1., 2.]], float32)
    """
    token = _training.set(bool(on))
    try:
        yield
    finally:
        _training.reset(token)


@contextlib.contextmanager
def collect_penalties() -> Iterator[list[Tensor]]:
    """Gather the scalars that layers add to the loss inside the block (`Layer.add_loss`).

    Example:
        >>> with collect_penalties() as gathered: add_penalty(Tensor(0.5))
        >>> gathered
        [Tensor(0.5, float32)]
    """
    gathered: list[Tensor] = []
    token = _penalties.set(gathered)
    try:
        yield gathered
    finally:
        _penalties.reset(token)


def add_penalty(value: Tensor) -> None:
    """Add a scalar to the loss of the step under way; outside a step it has no effect.

    Example:
        >>> add_penalty(Tensor(0.5))
    """
    gathered = _penalties.get()
    if gathered is not None:
        gathered.append(value)


@contextlib.contextmanager
def observe_layers(watch: Callable[[Any, Any, Any], None]) -> Iterator[None]:
    """Inside the block, `watch(layer, inputs, outputs)` is called after every layer's call, inner ones first.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(3), lamina.layers.Dense(1)])
        >>> with observe_layers(lambda layer, x, y: print(type(layer).__name__, y.shape)):
        ...     _ = model(lamina.Tensor([[1.0, 2.0]]))
        Dense (1, 3)
        Dense (1, 1)
        Sequential (1, 1)
    """
    token = _observer.set(watch)
    try:
        yield
    finally:
        _observer.reset(token)


def observer() -> Callable[[Any, Any, Any], None] | None:
    """Who watches the layers in this context, if anybody."""
    return _observer.get()


@contextlib.contextmanager
def observe_attention(watch: Callable[[Any, Tensor], None]) -> Iterator[None]:
    """Inside the block, `watch(layer, probabilities)` is called with what every attention layer looks at.

    Example:
        >>> import lamina
        >>> layer, x = lamina.layers.MultiHeadAttention(2, 4), lamina.ops.ones((1, 3, 8))
        >>> with observe_attention(lambda layer, probabilities: print(probabilities.shape)): _ = layer(x, x)
        (1, 2, 3, 3)
    """
    token = _attention.set(watch)
    try:
        yield
    finally:
        _attention.reset(token)


def attention_observer() -> Callable[[Any, Tensor], None] | None:
    """Who watches what the attention layers of this context look at, if anybody."""
    return _attention.get()
