"""What the ratios (a peer's time over Lamina's) and the starts are to be at least, or at most."""

from __future__ import annotations

from workloads import Workload

RATIOS = {
    "mlp": (10, 50, 10, 5),
    "cnn32": (1.2, 1.6, 2, 2),
    "cnn128": (1.2, 1.5, 2, 2),
    "autoencoder": (1.2, 1.5, 1.5, 1.3),
    "lstm": (1.2, 2, 2, 2),
    "gru": (1.2, 2, 2, 2),
    "transformer": (1.2, 1.5, 1.5, 1.5),
    "gpt": (1.1, 1.5, 1.5, 1.6),
    "resnet20": (1.1, 1.3, 1.5, 1.5),
    "mnist99": (1.5, 2, 2, 2),
}
"""For the families in the order of `results.FAMILIES`."""

ANSWER = (1, 20, 20, 1)
"""The same for the answer to one row."""

IMPORT = 0.3  # seconds beyond JAX's own import
FIRST, FIRST_GPT, CACHED = 2.0, 3.0, 0.3  # seconds of the first step
CALLBACKS = 1.02  # times a step without them
PEAK = 0.65  # share of the machine's matrix product, where matrix products are most of the work
MATMUL_BOUND = ("autoencoder", "lstm", "gru", "transformer", "gpt", "predict256-autoencoder", "predict256-gpt")


def ratios(workload: Workload) -> tuple[float, ...] | None:
    """The least ratios of a workload; None where nothing was promised."""
    if workload.per == "call" and workload.batch == 1:
        return ANSWER
    return RATIOS.get(workload.name)


def first_step(workload: Workload) -> float:
    """The most seconds of a first step."""
    return FIRST_GPT if workload.model == "gpt" else FIRST
