"""A tokenizer.json as Hugging Face writes it, run by the library that defines the format."""

import json
from pathlib import Path
from typing import Any

from ...core import FileFormatError, require
from ...core.json_data import from_json
from .tokenizer import MOST_BYTES, MOST_VALUES, Tokenizer, registry

_GAPS = 100_000  # ids without a token, beyond as many as there are tokens, are no gaps any more


@registry.register()
class HuggingFaceTokenizer(Tokenizer):
    """A tokenizer of the library `tokenizers` behind Lamina's interface.

    Args:
        definition: what a tokenizer.json holds.

    Raises:
        MissingPackageError: `tokenizers` is not installed.
        FileFormatError: the library does not accept the definition.

    Example:
        >>> words = {"model": {"type": "WordLevel", "vocab": {"no": 0, "yes": 1}, "unk_token": "no"}}
        >>> HuggingFaceTokenizer(words).encode("yes")
        [1]

    Differs from the library: special tokens that are spelt out in a text are read as such only with `special=True`,
    and none are put around it.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        self._library = _parsed(definition)
        by_id = {i: token for token, i in self._library.get_vocab(with_added_tokens=True).items()}
        size = max(by_id, default=-1) + 1
        if size > 2 * len(by_id) + _GAPS:
            raise _unreadable(f"{len(by_id)} tokens, of which one has the id {size - 1}")
        vocabulary = [by_id.get(i, f"[no token {i}]") for i in range(size)]
        added = self._library.get_added_tokens_decoder()
        super().__init__(vocabulary, [token.content for _, token in sorted(added.items()) if token.special])

    def encode(self, text: str, special: bool = False) -> list[int]:
        self._library.encode_special_tokens = not special
        return super().encode(text)

    def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
        text: str = self._library.decode(self._checked(ids), skip_special_tokens=skip_special_tokens)
        return text

    def _tokenize(self, text: str) -> list[int]:
        ids: list[int] = self._library.encode(text, add_special_tokens=False).ids
        return ids

    def _join(self, tokens: list[str]) -> str:
        return self.decode([self.token_to_id(token) for token in tokens])


def read_tokenizer(path: str | Path) -> HuggingFaceTokenizer:
    """Read a `tokenizer.json`.

    Args:
        path: the file, or the folder that it lies in.

    Raises:
        MissingPackageError: `tokenizers` is not installed.
        FileFormatError: not a tokenizer.json.

    Example:
        >>> import tempfile
        >>> words = {"model": {"type": "WordLevel", "vocab": {"no": 0, "yes": 1}, "unk_token": "no"}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "tokenizer.json").write_text(json.dumps(words))
        ...     read_tokenizer(folder).vocabulary
        ('no', 'yes')
    """
    path = Path(path)
    path = path / "tokenizer.json" if path.is_dir() else path
    definition = from_json(str(path), path.read_bytes(), MOST_BYTES, MOST_VALUES)
    if "model" not in definition:
        raise _unreadable(f"{path}, JSON without a model")
    return HuggingFaceTokenizer(definition)


def _parsed(definition: dict[str, Any]) -> Any:
    library = require("tokenizers", extra="text")
    content = {"version": "1.0", "added_tokens": [], **definition}
    try:
        return library.Tokenizer.from_str(json.dumps(content))
    except BaseException as error:  # the library raises nothing more special than Exception, or panics
        if not isinstance(error, Exception) and type(error).__module__ != "pyo3_runtime":
            raise
        raise _unreadable(str(error)) from error


def _unreadable(received: str) -> FileFormatError:
    return FileFormatError(
        "read_tokenizer",
        "the file must be a tokenizer of Hugging Face's library",
        expected="a tokenizer.json",
        received=received,
        remedy="A tokenizer that Lamina has saved is read by load_tokenizer",
    )
