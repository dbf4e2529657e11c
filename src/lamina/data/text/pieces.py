"""Reading UTF-8 in pieces, so that a file larger than memory can be read, and a wrong byte can be found."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from ...core import ArgumentError, DataError

_BEFORE_SPACE = re.compile(r"(?<=\S)\s+\S*\Z")  # the last white space after a word, and what follows
_MOST_HELD = 8  # pieces' worth of text without white space, before it is cut anywhere


def read_pieces(path: str | Path, size: int = 2**20) -> Iterator[str]:
    """The text of a file in pieces of about `size` bytes, cut between a word and the white space behind it.

    There all of Lamina's tokenizers cut as well: the pieces' tokens in a row are those of the whole text. Only text
    that has no white space for 8 pieces is cut elsewhere. A byte order mark is left out, line ends stay as they are.

    Args:
        path: a text file in UTF-8.
        size: bytes that are read at a time.

    Raises:
        DataError: a byte that is not UTF-8, with its place and line.
        ArgumentError: size below 1.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.txt").write_text("to be or not")
        ...     list(read_pieces(f"{folder}/a.txt", size=6))
        ['to be', ' or', ' not']
    """
    if size < 1:
        raise ArgumentError(
            "read_pieces", "size counts bytes", expected="size >= 1", received=size, remedy="Leave it at its default"
        )
    held = ""
    for text in _decoded(Path(path), size):
        held += text
        cut = _BEFORE_SPACE.search(held)
        if cut or len(held) > _MOST_HELD * size:
            end = cut.start() if cut else len(held)
            yield held[:end]
            held = held[end:]
    if held:
        yield held


def _decoded(path: Path, size: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    offset = lines = 0
    with path.open("rb") as file:
        chunk = file.read(size)
        while True:
            following = file.read(size)
            try:
                yield decoder.decode(chunk, final=not following)
            except UnicodeDecodeError as error:
                place = offset + len(chunk) - len(error.object) + error.start
                line = lines + error.object[: error.start].count(b"\n") + 1
                raise _not_utf8(path, error.object[error.start], place, line) from error
            if not following:
                return
            offset += len(chunk)
            lines += chunk.count(b"\n")
            chunk = following


def _not_utf8(path: Path, byte: int, place: int, line: int) -> DataError:
    return DataError(
        "read_pieces",
        f"{path} must be text in UTF-8",
        expected="UTF-8",
        received=f"byte 0x{byte:02x} at offset {place}, in line {line}",
        remedy="Convert the file, for example with iconv -f GB18030 -t UTF-8",
    )
