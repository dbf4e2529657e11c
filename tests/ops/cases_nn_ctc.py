"""Contract cases of CTC and of the two ops it is made of. The references enumerate all paths."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.ctc import IMPOSSIBLE, lattice_flow, lattice_scores
from ops.contract import Case


def numbers_of(array: Any) -> Any:
    return jnp if isinstance(array, jax.Array) else np


def spelt(path: tuple[int, ...], blank: int) -> list[int]:
    return [number for number, _ in itertools.groupby(path) if number != blank]


def ctc_by_enumeration(labels: Any, logits: Any, label_lengths: Any, frames: Any, mask_index: int = 0) -> Any:
    """−log of the summed probabilities of every path that spells the labels."""
    n = numbers_of(logits)
    p = n.exp(logits) / n.exp(logits).sum(-1, keepdims=True)
    losses = []
    for i, (count, length) in enumerate(zip(np.asarray(label_lengths), np.asarray(frames), strict=True)):
        wanted, alphabet = list(np.asarray(labels)[i, :count]), range(logits.shape[-1])
        paths = [path for path in itertools.product(alphabet, repeat=length) if spelt(path, mask_index) == wanted]
        chosen = p[i, np.arange(length), np.array(paths).reshape(-1, length)]
        losses.append(-n.log(chosen.prod(-1).sum()))
    return n.stack(losses)


def ctc_inputs(rng: np.random.Generator, blank: int = 0) -> list[np.ndarray]:
    a, b, pad = (1, 2, 0) if blank == 0 else (0, 1, 7)
    labels = np.array([[a, a, b], [b, a, pad], [pad, pad, pad], [a, b, a], [b, pad, pad]])
    return [labels, rng.normal(size=(5, 5, 3)) * 2, np.array([3, 2, 0, 3, 1]), np.array([5, 4, 3, 3, 1])]


def moved(h: Any, by: int, fill: float) -> Any:
    n = numbers_of(h)
    edge = n.full((h.shape[0], abs(by)), fill, h.dtype)
    return n.concatenate([edge, h[:, :-by]] if by > 0 else [h[:, -by:], edge], axis=1)


def flow_by_steps(x: Any, stay: Any, step: Any, skip: Any, reverse: bool = False) -> Any:
    n, rows = numbers_of(x), list(x)
    for t in reversed(range(len(rows) - 1)) if reverse else range(1, len(rows)):
        if reverse:
            sent = [moved(way[t + 1] * rows[t + 1], -by, 0.0) for by, way in ((1, step), (2, skip))]
            rows[t] = rows[t] + stay[t + 1] * rows[t + 1] + sent[0] + sent[1]
        else:
            before = rows[t - 1]
            rows[t] = rows[t] + stay[t] * before + step[t] * moved(before, 1, 0.0) + skip[t] * moved(before, 2, 0.0)
    return n.stack(rows)


def flow_inputs(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(4, 2, 5)) for _ in range(4)]


def scores_by_steps(emitted: Any, skips: Any) -> Any:
    n, shape = numbers_of(emitted), emitted.shape[1:]
    rows = [n.where(np.arange(shape[1]) == 0, 0.0, IMPOSSIBLE) + n.zeros(shape)]
    for e in emitted:
        before = rows[-1]
        skipped = moved(before, 2, IMPOSSIBLE) + np.where(skips, 0.0, IMPOSSIBLE)
        rows.append(e + n.logaddexp(n.logaddexp(before, moved(before, 1, IMPOSSIBLE)), skipped))
    return n.stack(rows)


def scores_inputs(rng: np.random.Generator) -> list[np.ndarray]:
    return [
        rng.normal(size=(4, 2, 5)),
        np.array([[False, True, False, True, False], [False, True, False] + [False] * 2]),
    ]


CASES = [
    Case("lattice_flow", lattice_flow, flow_inputs, {}, flow_by_steps, flow_by_steps, dtypes=("float32",)),
    Case(
        "lattice_flow reverse",
        lattice_flow,
        flow_inputs,
        {"reverse": True},
        flow_by_steps,
        flow_by_steps,
        dtypes=("float32",),
    ),
    Case("lattice_scores", lattice_scores, scores_inputs, {}, scores_by_steps, scores_by_steps, dtypes=("float32",)),
    Case("ctc_loss", ops.ctc_loss, ctc_inputs, {}, ctc_by_enumeration, ctc_by_enumeration, dtypes=("float32",)),
    Case(
        "ctc_loss with the blank last",
        ops.ctc_loss,
        lambda rng: ctc_inputs(rng, 2),
        {"mask_index": 2},
        ctc_by_enumeration,
        ctc_by_enumeration,
        dtypes=("float32",),
    ),
]
