"""JSON as Lamina writes it, and JSON that a stranger wrote, read within a budget."""

import json
from typing import Any

from .errors import FileFormatError

MOST_BYTES = 64 * 2**20
MOST_VALUES = 2_000_000  # a list of nothing takes 2 bytes in a file and 64 in memory
DEEPEST = 100


def to_json(data: Any) -> bytes:
    """`data` as JSON; equal data give equal bytes.

    Example:
        >>> to_json({"b": 1, "a": None})
        b'{\\n "a": null,\\n "b": 1\\n}'
    """
    return json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True).encode()


def from_json(who: str, data: bytes, most_bytes: int = MOST_BYTES, most_values: int = MOST_VALUES) -> dict[str, Any]:
    """The JSON object in `data`, within a budget that is checked before anything is allocated.

    Args:
        who: the file that `data` comes from, as errors name it.
        data: UTF-8.
        most_bytes: the most that are read.
        most_values: the most numbers, texts, lists and objects.

    Raises:
        FileFormatError: no JSON, no object, too large, too deep, or an object with one name twice.

    Example:
        >>> from_json("settings.json", b'{"a": [1, 2]}')
        {'a': [1, 2]}
        >>> from_json("settings.json", b'{"a": 1, "a": 2}')
        Traceback (most recent call last):
        lamina.core.errors.FileFormatError: settings.json: the JSON cannot be read.
        Expected one value for each name, received 'a' twice. Save it again, or use another copy.
    """
    values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    if len(data) > most_bytes or values > most_values:
        budget = f"at most {most_bytes:,} bytes and {most_values:,} values"
        raise _refusal(who, budget, f"{len(data):,} bytes, about {values:,} values")
    try:
        found = json.loads(data.decode(), object_pairs_hook=_object)
        if b"\\ud" in data or b"\\uD" in data:
            json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except _RepeatedName as error:
        raise _refusal(who, "one value for each name", f"{error} twice") from error
    except (ValueError, RecursionError) as error:
        raise _refusal(who, "JSON", error) from error
    if not isinstance(found, dict):
        raise _refusal(who, "an object", type(found).__name__)
    if _deeper_than(found, DEEPEST):
        raise _refusal(who, f"at most {DEEPEST} levels", "more")
    return found


class _RepeatedName(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedName(repr(next(name for name in names if names.count(name) > 1)[:100]))
    return found


def _deeper_than(data: Any, most: int) -> bool:
    level = [data]
    for _ in range(most):
        inner = [item.values() if isinstance(item, dict) else item for item in level]
        level = [value for values in inner for value in values if isinstance(value, (dict, list))]
    return bool(level)


def _refusal(who: str, expected: str, received: Any) -> FileFormatError:
    remedy = "Save it again, or use another copy"
    return FileFormatError(who, "the JSON cannot be read", expected=expected, received=received, remedy=remedy)
