"""Folders in the form of Hugging Face: config.json and safetensors, read as data, with nothing in them run."""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from ..core import FileFormatError
from ..core.json_data import from_json
from ..data.tokenizers import read_tokenizer

_INDEX, _WHOLE = "model.safetensors.index.json", "model.safetensors"


def refusal(path: Path, rule: str, expected: Any, received: Any, remedy: str) -> FileFormatError:
    """The error for a folder that cannot be read."""
    return FileFormatError(str(path), rule, expected=expected, received=received, remedy=remedy)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: it holds something else.
    """
    return from_json(str(path), path.read_bytes())


def read_config(path: str | Path, model_type: str) -> dict[str, Any]:
    """The config.json of a folder, which says what type of model it is.

    Raises:
        FileNotFoundError: there is none.
        FileFormatError: another type than `model_type`.
    """
    config = read_json(Path(path) / "config.json")
    if config.get("model_type") != model_type:
        raise refusal(
            Path(path), "the folder holds a model of another type", repr(model_type), repr(config.get("model_type")),
            "Readers exist for gpt2 (lamina.zoo.GPT) and bert (lamina.zoo.BERT)",
        )  # fmt: skip
    return config


def require_settings(path: Path, config: dict[str, Any], allowed: dict[str, tuple[Any, ...]]) -> None:
    """Refuse settings under which the model would compute something else; the first allowed value is the default."""
    for name, values in allowed.items():
        if config.get(name, values[0]) not in values:
            raise refusal(
                path, f"config.json asks for a {name} that this model has not", " or ".join(map(repr, values)),
                repr(config[name]), "Only this form of the model is built",
            )  # fmt: skip


def read_size(path: Path, config: dict[str, Any], name: str) -> int:
    """A whole number from config.json."""
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise refusal(path, f"config.json gives {name}", "an integer >= 1", repr(value), "Download config.json again")
    return value


def tokenizer_of(path: str | Path) -> Any:
    """The tokenizer of the folder, None if it has no tokenizer.json."""
    return read_tokenizer(path) if (Path(path) / "tokenizer.json").exists() else None


class Checkpoint:
    """The tensors of a folder, taken one by one; what did not fit is reported all at once.

    Args:
        path: the folder.
        rename: the name that is meant, for the name in a file.
        ignored: pattern of the (new) names of tensors that carry nothing new.

    Raises:
        FileFormatError: no weights, or files that are no safetensors.
    """

    def __init__(self, path: str | Path, rename: Callable[[str], str] = str, ignored: str = "$^") -> None:
        self.path = Path(path)
        self._places: dict[str, tuple[Any, str]] = {}
        self._problems: list[tuple[str, str, str]] = []
        self._files = contextlib.ExitStack()
        for file in _weight_files(self.path):
            opened = self._open(file)
            for name in opened.keys():
                if not re.fullmatch(ignored, rename(name)):
                    self._places[rename(name)] = opened, name

    def _open(self, file: Path) -> Any:
        try:
            return self._files.enter_context(safe_open(file, framework="numpy"))
        except (SafetensorError, OSError) as error:
            raise refusal(
                file, "the weights cannot be read", "a safetensors file", error, "Download it again"
            ) from error

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def take(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """The tensor of that name; zeros if it is missing or has another shape, which `finish` reports."""
        shape = tuple(shape)
        opened, full = self._places.pop(name, (None, ""))
        if opened is None:
            self._problems.append((name, str(shape), "missing"))
            return np.zeros(shape, np.float32)
        found = tuple(opened.get_slice(full).get_shape())
        if found != shape:
            self._problems.append((name, str(shape), str(found)))
            return np.zeros(shape, np.float32)
        return np.asarray(opened.get_tensor(full)).astype(np.float32)

    def finish(self) -> None:
        """Close the files.

        Raises:
            FileFormatError: with a table of the tensors that were missing, unexpected or of another shape.
        """
        self._files.close()
        problems = self._problems + [(name, "nothing", "unexpected") for name in self._places]
        if problems:
            rows = [("tensor", "expected", "received"), *sorted(problems)]
            widths = [max(len(row[i]) for row in rows) for i in range(2)]
            table = "\n".join(f"  {name:<{widths[0]}}  {want:<{widths[1]}}  {got}" for name, want, got in rows)
            raise refusal(
                self.path, "the tensors are not those of the model that config.json describes",
                "the same names and shapes", f"{len(problems)} that differ:\n{table}\n",
                "Take config.json and weights from the same model",
            )  # fmt: skip


def _weight_files(path: Path) -> Iterator[Path]:
    if (path / _WHOLE).exists():
        yield path / _WHOLE
        return
    if not (path / _INDEX).exists():
        raise refusal(
            path, "the folder holds the weights", f"{_WHOLE} or {_INDEX}",
            ", ".join(sorted(file.name for file in path.iterdir())) or "an empty folder",
            "Download them; files of the form .bin are programs and are not read: convert them to safetensors",
        )  # fmt: skip
    names = set(read_json(path / _INDEX).get("weight_map", {}).values())
    for name in sorted(names, key=str):
        if not isinstance(name, str) or Path(name).name != name or not (path / name).is_file():
            raise refusal(path, f"{_INDEX} names the parts", "files in this folder", repr(name), "Download them again")
        yield path / name
