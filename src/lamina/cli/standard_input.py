"""What comes through a pipe."""

import sys

from ..core import DataError


def read_text(who: str) -> str:
    """All of standard input.

    Raises:
        DataError: bytes that are not UTF-8.
    """
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise DataError(
            who,
            "standard input must be text in UTF-8",
            expected="UTF-8",
            received=f"byte 0x{error.object[error.start]:02x} at offset {error.start}",
            remedy="Convert it, for example with iconv -f GB18030 -t UTF-8",
        ) from error
