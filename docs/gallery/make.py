"""Draws the gallery: every activation with its derivative, every schedule's curve, a learning rate sweep.

Run it anywhere as `python docs/gallery/make.py`: it writes the pictures beside itself and the page docs/gallery.md.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import lamina
from lamina import activations, datasets, layers, ops
from lamina.optimizers import schedules as s

HERE = Path(__file__).parent
BLUE, ORANGE, GREY = "#2f6fb3", "#d9730d", "#c9ced4"
COLUMNS = 4

# Headline -> activations. Of those of a whole axis the first output for inputs (x, 1, 0) is drawn, of glu for (x, 1).
ACTIVATIONS = {
    "Rectifiers": ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "softplus", "squareplus", "sparse_plus"],
    "Gates": ["gelu", "silu", "mish", "hard_silu"],
    "Steps and squashers": [
        *("step", "step_straight_through", "sigmoid", "hard_sigmoid", "sparse_sigmoid", "log_sigmoid"),
        *("tanh", "hard_tanh", "softsign"),
    ],
    "Shrinks": ["hard_shrink", "soft_shrink", "tanh_shrink", "threshold"],
    "Plain": ["linear", "exponential"],
    "Of a whole axis": ["softmax", "log_softmax", "sparsemax", "glu"],
}
ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}
RANGES = {"relu6": (-2, 8)}  # where the usual -4 to 4 does not show it all
SETTINGS = {"threshold": {"threshold": 1.0, "default_value": -1.0}}
SCHEDULES = [
    s.ExponentialDecay(1.0, 25, 0.5),
    s.StepDecay(1.0, 25),
    s.InverseTimeDecay(1.0, 25, 1.0),
    s.PolynomialDecay(1.0, 80, 0.1),
    s.PolynomialDecay(1.0, 40, 0.1, power=2.0, cycle=True),
    s.PiecewiseConstantDecay([30, 60], [1.0, 0.3, 0.1]),
    s.CosineDecay(1.0, 80, alpha=0.1),
    s.CosineDecay(0.0, 80, warmup_target=1.0, warmup_steps=20),
    s.CosineDecayRestarts(1.0, 15, m_mul=0.8),
    s.WarmUp(s.StepDecay(1.0, 30), 10),
    s.OneCycle(1.0, 100),
    s.OneCycle(1.0, 100, 0.45, "linear", three_phase=True),
    s.WSD(1.0, 10, 60, 30),
    s.WSD(1.0, 10, 60, 30, shape="sqrt"),
    s.Join([0.5, s.CosineDecay(1.0, 40), s.WarmUp(0.3, 10)], [20, 60]),
]


def first_output(name: str) -> Callable[[Any], Any]:
    """The activation as a function of one number, drawn for many x (N,) at once."""
    function, settings = getattr(activations, name), SETTINGS.get(name, {})
    if name not in ACTIVATIONS["Of a whole axis"]:
        return lambda x: function(x, **settings)
    others = [1.0] if name == "glu" else [1.0, 0.0]
    return lambda x: function(ops.stack([x, *(ops.full_like(x, other) for other in others)], axis=-1))[:, 0]


def curves(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, the activation, its derivative."""
    x, f = np.linspace(*RANGES.get(name, (-4, 4)), 801, dtype="float32"), first_output(name)
    if name == "step":  # no gradient passes
        return x, np.asarray(f(x)), np.zeros_like(x)
    slope = lamina.grad(lambda x: ops.sum(f(x)))(lamina.Tensor(x))
    return x, np.asarray(f(lamina.Tensor(x))), np.asarray(slope)


def sheet(count: int) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels, four in a row."""
    rows = -(-count // COLUMNS)
    figure = Figure(figsize=(2.6 * COLUMNS, 2.1 * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in grid:
        axes.tick_params(labelsize=7, length=0, colors="#667079")
        axes.spines[:].set_visible(False)
        axes.grid(color="#eceff2")
    for axes in grid[count:]:
        axes.set_visible(False)
    return figure, list(grid[:count])


def draw_activations(names: Sequence[str]) -> Figure:
    figure, panels = sheet(len(names))
    for axes, name in zip(panels, names, strict=True):
        x, y, slope = curves(name)
        axes.axhline(0, color=GREY, linewidth=1)
        axes.axvline(0, color=GREY, linewidth=1)
        axes.plot(x, y, color=BLUE, linewidth=2)
        axes.plot(x, slope, color=ORANGE, linewidth=1.4, linestyle="--")
        axes.set_title(name, fontsize=9)
        low, high = min(y.min(), slope.min()) - 0.2, max(y.max(), slope.max()) + 0.2
        axes.set_ylim(max(x[0] - 0.2, low), min(x[-1] + 0.2, high))
    return figure


def call(schedule: Any) -> str:
    """How the schedule is made, without arguments that have their defaults: StepDecay(1.0, 25)."""
    parameters = inspect.signature(type(schedule)).parameters
    given = {k: v for k, v in schedule.get_config().items() if v != parameters[k].default}

    def show(value: Any) -> str:
        if isinstance(value, dict):
            return call(s.get(value))
        return f"[{', '.join(map(show, value))}]" if isinstance(value, list) else repr(value)

    return f"{type(schedule).__name__}({', '.join(f'{k}={show(v)}' for k, v in given.items())})"


def draw_schedules() -> Figure:
    figure, panels = sheet(len(SCHEDULES))
    steps = np.arange(101)
    for number, (axes, schedule) in enumerate(zip(panels, SCHEDULES, strict=True), 1):
        axes.plot(steps, schedule(steps), color=BLUE, linewidth=2, drawstyle="steps-post")
        axes.set_title(f"{number}  {type(schedule).__name__}", fontsize=9)
        axes.set_ylim(-0.03, 1.08)
    return figure


def draw_sweep() -> Figure:
    """lr_find for a small network on 4000 digits."""
    lamina.set_seed(0)
    (x, y), _ = datasets.mnist()
    model = lamina.Sequential([layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10)])
    model.compile("sgd", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model.lr_find(x[:4000].astype("float32") / 255, y[:4000], 1e-4, 30.0, steps=200).plot()


def file_of(headline: str) -> str:
    return f"{headline.lower().replace(' ', '-')}.png"


def first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n")[0].replace("|", "\\|")


def page() -> Iterator[str]:
    """The lines of docs/gallery.md."""
    yield from ["# Gallery", "", "Made by `python docs/gallery/make.py`.", "", "## Activations", ""]
    yield "Blue: the function. Orange, broken: its derivative, as `lamina.grad` computes it by the written rules. All"
    yield "are in `lamina.activations` and `lamina.ops`; layers take them by name, as in `Dense(8, activation='gelu')`."
    for headline, names in ACTIVATIONS.items():
        yield from ["", f"### {headline}", ""]
        if headline == "Of a whole axis":
            yield from ["Drawn: the first output for the inputs (x, 1, 0); for `glu` for (x, 1).", ""]
        yield from [f"![{', '.join(names)}](gallery/{file_of(headline)})", "", "| name | what it is |", "|---|---|"]
        for name in names:
            others = "".join(f", `{alias}`" for alias, meant in ALIASES.items() if meant == name)
            yield f"| `{name}`{others} | {first_line(getattr(activations, name))} |"
    yield from ["", "## Learning rate schedules", ""]
    yield "The rate of the first 100 updates. All are in `lamina.optimizers.schedules`; an optimizer takes one of them"
    yield "as its `learning_rate`. The docstrings bind the symbols to the arguments."
    yield from ["", "![schedules](gallery/schedules.png)", "", "| | made by | what it is |", "|---|---|---|"]
    for number, schedule in enumerate(SCHEDULES, 1):
        yield f"| {number} | `{call(schedule)}` | {first_line(type(schedule))} |"
    yield from ["", "## Which rate? `model.lr_find`", ""]
    yield "A sweep trains with a rate that rises from step to step, records the loss, and puts everything back. Here a"
    yield "small network on 4000 digits: grey is the loss of each batch, blue its mean with the neighbours, orange the"
    yield "suggestion."
    yield from ["", "![learning rate sweep](gallery/lr-find.png)"]
    yield from ["", "Image augmentations have [a page of their own](gallery/augmentations.md)."]


def main() -> None:
    pictures = {file_of(headline): draw_activations(names) for headline, names in ACTIVATIONS.items()}
    pictures |= {"schedules.png": draw_schedules(), "lr-find.png": draw_sweep()}
    for name, figure in pictures.items():
        figure.savefig(HERE / name, dpi=100, metadata={"Software": None})
    HERE.with_suffix(".md").write_text("\n".join(page()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
