"""Which functions of the Python array API standard (2024.12) Lamina has, and why it leaves out the others.

The table in docs/array-api.md is written by hand and checked against the truth here.
"""

import re
from pathlib import Path

import pytest

from lamina import ops

DOCUMENT = Path(__file__).parents[2] / "docs" / "array-api.md"

STANDARD = {
    "creation": (
        "arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like "
        "tril triu zeros zeros_like"
    ),
    "data types": "astype can_cast finfo iinfo isdtype result_type",
    "elementwise": (
        "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert "
        "bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp "
        "expm1 floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal "
        "log log1p log2 log10 logaddexp logical_and logical_not logical_or logical_xor maximum minimum "
        "multiply negative nextafter not_equal positive pow real reciprocal remainder round sign signbit "
        "sin sinh square sqrt subtract tan tanh trunc"
    ),
    "indexing": "take take_along_axis",
    "inspection": "__array_namespace_info__",
    "linear algebra": "matmul matrix_transpose tensordot vecdot",
    "manipulation": (
        "broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll "
        "squeeze stack tile unstack"
    ),
    "searching": "argmax argmin count_nonzero nonzero searchsorted where",
    "sets": "unique_all unique_counts unique_inverse unique_values",
    "sorting": "argsort sort",
    "statistics": "cumulative_prod cumulative_sum max mean min prod std sum var",
    "utility": "all any diff",
    "linalg": (
        "cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power matrix_rank "
        "matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm"
    ),
    "fft": "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift",
}


def missing(group: str) -> set[str]:
    return {name for name in STANDARD[group].split() if name not in ops.__all__}


def documented() -> dict[str, set[str]]:
    """The table of the document: group -> names; a row without a reason does not count."""
    rows = re.findall(r"^\| ([\w ]+) \| ((?:`\w+`(?:, )?)+) \| (\w.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    table: dict[str, set[str]] = {}
    for group, names, _ in rows:
        table.setdefault(group, set()).update(re.findall(r"`(\w+)`", names))
    return table


@pytest.mark.parametrize("group", STANDARD)
def test_the_document_lists_what_is_missing(group: str) -> None:
    assert documented().get(group, set()) == missing(group)


def test_the_document_names_no_other_group() -> None:
    assert set(documented()) <= set(STANDARD)


def test_the_document_counts_right() -> None:
    names = {name for group in STANDARD.values() for name in group.split()}
    here = names & set(ops.__all__)
    assert f"{len(here)} of the {len(names)} functions" in DOCUMENT.read_text()


@pytest.mark.parametrize("name", sorted({n for names in STANDARD.values() for n in names.split()} & set(ops.__all__)))
def test_the_name_is_a_function(name: str) -> None:
    assert callable(getattr(ops, name))
