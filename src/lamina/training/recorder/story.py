"""The story of a value that was not finite: what, where, in which rows, and what to do."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core import NonFiniteError
from .origin import DATA, OPTIMIZER, STATE, Origin
from .watch import BACKWARD, Event, Scale

UNKNOWN = "unknown"
_AROUND = 12  # ops told of before the bad one, and a quarter as many after it


@dataclass(frozen=True)
class Line:
    """One op as the table of a replay shows it; `culprit` marks the first that made something not finite.

    Example:
        >>> Line("log", "net/bend", "forward", Scale((8,), 0.0, 1.0, infinite=1), culprit=True).scale.infinite
        1
    """

    op: str
    layer: str
    phase: str
    scale: Scale
    culprit: bool = False


@dataclass(frozen=True)
class Story:
    """Where the first value that was not finite came from.

    Attributes:
        epoch, step: when, counted from 0; the state is as before this step.
        phase: "forward", "backward", "optimizer", "data", "state" (it was there before the step), or "unknown".
        op: the op that made it; in "backward" one of those that its rule is made of.
        of: in "backward" the forward op whose rule it is.
        layer: path of names such as "model/block/dense", the loss, or a Variable's.
        source: file and line of the call.
        rows: which rows of the batch are not finite, () if it is not tied to rows.
        data_rows: the same, as row numbers of the data that `fit` was given; () for streams.
        index: place of the first bad value behind its row, such as the number of a feature.
        value: how large the bad array's values are, and how many are not finite.
        inputs: the sizes of what the op was given.
        note: one more thing worth knowing.
        remedy: what to do.
        activations, gradients: sizes of the layers' outputs and norms of the gradients in this step, by path.
        lines: the ops around it.
        seed, iteration: on which the random numbers of the step depend.

    Example:
        >>> story = Story(epoch=0, step=4, phase="forward", op="log", layer="net/log", rows=(3,), data_rows=(70,),
        ...               value=Scale((8, 2), 0.0, 1.0, nan=0, infinite=1), remedy="Keep it above 0")
        >>> print(story.what)
        log in net/log (forward) made 1 infinite value of 16, in row 3 of the batch (row 70 of the data)
        >>> Story.from_json(story.as_json()) == story
        True
    """

    epoch: int
    step: int
    phase: str
    op: str = ""
    of: str = ""
    layer: str = ""
    source: str = ""
    rows: tuple[int, ...] = ()
    data_rows: tuple[int, ...] = ()
    index: tuple[int, ...] = ()
    value: Scale | None = None
    inputs: tuple[Scale, ...] = ()
    note: str = ""
    remedy: str = ""
    activations: dict[str, Scale] = field(default_factory=dict)
    gradients: dict[str, float] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    seed: int = 0
    iteration: int = 0

    @property
    def what(self) -> str:
        """One sentence without its end: what happened, where, and in which rows."""
        where = f" in {self.layer}" if self.layer else ""
        made = _count(self.value)
        if self.phase == UNKNOWN:
            return "a loss or weight that is not finite"
        if self.phase == DATA:
            return f"{made} in {self.layer} itself{_place(self.index)}{self._in_rows()}"
        if self.phase == STATE:
            return f"{made} in {self.layer}, before the step"
        if self.phase == OPTIMIZER:
            return f"{self.op} made {made} in {self.layer}, of finite gradients"
        rule = f"backward, the rule of {self.of}" if self.of else self.phase
        return f"{self.op}{where} ({rule}) made {made}{self._in_rows()}"

    def _in_rows(self) -> str:
        if not self.rows:
            return ""
        data = f" ({_rows(self.data_rows)} of the data)" if self.data_rows else ""
        return f", in {_rows(self.rows)} of the batch{data}"

    def text(self) -> str:
        """The whole story, in lines."""
        found = [f"Epoch {self.epoch + 1}, step {self.step + 1}: {self.what}.", f"{self.remedy}."]
        found += [f"  at {self.source}"] if self.source else []
        found += [f"  {self.note}"] if self.note else []
        found += [f"  given {_scale(scale)}" for scale in self.inputs]
        found += ["Largest outputs of the layers:"] if self.activations else []
        found += [f"  {path}: {_scale(scale)}" for path, scale in self.activations.items()]
        found += ["Norms of the gradients:"] if self.gradients else []
        found += [f"  {path}: {norm:.4g}" for path, norm in self.gradients.items()]
        return "\n".join(found)

    def error(self, who: str = "fit") -> NonFiniteError:
        """The error that ends training."""
        told = f"{self.what}; {self.note}" if self.note else self.what
        error = NonFiniteError(
            who,
            f"step {self.step + 1} of epoch {self.epoch + 1} was not made, for it would spoil the weights",
            expected="finite losses and weights",
            received=told + (f", at {self.source}" if self.source else ""),
            remedy=self.remedy,
        )
        error.story = self
        return error

    def as_json(self) -> str:
        """As strict JSON: numbers that it cannot hold are strings."""
        return json.dumps(_strict(dataclasses.asdict(self)), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Story":
        """The story in `text`, as `as_json` wrote it."""
        data = json.loads(text)
        for name in ("rows", "data_rows", "index"):
            data[name] = tuple(data[name])
        data["value"] = _as_scale(data["value"])
        data["inputs"] = tuple(map(_as_scale, data["inputs"]))
        data["activations"] = {path: _as_scale(scale) for path, scale in data["activations"].items()}
        data["gradients"] = {path: float(norm) for path, norm in data["gradients"].items()}
        data["lines"] = tuple(Line(**{**line, "scale": _as_scale(line["scale"])}) for line in data["lines"])
        return cls(**data)


def lines_around(events: list[Event], culprit: Event | None) -> tuple[Line, ...]:
    """The ops before and after the one that was found; without one, the last."""
    middle = len(events) if culprit is None else culprit.number
    some = events[max(0, middle - _AROUND) : middle + 1 + _AROUND // 4]
    phases = {e.number: f"{e.phase} of {e.of}" if e.phase == BACKWARD and e.of else e.phase for e in some}
    return tuple(Line(e.op, e.place.layer, phases[e.number], e.scale, e is culprit) for e in some)


def rows_of(origin: Origin, n: int, weights: set[tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which of `n` rows are bad in an origin's array, and the place of the first bad value behind its row.

    An array whose first axis is not the batch has none; nor has a gradient of the shape of one of the `weights`.
    """
    bad = ~np.isfinite(np.asarray(origin.array))
    if bad.ndim == 0 or len(bad) != n or (origin.phase == BACKWARD and bad.shape in weights):
        return (), ()
    rows = np.flatnonzero(bad.reshape(n, -1).any(axis=1))
    return tuple(map(int, rows)), tuple(int(axis) for axis in np.argwhere(bad)[0][1:])


def _count(scale: Scale | None) -> str:
    if scale is None:
        return "values that are not finite"
    parts = [f"{n} {name}" for n, name in ((scale.nan, "NaN"), (scale.infinite, "infinite")) if n]
    total = int(np.prod(scale.shape))
    return f"{' and '.join(parts)} value{'s' if scale.nan + scale.infinite > 1 else ''} of {total}"


def _place(index: tuple[int, ...]) -> str:
    return f", feature {index[0] if len(index) == 1 else index}" if index else ""


def _rows(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:5]))
    return f"row{'s' if len(rows) > 1 else ''} {shown}" + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _scale(scale: Scale) -> str:
    bad = f", {scale.nan} NaN, {scale.infinite} infinite" if scale.nan or scale.infinite else ""
    return f"{scale.shape} from {scale.low:.4g} to {scale.high:.4g}{bad}"


def _strict(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _strict(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_strict(value) for value in data]
    return str(data) if isinstance(data, float) and not np.isfinite(data) else data


def _as_scale(data: Any) -> Any:
    return None if data is None else Scale(**{**data, "shape": tuple(data["shape"])})
