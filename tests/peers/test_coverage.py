"""The page of what is missing is what is missing."""

from __future__ import annotations

import pytest

from .asking import Keras
from .coverage import PAGE, REASONS, keras_names, missing, page


@pytest.fixture(scope="module")
def names(keras: Keras) -> dict[str, list[str]]:
    return keras_names()


def test_what_is_missing_has_a_reason(names: dict[str, list[str]]) -> None:
    absent = {name for room in missing(names).values() for name in room}
    assert absent == set(REASONS)


def test_the_page_is_true(names: dict[str, list[str]]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(names)
