"""Files of text as one file of tokens, made once and then mapped into memory."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ...core import DataError
from ..tokenizers import Tokenizer
from .pieces import read_pieces

_BLOCK = 2**20
_FORM = "1"  # of the token file; part of its name, so that another form never reads this one


def tokenize_files(
    files: str | Path | Sequence[str | Path],
    tokenizer: Tokenizer,
    separator: str | None = None,
    cache: str | Path | None = None,
) -> np.ndarray:
    """All tokens of some files in a row, mapped from a file that is made at the first call.

    The file's name is a hash of the contents, the tokenizer and the separator: what has changed is made anew, what has
    not is found again. It is written whole or not at all. A piece at a time is in memory.

    Args:
        files: one or more text files in UTF-8.
        tokenizer: makes the tokens.
        separator: a special token behind each file, such as "<|endoftext|>".
        cache: folder of the token files; None is the folder `.lamina-tokens` beside the first file.

    Returns:
        Read-only memory map (tokens,), uint16 if the vocabulary fits, otherwise uint32.

    Raises:
        DataError: no files, no text in them, or bytes that are not UTF-8.

    Example:
        >>> from lamina.data.tokenizers import CharacterTokenizer
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.txt").write_text("abba")
        ...     tokens = tokenize_files(f"{folder}/a.txt", CharacterTokenizer.train("ab"))
        ...     tokens.tolist(), tokens.dtype.name
        ([2, 3, 3, 2], 'uint16')
    """
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
    dtype = np.dtype("<u2" if len(tokenizer) <= 2**16 else "<u4")
    if not paths:
        raise _no_text("no file at all")
    folder = paths[0].parent / ".lamina-tokens" if cache is None else Path(cache)
    target = folder / f"{_key(paths, tokenizer, separator)}.{dtype.name}"
    if not target.exists():
        _write(target, paths, tokenizer, separator, dtype)
    return np.memmap(target, dtype, mode="r")


def _key(paths: list[Path], tokenizer: Tokenizer, separator: str | None) -> str:
    """A hash of all that decides what the tokens are."""
    kind = [_FORM, type(tokenizer).__name__, tokenizer.get_config(), separator]
    digest = hashlib.sha256(json.dumps(kind, sort_keys=True).encode())
    for path in paths:
        content = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                content.update(block)
        digest.update(content.digest())
    return digest.hexdigest()[:32]


def _write(target: Path, paths: list[Path], tokenizer: Tokenizer, separator: str | None, dtype: np.dtype) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            for ids in _tokens(paths, tokenizer, separator):
                file.write(np.asarray(ids, dtype).tobytes())
            if not file.tell():
                raise _no_text(f"nothing in {', '.join(map(str, paths))}")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _tokens(paths: list[Path], tokenizer: Tokenizer, separator: str | None) -> Iterator[list[int]]:
    for path in paths:
        empty = True
        for piece in read_pieces(path):
            if ids := tokenizer.encode(piece):
                empty = False
                yield ids
        if separator is not None and not empty:
            yield [tokenizer.token_to_id(separator)]


def _no_text(received: str) -> DataError:
    return DataError(
        "tokenize_files",
        "there must be text to learn from",
        expected="at least one token",
        received=received,
        remedy="Check the names of the files",
    )
