"""What a user reads who slips: the rule, what was expected and received, and what to do."""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError, DTypeError, ShapeError

A, B = ops.zeros((2, 3)), ops.zeros((4, 5))


@pytest.mark.parametrize(
    ("call", "who", "seen"),
    [
        (lambda: A + B, "add", ["(2, 3)", "(4, 5)", "expand_dims"]),
        (lambda: A @ B, "matmul", ["(2, 3)", "(4, 5)", "(..., K, N)"]),
        (lambda: ops.maximum(A, B), "maximum", ["(2, 3)", "(4, 5)"]),
        (lambda: ops.where(A > 0, A, B), "select", ["(2, 3)", "(4, 5)"]),
        (lambda: ops.concatenate([A, B]), "concatenate", ["(2, 3)", "(4, 5)", "stack"]),
        (lambda: ops.stack([A, B]), "stack", ["(2, 3)", "(4, 5)", "concatenate"]),
        (lambda: A.reshape(4, 4), "reshape", ["(2, 3)", "shape=(4, 4)"]),
        (lambda: ops.broadcast_to(A, (4, 4)), "broadcast_to", ["(2, 3)", "(4, 4)"]),
        (lambda: A.sum(axis=2), "sum", ["(2, 3)", "axis=2"]),
        (lambda: ops.mean(A, axis=(0, 0)), "mean", ["axis=(0, 0)"]),
        (lambda: A.transpose(0, 2), "transpose", ["(2, 3)", "axes=(0, 2)"]),
        (lambda: A.squeeze(0), "squeeze", ["(2, 3)", "axis=0"]),
        (lambda: ops.split(A, 2, 1), "split", ["(2, 3)"]),
        (lambda: ops.top_k(A, 4), "top_k", ["(2, 3)", "k=4"]),
        (lambda: A[5], "getitem", ["(2, 3)", "5"]),
        (lambda: A[0, 0, 0], "getitem", ["(2, 3)", "at most 2"]),
        (lambda: ops.einsum("ij,jk", A, B), "einsum", ["size 3", "size 4", "'j'"]),
        (lambda: ops.einsum("ijk", A), "einsum", ["'ijk'", "(2,)"]),
        (lambda: ops.tensordot(A, B, 1), "tensordot", ["(2, 3)", "(4, 5)"]),
        (lambda: ops.solve(A, B), "solve_matrices", ["(2, 3)", "(4, 5)"]),
        (lambda: ops.inv(A), "inv", ["(2, 3)", "pinv"]),
        (lambda: ops.tril(ops.zeros(3)), "tril", ["(3,)"]),
    ],
)
def test_shapes(call: Any, who: str, seen: list[str]) -> None:
    with pytest.raises(ShapeError, match=rf"^{who}: .* Expected .*, received .*\.") as caught:
        call()
    assert all(part in str(caught.value) for part in seen), str(caught.value)


@pytest.mark.parametrize("call", [lambda: A & 1.0, lambda: ~A, lambda: Tensor([True]) - Tensor([True])])
def test_types(call: Any) -> None:
    with pytest.raises(DTypeError, match="cast"):
        call()


def test_unknown_names() -> None:
    with pytest.raises(ArgumentError, match="'mirror'"):
        ops.pad(A, 1, mode="mirror")
    with pytest.raises(ArgumentError, match="'mean'"):
        ops.matrix_norm(A, ord="mean")


def test_a_mask_inside_compile_says_what_to_do() -> None:
    pick = lamina.compile(lambda x, mask: x[mask])
    with pytest.raises(ArgumentError, match="where"):
        pick(ops.ones(3), Tensor(np.array([True, False, True])))


def test_a_wrong_call_is_still_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        ops.add(A)
    with pytest.raises(TypeError, match="unexpected keyword"):
        ops.sum(A, axes=1)
