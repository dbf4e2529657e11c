"""Which way `einsum` takes; its numbers are in `cases_linalg`."""

import jax
import numpy as np
import pytest

from lamina import Tensor, ops


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ntf,fah->ntah", [(2, 3, 4), (4, 2, 5)]),
        ("ntah,ahf->ntf", [(2, 3, 2, 5), (2, 5, 4)]),
        ("ntah,fah->ntf", [(2, 3, 2, 5), (4, 2, 5)]),
        ("ntf,ntah->fah", [(8, 9, 4), (8, 9, 2, 50)]),
    ],
)
def test_projections_and_their_gradients_are_products_of_matrices(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [np.ones(shape, "float32") for shape in shapes]
    program = jax.make_jaxpr(lambda x, y: ops.einsum(equation, Tensor(x), Tensor(y)).array)(*arrays)
    names = [step.primitive.name for step in program.eqns]
    product = program.eqns[names.index("dot_general")]
    assert [v.aval.ndim for v in product.invars] == [2, 2] and "transpose" not in names


def test_no_rows() -> None:
    assert ops.einsum("ntf,fu->ntu", np.ones((0, 3, 4)), np.ones((4, 2))).shape == (0, 3, 2)
    np.testing.assert_array_equal(ops.einsum("nf,fu->nu", np.ones((2, 0)), np.ones((0, 3))), np.zeros((2, 3)))
