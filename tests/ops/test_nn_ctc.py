"""What the contract of CTC does not say: impossible labels, long inputs, masked classes, narrow types, refusals."""

from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ShapeError


def gradient(labels: Any, logits: Any, count: Any, frames: Any) -> np.ndarray:
    return lamina.grad(lambda z: ops.ctc_loss(labels, z, count, frames).sum())(logits).numpy()


def test_too_few_frames_give_a_large_finite_loss_and_gradient() -> None:
    """Two equal labels need a blank between them, so two frames are not enough."""
    logits = np.random.default_rng(0).normal(size=(1, 2, 3))
    assert 9e4 < ops.ctc_loss([[1, 1]], logits, [2], [2]).item() < 2.1e5
    assert np.isfinite(gradient([[1, 1]], logits, [2], [2])).all()


def test_frames_and_labels_beyond_the_lengths_do_not_matter(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(2, 6, 4)).astype("float32")
    other = logits.copy()
    other[:, 4:] += rng.normal(size=(2, 2, 4)) * 9
    first = ops.ctc_loss([[1, 2, 0], [3, 0, 0]], logits, [2, 1], [4, 4])
    second = ops.ctc_loss([[1, 2, 3], [3, 99, -5]], other, [2, 1], [4, 4])
    np.testing.assert_array_equal(first, second)
    found = gradient([[1, 2, 3], [3, 99, -5]], other, [2, 1], [4, 4])
    assert (found[:, 4:] == 0).all() and (found[:, :4] != 0).all()


def test_a_label_that_is_no_class_is_nan() -> None:
    losses = ops.ctc_loss([[1], [3]], np.zeros((2, 2, 3)), [1, 1], [2, 2]).numpy()
    assert np.isfinite(losses[0]) and np.isnan(losses[1])


def test_a_class_that_is_masked_out_keeps_gradients_finite() -> None:
    logits = np.zeros((1, 3, 4))
    logits[..., 3] = -np.inf
    three = ops.ctc_loss([[1, 2]], logits[..., :3], [2], [3]).item()
    assert ops.ctc_loss([[1, 2]], logits, [2], [3]).item() == pytest.approx(three, rel=1e-6)
    found = gradient([[1, 2]], logits, [2], [3])
    np.testing.assert_allclose(found[..., :3], gradient([[1, 2]], logits[..., :3], [2], [3]), atol=1e-6)
    assert (found[..., 3] == 0).all()


def test_long_inputs_keep_their_digits_in_float32(rng: np.random.Generator) -> None:
    """600 frames, 80 labels: the gradient of each frame is p minus a distribution over the classes, so it sums to 0."""
    labels, logits = rng.integers(1, 20, (2, 80)), rng.normal(size=(2, 600, 20)).astype("float32") * 3
    found, loss = gradient(labels, logits, [80, 60], [600, 500]), ops.ctc_loss(labels, logits, [80, 60], [600, 500])
    with jax.enable_x64(True):
        wide = Tensor(logits.astype("float64"), "float64")
        exact = ops.ctc_loss(labels, wide, [80, 60], [600, 500]).numpy()
        exact_gradient = lamina.grad(lambda z: ops.ctc_loss(labels, z, [80, 60], [600, 500]).sum())(wide).numpy()
    np.testing.assert_allclose(loss, exact, rtol=1e-6)
    np.testing.assert_allclose(found, exact_gradient, atol=2e-3)
    np.testing.assert_allclose(found.sum(-1), 0, atol=1e-4)


def test_losses_of_narrow_logits_are_float32(rng: np.random.Generator) -> None:
    logits = Tensor(rng.normal(size=(1, 4, 3)), "bfloat16", requires_grad=True)
    loss = ops.ctc_loss([[1, 2]], logits, [2], [4])
    loss.sum().backward()
    assert loss.dtype == "float32" and logits.grad is not None and logits.grad.dtype == "bfloat16"
    assert loss.item() == pytest.approx(ops.ctc_loss([[1, 2]], logits.numpy().astype("float32"), [2], [4]).item())


def test_a_second_call_does_not_compile() -> None:
    @lamina.compile
    def step(labels: Any, logits: Any, count: Any, frames: Any) -> Any:
        return ops.ctc_loss(labels, logits, count, frames)

    for count, frames in (([1, 2], [4, 5]), ([2, 0], [5, 3])):
        step(np.array([[1, 2], [2, 1]]), np.zeros((2, 5, 3), "float32"), np.array(count), np.array(frames))
    assert step.compilations == ["first call"]


@pytest.mark.parametrize(
    ("labels", "logits", "lengths"),
    [((2,), (2, 5, 3), (2,)), ((2, 3), (2, 5), (2,)), ((2, 3), (3, 5, 3), (2,)), ((2, 3), (2, 5, 3), (2, 1))],
)
def test_shapes_that_do_not_fit_are_refused(labels: Any, logits: Any, lengths: Any) -> None:
    with pytest.raises(ShapeError, match="ctc_loss: each sample has a row of labels.*Pad the label rows"):
        ops.ctc_loss(np.ones(labels, int), np.zeros(logits), np.ones(lengths, int), np.ones(2, int))
