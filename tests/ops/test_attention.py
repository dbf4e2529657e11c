"""Attention beyond the contract: long sequences, empty rows, dropout, no look into the future."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Tensor, gradients, ops
from lamina.core import ArgumentError, ShapeError

KEY = np.array([3, 4], np.uint32)
FORMS = [{"chunk_size": 0}, {"chunk_size": 3}]


def arrays(rng: np.random.Generator, length: int = 7, dtype: str = "float32") -> list[Tensor]:
    shapes = (2, length, 4, 3), (2, length, 2, 3), (2, length, 2, 5)
    return [Tensor(rng.normal(size=shape), dtype, requires_grad=True) for shape in shapes]


def temporary_bytes(length: int, chunk_size: int | None, backward: bool) -> int:
    def run(*given: jax.Array) -> Any:
        q, k, v = (Tensor(x, requires_grad=True) for x in given)
        y = ops.dot_product_attention(q, k, v, is_causal=True, chunk_size=chunk_size)
        return [g.array for g in gradients((y * y).sum(), [q, k, v])] if backward else y.array

    shape = jax.ShapeDtypeStruct((1, length, 1, 4), np.float32)
    return jax.jit(run).lower(shape, shape, shape).compile().memory_analysis().temp_size_in_bytes


@pytest.mark.parametrize("backward", [False, True])
def test_in_chunks_a_length_of_8192_takes_a_tenth_of_the_memory(backward: bool) -> None:
    plain, chunked = (temporary_bytes(8192, size, backward) for size in (0, 256))
    assert plain >= 8192 * 8192 * 4
    assert chunked < plain / 10
    assert temporary_bytes(16384, 256, backward) < 2.5 * chunked  # linear in the length
    assert temporary_bytes(8192, None, backward) == chunked  # and it is what the rule chooses


def test_no_mask_of_the_whole_square_is_stored() -> None:
    def run(q: jax.Array) -> jax.Array:
        return ops.dot_product_attention(q, q, q, is_causal=True, sliding_window=9, chunk_size=0).array

    program = jax.jit(run).lower(jnp.ones((1, 512, 1, 4))).compile().as_text()
    assert "512,512]" in program
    assert not re.search(r"512,512\]\S* constant\(", program)


@pytest.mark.parametrize("settings", [{}, {"is_causal": True}, {"sliding_window": 3}, {"alibi": (0.5, 0.2, 0.1, 0.0)}])
def test_chunks_change_nothing(rng: np.random.Generator, settings: dict[str, Any]) -> None:
    q, k, v = arrays(rng, 40)
    mask = rng.random((2, 1, 40, 40)) > 0.3
    mask[1, 0, 5] = False

    @lamina.compile
    def answers(q: Tensor, k: Tensor, v: Tensor, chunk_size: Any) -> Any:
        q, k, v = (Tensor(x, requires_grad=True) for x in (q, k, v))
        y = ops.dot_product_attention(q, k, v, mask=mask, chunk_size=int(chunk_size), **settings)
        return y, gradients((y * ops.cos(y)).sum(), [q, k, v])

    plain = answers(q, k, v, "0")
    for size in ("16", "13", "64"):  # whole blocks, a rest, one block that is longer than the sequence
        for found, expected in zip(jax.tree.leaves(answers(q, k, v, size)), jax.tree.leaves(plain), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_the_past_does_not_depend_on_the_future(rng: np.random.Generator, form: dict[str, int]) -> None:
    q, k, v = arrays(rng)
    y = ops.dot_product_attention(q, k, v, is_causal=True, **form)
    for t in range(7):
        for gradient in gradients(y[:, t].sum(), [q, k, v]):
            assert not gradient[:, t + 1 :].numpy().any()
        assert gradients(y[:, t].sum(), [v])[0][:, : t + 1].numpy().all()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("hidden", [{"mask": np.zeros((1, 1), bool)}, {"bias": np.full((7, 7), -np.inf)}])
def test_who_sees_nothing_gets_nothing(rng: np.random.Generator, form: dict[str, int], hidden: dict[str, Any]) -> None:
    q, k, v = arrays(rng)
    y = ops.dot_product_attention(q, k, v, **hidden, **form)
    assert not y.numpy().any()
    for gradient in gradients(y.sum(), [q, k, v]):
        assert not gradient.numpy().any()  # nor NaN, which would be true


def test_great_scores_do_not_overflow(rng: np.random.Generator) -> None:
    q, k, v = arrays(rng)
    for form in FORMS:
        y = ops.dot_product_attention(q * 1e4, k * 1e4, v, is_causal=True, **form)
        assert np.isfinite(y.numpy()).all()


@pytest.mark.parametrize("form", FORMS)
def test_the_softmax_is_worked_out_in_float32(rng: np.random.Generator, form: dict[str, int]) -> None:
    q = np.zeros((1, 1, 1, 1))
    k = np.zeros((1, 600, 1, 1))  # in bfloat16 a sum of ones stops at 256
    y = ops.dot_product_attention(*(Tensor(x, "bfloat16") for x in (q, k, k + 1)), **form)
    assert y.dtype == "bfloat16" and abs(float(y[0, 0, 0, 0]) - 1) < 0.01


@pytest.mark.parametrize("form", [{"chunk_size": 0}, {"chunk_size": 50}])
def test_dropout_keeps_the_mean_and_is_drawn_from_the_key(form: dict[str, int]) -> None:
    length = 200
    q, v = np.zeros((1, length, 1, 1), "float32"), np.ones((1, length, 1, 1), "float32")
    y = ops.dot_product_attention(q, q, v, dropout=0.3, dropout_key=KEY, **form).numpy()[0, :, 0, 0]
    spread = (0.3 / 0.7 / length) ** 0.5  # of the mean of `length` values that are 0 or 1/0.7
    assert abs(y.mean() - 1) < 4 * spread / length**0.5
    assert 0.8 * spread < y.std() < 1.2 * spread
    again = ops.dot_product_attention(q, q, v, dropout=0.3, dropout_key=KEY, **form).numpy()[0, :, 0, 0]
    np.testing.assert_array_equal(y, again)
    assert (ops.dot_product_attention(q, q, v, dropout=0.3, dropout_key=KEY + 1, **form).numpy()[0, :, 0, 0] != y).any()


@pytest.mark.parametrize("form", FORMS)
def test_gradients_of_dropout(rng: np.random.Generator, form: dict[str, int], x64: None) -> None:
    def drop(q: Tensor, k: Tensor, v: Tensor) -> Any:
        return ops.dot_product_attention(q, k, v, dropout=0.4, dropout_key=KEY, is_causal=True, **form)

    lamina.gradcheck(drop, *arrays(rng, 4, "float64"), order=2)


def test_the_weights_are_those_before_dropout(rng: np.random.Generator) -> None:
    q, k, v = arrays(rng)
    _, p = ops.dot_product_attention(q, k, v, dropout=0.5, dropout_key=KEY, return_weights=True)
    np.testing.assert_allclose(p.numpy().sum(-1), 1, rtol=1e-5)


def test_errors(rng: np.random.Generator) -> None:
    q, k, v = arrays(rng)
    with pytest.raises(ShapeError, match="A a multiple of K"):
        ops.dot_product_attention(q[:, :, :3], k, v)
    with pytest.raises(ShapeError, match="must fit together"):
        ops.dot_product_attention(q, k, v[:, :3])
    with pytest.raises(ArgumentError, match="never there all at once"):
        ops.dot_product_attention(q, k, v, return_weights=True, chunk_size=4)
