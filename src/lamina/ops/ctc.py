"""Connectionist temporal classification: a sum over all alignments of a label sequence with the frames.

With a blank before, between and behind its U labels, a sequence has S = 2U + 1 states. From one frame to the next
an alignment stays in its state, steps to the next one, or skips the blank between two labels that differ. Forward
sums these paths in log space; backward sends the gradient back along them, each way by its share of the sum. So
what arrives at a state is its probability given the whole input: the forward-backward algorithm.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, ShapeError, Tensor, as_array, composite, op
from .casting import as_type, result_type, tensor
from .comparison import where
from .extrema import maximum
from .indexing import take_along_axis
from .joining import pad_constant, stack, unstack
from .reduction import logsumexp
from .scan import shifted
from .shape import moveaxis
from .softmax import log_softmax, softmax

IMPOSSIBLE = -1e5  # for log 0, as in Keras: exp of it is exactly 0, and no gradient is NaN


def _moved(h: Array, by: int, fill: float) -> Array:
    """h moved along its last axis, to the right if `by` > 0; `fill` comes in."""
    return jax.lax.pad(h, jnp.asarray(fill, h.dtype), ((0, 0, 0), (by, -by, 0)))


@op(promotes=True)
def lattice_flow(x: Array, stay: Array, step: Array, skip: Array, reverse: bool = False) -> Any:
    """h_t[s] = x_t[s] + stay_t[s]·h_{t−1}[s] + step_t[s]·h_{t−1}[s−1] + skip_t[s]·h_{t−1}[s−2], with h = 0 before.

    With `reverse` everything moves the other way: from t to t − 1, and from s to s, s − 1 and s − 2.

    Args:
        x, stay, step, skip: (T, N, S).
    """

    def onward(h: Array, at: tuple[Array, ...]) -> tuple[Array, Array]:
        x, stay, step, skip = at
        h = x + stay * h + step * _moved(h, 1, 0.0) + skip * _moved(h, 2, 0.0)
        return h, h

    def back(sent: Array, at: tuple[Array, ...]) -> tuple[Array, Array]:
        x, stay, step, skip = at
        h = x + sent
        return stay * h + _moved(step * h, -1, 0.0) + _moved(skip * h, -2, 0.0), h

    way, start = back if reverse else onward, jnp.zeros(x.shape[1:], x.dtype)
    _, h = jax.lax.scan(way, start, (x, stay, step, skip), reverse=reverse)
    return h, (h, stay, step, skip, reverse)


@lattice_flow.backward
def _(kept: Any, g: Tensor) -> Any:
    h, stay, step, skip, reverse = kept
    back = lattice_flow(g, stay, step, skip, not reverse)
    # A weight at t multiplied what was at t − 1 on its way on, and the gradient at t on its way back.
    source, target = (back, h) if reverse else (h, back)
    ways = [target * way for way in _ways(shifted(source, 0, 1), 0.0)]
    return back, *ways


def _ways(before: Tensor, fill: float) -> list[Tensor]:
    """What comes to each state by staying, stepping and skipping."""
    return [before, *(pad_constant(before, ((0, 0), (0, 0), (by, -by)), fill) for by in (1, 2))]


@op
def lattice_scores(emitted: Array, skips: Array) -> Any:
    """α_t[s] = e_t[s] + log(exp α_{t−1}[s] + exp α_{t−1}[s−1] + exp α_{t−1}[s−2]), the last only where s may skip.

    Args:
        emitted: e, log-probabilities of the states, (T, N, S).
        skips: which states can be reached by a skip, booleans (N, S).

    Returns:
        α, (T + 1, N, S), from α_0 = (0, log 0, ..., log 0) on: before the first frame all paths are in state 0.
    """
    barred = jnp.where(skips, 0.0, IMPOSSIBLE).astype(emitted.dtype)

    def frame(before: Array, e: Array) -> tuple[Array, Array]:
        skipped = _moved(before, 2, IMPOSSIBLE) + barred
        after = e + jnp.logaddexp(jnp.logaddexp(before, _moved(before, 1, IMPOSSIBLE)), skipped)
        return after, after

    start = jnp.full(emitted.shape[1:], IMPOSSIBLE, emitted.dtype).at[:, 0].set(0.0)
    _, scores = jax.lax.scan(frame, start, emitted)
    scores = jnp.concatenate([start[None], scores])
    return scores, (scores, barred)


@lattice_scores.backward
def _(kept: Any, g: Tensor) -> Any:
    scores, barred = kept
    stayed, stepped, skipped = _ways(scores[:-1], IMPOSSIBLE)
    shares = unstack(softmax(stack([stayed, stepped, skipped + barred]), axis=0))
    return lattice_flow(g[1:], *shares, reverse=True), None


@composite
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Tensor:
    """−log of the probability that the frames spell the labels, summed over all alignments π: −log Σ_π Π_t p_t[π_t].

    An alignment names a class or the blank for each frame; without repetitions and then without blanks it is the
    label sequence. So U labels of which R equal their predecessor need at least U + R frames; with fewer the loss
    is about 1e5 instead of infinite.

    Args:
        target: class numbers, (N, U); what lies beyond `target_length` is not looked at.
        output: logits of the classes and the blank, (N, T, C); p is their softmax.
        target_length: numbers of labels, (N,).
        output_length: numbers of frames, (N,).
        mask_index: the class number of the blank.

    Returns:
        One loss per sample, (N,), in nats, float32 at least.

    Raises:
        ShapeError: the shapes do not fit together.

    Example:
        >>> from lamina import ops
        >>> ops.ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2])  # 3 of 4 alignments: 1 1, 1 _, _ 1
        Tensor([0.287682], float32)

    Reference: Graves et al. 2006, Connectionist temporal classification.
    """
    labels, frames, logits = as_array(target), as_array(output_length), tensor(output)
    count = as_array(target_length)
    _check_shapes(labels.shape, logits.shape, count.shape, frames.shape)
    known = jnp.arange(labels.shape[1], dtype=count.dtype) < count[:, None]
    states = jnp.full((labels.shape[0], 2 * labels.shape[1] + 1), mask_index, "int32")
    states = states.at[:, 1::2].set(jnp.where(known, labels.astype("int32"), mask_index))
    log_p = maximum(log_softmax(as_type(logits, result_type(logits.dtype, "float32"))), IMPOSSIBLE)
    emitted = moveaxis(take_along_axis(log_p, states[:, None, :]), 1, 0)
    skips = (states != mask_index) & (states != _moved(states, 2, mask_index))
    last = lattice_scores(emitted, skips)[frames, jnp.arange(len(frames), dtype=frames.dtype)]
    to_end = 2 * count[:, None] - jnp.arange(states.shape[1], dtype=count.dtype)
    return -logsumexp(where((to_end == 0) | (to_end == 1), last, -jnp.inf), axis=-1)


def _check_shapes(labels: tuple[int, ...], logits: tuple[int, ...], *lengths: tuple[int, ...]) -> None:
    samples = {shape[0] for shape in (labels, logits, *lengths) if shape}
    if len(labels) != 2 or len(logits) != 3 or any(len(shape) != 1 for shape in lengths) or len(samples) != 1:
        raise ShapeError(
            "ctc_loss",
            "each sample has a row of labels, logits for each frame, and two lengths",
            expected="labels (N, U), logits (N, T, C), lengths (N,) and (N,)",
            received=", ".join(map(str, (labels, logits, *lengths))),
            remedy="Pad the label rows to one length",
        )
