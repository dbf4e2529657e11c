"""Where in a model an op runs, read off Python's stack: no layer needs to know that somebody looks."""

import sysconfig
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from ...layers.layer import Layer
from ...losses.loss import Loss
from ...metrics import Metric
from ...regularizers import Regularizer
from ..objective import Objective

_LAMINA = Path(__file__).parents[2]
_PARTS = ("layers", "losses", "zoo")  # whose lines tell more than those of the engine
_OTHERS = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]


class Place(NamedTuple):
    """Where something was computed.

    Attributes:
        layer: names of the layers, outer ones first ("model/block/dense"); or the loss ("loss mean_squared_error").
        source: file and line in the user's own code, or else in that of the layer or loss.
    """

    layer: str = ""
    source: str = ""


def place_of(frame: FrameType | None, until: FrameType | None = None) -> Place:
    """Where the code in `frame` belongs, looking outwards as far as `until`.

    Example:
        >>> import sys, lamina
        >>> class Probe(lamina.layers.Layer):
        ...     def call(self, inputs):
        ...         print(place_of(sys._getframe()).layer)
        ...         return inputs
        >>> _ = lamina.Sequential([Probe(name="probe")], name="net")(lamina.Tensor([1.0]))
        net/probe
    """
    layers: list[str] = []
    losses: list[str] = []
    users: list[str] = []
    parts: list[str] = []
    while frame is not None and frame is not until:
        owner, path = frame.f_locals.get("self"), Path(frame.f_code.co_filename)
        line = f"{path}:{frame.f_lineno}"
        if _LAMINA not in path.parents:
            users += [line] if _is_users(path) else []
        elif frame.f_code is Layer._run.__code__:
            layers.append(owner.name)  # type: ignore[union-attr]
        elif isinstance(owner, (Layer, Loss)) and path.relative_to(_LAMINA).parts[0] in _PARTS:
            parts.append(line)
        losses += _loss(owner, frame)
        frame = frame.f_back
    return Place("/".join(reversed(layers)) or "".join(losses[:1]), "".join((users or parts)[:1]))


def _loss(owner: Any, frame: FrameType) -> list[str]:
    for kind, name in ((Loss, "loss"), (Metric, "metric"), (Regularizer, "regularizer")):
        if isinstance(owner, kind):
            return [f"{name} {getattr(owner, 'name', None) or type(owner).__name__}"]
    return ["loss_weights"] if frame.f_code is Objective.loss.__code__ else []


def _is_users(path: Path) -> bool:
    return path.is_file() and not any(folder in path.parents for folder in _OTHERS)
