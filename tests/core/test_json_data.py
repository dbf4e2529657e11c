"""JSON within a budget."""

import json
import time

import pytest

from lamina.core import FileFormatError
from lamina.core.json_data import DEEPEST, from_json, to_json


def test_what_is_written_is_read() -> None:
    data = {"b": [1, 2.5, None, True, "ä\n"], "a": {"c": {}}}
    assert from_json("f", to_json(data)) == data
    assert from_json("f", rb'{"a": "\ud83d\ude00"}') == {"a": "\N{GRINNING FACE}"}
    assert to_json(data) == to_json(dict(reversed(data.items())))


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_the_depth_is_exact() -> None:
    assert from_json("f", nested(DEEPEST))
    with pytest.raises(FileFormatError, match=f"at most {DEEPEST} levels"):
        from_json("f", nested(DEEPEST + 1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Expected JSON"),
        (b"[]", "Expected an object, received list"),
        (b"null", "an object"),
        (b'{"a": 1} {', "Expected JSON"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "received 'c' twice"),
        (b'{"a": "\xff"}', "Expected JSON"),
        ('{"a": 1}'.encode("utf-16"), "received"),
        (nested(100_000), "received"),
        (rb'{"a": "\ud800"}', "surrogates not allowed"),
        (b"[" * 200_000, "received"),
        (b'{"a": ' + b"9" * 5000 + b"}", "received"),
        (b'{"a": [' + b"[]," * 2_500_000 + b"0]}", "2,000,000 values"),
        (b'{"a": [' + b"{}," * 2_500_000 + b"0]}", "2,000,000 values"),
        (b" " * (64 * 2**20 + 1), "67,108,864 bytes"),
    ],
    ids=range(14),
)
def test_refused_and_soon(data: bytes, words: str) -> None:
    start = time.process_time()
    with pytest.raises(FileFormatError, match=words):
        from_json("f", data)
    assert time.process_time() - start < 1


def test_a_budget_can_be_larger_or_smaller() -> None:
    with pytest.raises(FileFormatError, match="at most 3 bytes"):
        from_json("f", b'{"a": 1}', most_bytes=3)
    assert from_json("f", json.dumps({"a": [0] * 50}).encode(), most_values=60)
