"""Next year's sunspots and next month's CO2, forecast by recurrent networks and by a small Transformer.

The networks see the last two cycles of changes and say the next change. They walk forward through time: each block of
years is forecast by a network that has learned from all years before it, and from nothing later, not even for scaling.
The naive forecasts to beat: no change, and the change of one cycle ago.

Needs statsmodels, which brings the series along: pip install 'lamina[series]'

python examples/series/forecast.py
"""

import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view
from statsmodels.datasets import co2, sunspots

import lamina
from lamina.data import time_folds
from lamina.layers import GRU, LSTM, Dense, Flatten, Input, PositionEmbedding, TransformerEncoder

FOLDS = 4


def yearly_sunspots():
    """(years, numbers, years of a cycle)."""
    data = sunspots.load_pandas().data
    return data["YEAR"].to_numpy(), data["SUNACTIVITY"].to_numpy(), 11


def monthly_co2():
    """(months as fractions of years, parts per million at Mauna Loa, months of a cycle); gaps are filled in."""
    data = co2.load_pandas().data["co2"].resample("MS").mean().interpolate()
    return data.index.year.to_numpy() + (data.index.month.to_numpy() - 1) / 12, data.to_numpy(), 12


class Transformer(lamina.Model):
    """One encoder block over the window, and a sum over all its places."""

    def __init__(self, window, width=32):
        super().__init__()
        self.embedding, self.positions = Dense(width), PositionEmbedding(window)
        self.block, self.flatten, self.output_dense = TransformerEncoder(2 * width, 4), Flatten(), Dense(1)

    def call(self, inputs):
        x = self.embedding(inputs)
        return self.output_dense(self.flatten(self.block(x + self.positions(x))))


def networks(window):
    """A fresh network of each kind for windows of so many changes."""
    return {
        "GRU": lamina.Sequential([Input((window, 1)), GRU(32), Dense(1)]),
        "LSTM": lamina.Sequential([Input((window, 1)), LSTM(32), Dense(1)]),
        "Transformer": Transformer(window),
    }


def walk_forward(model, changes, window, size, epochs):
    """Forecasts (FOLDS · size,) of the last changes, block by block; the network learns on from block to block."""
    x, y = sliding_window_view(changes, window)[:-1, :, None], changes[window:]
    model.compile(lamina.optimizers.Adam(3e-3), "mse")
    found = []
    for fold in time_folds(len(y), FOLDS, size=size):
        scale = y[fold.train].std()
        past, truth = (x[fold.train] / scale).astype("float32"), (y[fold.train, None] / scale).astype("float32")
        model.fit(past, truth, epochs=epochs, verbose=0)
        found.append(model.predict((x[fold.validation] / scale).astype("float32"), verbose=0)[:, 0] * scale)
    return np.concatenate(found)


def compare(values, cycle, size, epochs=30, kinds=("GRU", "LSTM", "Transformer")):
    """Forecasts of the last FOLDS · size values by every network and by both naive rules, and the error of each."""
    changes, window, count = np.diff(values), 2 * cycle, FOLDS * size
    lamina.set_seed(0)
    made = {kind: model for kind, model in networks(window).items() if kind in kinds}
    steps = {kind: walk_forward(model, changes, window, size, epochs) for kind, model in made.items()}
    steps |= {"no change": np.zeros(count), "a cycle ago": changes[-count - cycle : -cycle]}
    forecasts = {kind: values[-count - 1 : -1] + step for kind, step in steps.items()}
    errors = {kind: np.sqrt(np.mean((found - values[-count:]) ** 2)) for kind, found in forecasts.items()}
    return forecasts, errors


def draw(path, series):
    """A panel for each series: what was, what the best network said, and how far off every forecast is."""
    figure = Figure(figsize=(11, 3.6 * len(series)), layout="constrained")
    for axes, (title, times, values, forecasts, errors) in zip(figure.subplots(len(series), 1), series, strict=True):
        best = min((kind for kind in forecasts if kind[0].isupper()), key=errors.__getitem__)
        count = len(forecasts[best])
        axes.plot(times[-count:], values[-count:], color="#1c2126", linewidth=1.6, label="what was")
        axes.plot(times[-count:], forecasts[best], color="#d9730d", linewidth=1.2, label=f"{best}, one step ahead")
        axes.set_title(
            f"{title}: {', '.join(f'{kind} {error:.2f}' for kind, error in errors.items())} (RMSE)", loc="left"
        )
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    series = []
    for title, load, size in (("Sunspots", yearly_sunspots, 25), ("CO2 (ppm)", monthly_co2, 48)):
        times, values, cycle = load()
        forecasts, errors = compare(values, cycle, size)
        series.append((title, times, values, forecasts, errors))
        print(f"{title}, {FOLDS * size} forecasts: root mean squared errors")
        for kind, error in sorted(errors.items(), key=lambda item: item[1]):
            print(f"  {kind:12} {error:7.3f}")
    draw("forecast.png", series)
    print("forecast.png")
