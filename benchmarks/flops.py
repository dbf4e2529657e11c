"""How many multiplications and additions a workload is, in matrix products and convolutions: the same for all peers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from workloads import Workload


def mlp(work: Workload) -> int:
    return 11 * work.width


def cnn(work: Workload) -> int:
    width, first = work.width, work.side - 2
    second = first // 2 - 2
    third = second // 2 - 2
    convolutions = 9 * (first**2 * width + second**2 * 2 * width**2 + third**2 * 4 * width**2)
    return convolutions + third**2 * 4 * width**2 + 20 * width


def autoencoder(work: Workload) -> int:
    half = (work.side**2, work.width, work.width // 4, work.width // 16)
    return 2 * sum(a * b for a, b in itertools.pairwise(half))


def recurrent(work: Workload) -> int:
    gates, width = {"lstm": 4, "gru": 3}[work.model], work.width
    return work.time * width * (gates * (width + width // 2) + work.vocabulary)


def block(time: int, width: int) -> int:
    """A Transformer's block: four projections, a network four times as wide, scores and their sums (without credit for
    what a causal mask leaves out).
    """
    return time * 12 * width**2 + 2 * time**2 * width


def transformer(work: Workload, depth: int = 1) -> int:
    return depth * block(work.time, work.width) + work.time * work.width * work.vocabulary


def gpt(work: Workload) -> int:
    return transformer(work, depth=4)


def gpt2(work: Workload) -> int:
    return transformer(work, depth=12)


def resnet20(work: Workload) -> int:
    total, side, width = 27 * work.side**2 * work.width, work.side, work.width
    total += 6 * 9 * side**2 * width**2
    for _ in range(2):
        side, width = -(-side // 2), 2 * width
        total += side**2 * width**2 * 50  # the first convolution and the straight 1 x 1 have half the inputs
    return total + 10 * width


MULTIPLY_ADDS: dict[str, Callable[[Workload], int]] = {
    "mlp": mlp,
    "cnn": cnn,
    "autoencoder": autoencoder,
    "lstm": recurrent,
    "gru": recurrent,
    "transformer": transformer,
    "gpt": gpt,
    "gpt2": gpt2,
    "resnet20": resnet20,
}


def flops(work: Workload) -> float | None:
    """Operations in one unit of a workload; training computes every product three times, forward, for the inputs'
    gradients and for the weights'.
    """
    if work.model not in MULTIPLY_ADDS or work.whole_job:
        return None
    row = 2 * MULTIPLY_ADDS[work.model](work)
    rows = work.rows if work.per == "epoch" else work.batch
    return row * rows * (1 if work.per == "call" else 3)
