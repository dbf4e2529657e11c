"""The workloads: what is measured, in four sizes. Only the standard library is used: every worker reads this, too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

PROMPT = 32  # tokens that a generator is given
DIGITS = Path(__file__).parent / ".envs" / "mnist.npz"

MODELS = {
    "mlp": "Textbook network 10-{width}-1",
    "cnn": "Textbook CNN, digits {side} x {side}, {width} filters",
    "autoencoder": "Autoencoder of digits {side} x {side}, {width} units",
    "lstm": "LSTM language model, {time} tokens, {width} units",
    "gru": "GRU language model, {time} tokens, {width} units",
    "transformer": "Textbook Transformer, {time} tokens, width {width}",
    "gpt": "GPT of 4 layers, {time} tokens, width {width}",
    "gpt2": "GPT-2 layout of 12 layers, {time} tokens, width {width}",
    "resnet20": "ResNet-20, images {side} x {side}, {width} filters",
    "tensors": "Adam on small tensors, {rows} steps in a program",
    "writer": "GPT-2 layout of 4 layers, width {width}, writes greedily up to {time} tokens",
}
KINDS = {
    "epoch": ("{title}, batch {batch}", "ms an epoch of {steps} steps"),
    "step": ("{title}, batch {batch}", "ms a step"),
    "call": ("{title}: answers of {batch}", "ms an answer, p50"),
    "token": ("{title}", "ms a token"),
    "update": ("{title}, {batch} tensors", "ms a step"),
}


@dataclass(frozen=True)
class Workload:
    """One measurement is a `fit` of `epochs` epochs over `rows` rows in batches of `batch`; its time is told per epoch
    or step. Per call it is the prediction of `rows` rows, `batch` at a time. Per token it is the writing of `rows`
    texts of `time` tokens, one after the other; per update it is one step of Adam on `batch` small tensors, `rows`
    times.

    A whole job is measured from the start of its process, and ends when the test accuracy after an epoch reaches
    `target`. `width` is the number of units or filters from which the model's others follow. Images have `side` rows
    and columns, rows of text have `time` tokens out of `vocabulary`. Digits that are `made_up` need no file.
    """

    name: str
    model: str
    rows: int
    batch: int
    width: int = 0
    epochs: int = 1
    side: int = 0
    time: int = 0
    vocabulary: int = 0
    per: str = "step"
    target: float = 0.0
    whole_job: bool = False
    made_up: bool = False

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-self.rows // self.batch)

    @property
    def units(self) -> int:
        """How many epochs, steps, answers or tokens one measurement holds."""
        held = {"token": self.rows * (self.time - PROMPT), "update": self.rows, "call": 1, "epoch": self.epochs}
        return held.get(self.per, self.epochs * self.steps)

    @property
    def first_share(self) -> float:
        """Which share of a measurement its first step is."""
        return 1 / {"token": self.units, "update": self.rows, "call": 1}.get(self.per, self.epochs * self.steps)

    @property
    def title(self) -> str:
        sizes = {**vars(self), "steps": self.steps}
        title = MODELS[self.model].format(**sizes)
        whole = f"{title}, from process start to {self.target:.0%} of the test digits"
        return whole if self.whole_job else KINDS[self.per][0].format(**sizes, title=title)

    @property
    def unit(self) -> str:
        return "s" if self.whole_job else KINDS[self.per][1].format(**vars(self), steps=self.steps)


def named(*workloads: Workload) -> dict[str, Workload]:
    return {workload.name: workload for workload in workloads}


ANSWERS = {"mlp": 16, "cnn": 8, "autoencoder": 16, "lstm": 4, "gru": 4, "transformer": 2, "gpt": 1, "resnet20": 2}
"""How many large batches one measurement of prediction answers."""


def predictions(training: dict[str, Workload], many: int = 256) -> dict[str, Workload]:
    """Prediction by the models that are trained: one row at a time, and `many`."""
    models = {workload.model: workload for workload in training.values() if workload.model in ANSWERS}
    one = (replace(w, name=f"predict1-{m}", batch=1, rows=60, epochs=1, per="call") for m, w in models.items())
    more = (
        replace(w, name=f"predict256-{m}", batch=many, rows=many * ANSWERS[m], epochs=1, per="call")
        for m, w in models.items()
    )
    return named(*one, *more)


TRAINING = named(
    Workload("mlp", "mlp", rows=1000, batch=32, width=10, epochs=20, per="epoch"),
    Workload("cnn32", "cnn", rows=6400, batch=32, width=32, side=28),
    Workload("cnn128", "cnn", rows=6400, batch=128, width=32, side=28),
    Workload("autoencoder", "autoencoder", rows=12800, batch=128, width=512, side=28),
    Workload("lstm", "lstm", rows=640, batch=32, width=256, time=64, vocabulary=256),
    Workload("gru", "gru", rows=640, batch=32, width=256, time=64, vocabulary=256),
    Workload("transformer", "transformer", rows=320, batch=32, width=128, time=128, vocabulary=1000),
    Workload("gpt", "gpt", rows=96, batch=16, width=256, time=128, vocabulary=512),
    Workload("resnet20", "resnet20", rows=384, batch=64, width=16, side=32),
)
SPECIAL = named(
    Workload("updates", "tensors", rows=300, batch=200, per="update"),
    Workload("generate", "writer", rows=2, batch=1, width=256, time=256, vocabulary=512, per="token"),
)
WHOLE = named(
    Workload("mnist99", "cnn", rows=60000, batch=32, width=32, side=28, epochs=10, target=0.99, whole_job=True)
)
FULL = {**TRAINING, **predictions(TRAINING), **SPECIAL, **WHOLE}

OTHER = named(
    Workload("mlp", "mlp", rows=1000, batch=16, width=14, epochs=10, per="epoch"),
    Workload("cnn32", "cnn", rows=4800, batch=24, width=20, side=27),
    Workload("cnn128", "cnn", rows=6144, batch=512, width=40, side=25),
    Workload("autoencoder", "autoencoder", rows=9600, batch=96, width=400, side=27),
    Workload("lstm", "lstm", rows=400, batch=20, width=200, time=100, vocabulary=300),
    Workload("gru", "gru", rows=480, batch=48, width=320, time=50, vocabulary=200),
    Workload("transformer", "transformer", rows=240, batch=24, width=96, time=100, vocabulary=1200),
    Workload("gpt", "gpt", rows=96, batch=16, width=192, time=100, vocabulary=700),
    Workload("resnet20", "resnet20", rows=240, batch=40, width=24, side=27),
)
HELDOUT = {
    **OTHER,
    **predictions(OTHER, many=200),
    "updates": replace(SPECIAL["updates"], batch=77),
    "generate": replace(SPECIAL["generate"], width=192, time=200, vocabulary=700),
}
"""The same work in odd sizes: shows whether anything was made to fit the sizes above."""


def quick(workload: Workload) -> Workload:
    """The same work in a tiny size: shows that a worker runs, measures nothing."""
    tiny = replace(workload, rows=2 * workload.batch, epochs=1, target=0.0, time=min(workload.time, PROMPT + 8))
    if workload.per == "call":
        return replace(tiny, batch=min(workload.batch, 8), rows=2 * min(workload.batch, 8))
    return replace(tiny, rows=640) if workload.whole_job else tiny


GPU = named(
    Workload("cnn", "cnn", rows=65536, batch=1024, width=32, side=28, made_up=True),
    Workload("resnet20", "resnet20", rows=16384, batch=512, width=16, side=32),
    Workload("gpt2", "gpt2", rows=160, batch=16, width=768, time=1024, vocabulary=50257),
)
"""What `gpu/compare.py` measures."""


def tiny(workload: Workload) -> Workload:
    """The same for any machine."""
    sizes = {"time": 32, "vocabulary": 256, "width": 96} if workload.time else {"width": 8}
    return replace(workload, batch=4, rows=16, **sizes)


SIZES = {
    "full": FULL,
    "heldout": HELDOUT,
    "quick": {name: quick(work) for name, work in FULL.items()},
    "gpu": GPU,
    "tiny": {name: tiny(work) for name, work in GPU.items()},
}
