"""`lamina inspect`: everything that a file holds, as it stands there; nothing of it is built."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import numpy as np
import typer
from rich.markup import escape

from ..core.archive import Archive
from ..core.json_data import MOST_BYTES, from_json
from ..core.tensor_file import Peek, TensorEntry, checked_header
from .output import out, size, table

_WIDEST = 300  # characters of a value


def inspect(
    file: Annotated[Path, typer.Argument(help="A .lamina file, a checkpoint, or a .safetensors file.")],
    values: Annotated[
        bool, typer.Option("--values", help="Also the least and greatest number of each tensor.")
    ] = False,
) -> None:
    """Show everything in a file of a model, a run's state or weights, without building any of it."""
    with file.open("rb") as opened:
        is_archive = opened.read(2) == b"PK"
        show = _show_archive if is_archive else _show_weights
        show(file, opened, values)


def _show_archive(path: Path, file: BinaryIO, values: bool) -> None:
    archive = Archive(path, file)
    for name in archive.members:
        archive.check(name)
    sums = archive.metadata["sha256"]
    rows = [(_plain(name), size(member.size), sums[name]) for name, member in archive.members.items()]
    title = _title(f"{path.name}: the parts, each as it was saved")
    out().print(table(title, ("part", "size", "SHA-256"), rows, right=False))
    _show_entries("metadata.json", {name: value for name, value in archive.metadata.items() if name != "sha256"})
    for name, member in archive.members.items():
        if name.endswith(".json"):
            _show_json(name, from_json(f"{path} ({name})", archive.peek(name, 0, MOST_BYTES + 1)))
        elif name.endswith(".safetensors"):
            _show_tensors(f"{path} ({name})", name, partial(archive.peek, name), member.size, values)


def _show_weights(path: Path, file: BinaryIO, values: bool) -> None:
    def peek(start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)

    _show_tensors(str(path), path.name, peek, path.stat().st_size, values)


# -- JSON ----------------------------------------------------------------------------------------
def _show_json(name: str, content: dict[str, Any]) -> None:
    """The entries of a part; the description of a model layer by layer."""
    described = content.get("model")
    is_model = _is_described(described)
    _show_entries(name, {key: value for key, value in content.items() if key != "model" or not is_model})
    if is_model:
        out().print(table("the model", ("layer", "class", "settings"), [*_layers(described)], right=False))


def _show_entries(title: str, entries: Mapping[str, Any]) -> None:
    rows = [(_plain(key), _text(value)) for key, value in sorted(entries.items())]
    out().print(table(_title(title), ("", ""), rows, right=False))


def _is_described(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("config"), dict) and "class_name" in item


def _layers(item: Any, depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """A row for a layer, and for each that its `layers` list."""
    config = item["config"]
    inner = config.get("layers")
    inner = inner if isinstance(inner, list) and all(map(_is_described, inner)) else []
    settings = {key: value for key, value in config.items() if key != "name" and not (key == "layers" and inner)}
    said = ", ".join(f"{_plain(key)}={_text(value)}" for key, value in sorted(settings.items()) if value is not None)
    yield "  " * depth + _text(config.get("name", "")), _text(item["class_name"]), said
    for child in inner:
        yield from _layers(child, depth + 1)


def _text(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _plain(said if len(said) <= _WIDEST else f"{said[:_WIDEST]}... ({len(said):,} characters)")


def _plain(text: str) -> str:
    """`text` without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _title(text: str) -> str:
    return escape(_plain(text))


# -- tensors -------------------------------------------------------------------------------------
def _show_tensors(who: str, title: str, peek: Peek, total: int, values: bool) -> None:
    header = checked_header(who, peek, total)
    rows = [
        (_plain(name), entry.dtype.name, " x ".join(map(str, entry.shape)) or "a number", size(entry.size))
        + (_range(peek(entry.start, entry.size), entry) if values else ())
        for name, entry in sorted(header.tensors.items())
    ]
    columns = ("tensor", "type", "shape", "size", *(("least", "greatest", "not finite") if values else ()))
    numbers = sum(int(np.prod(entry.shape, dtype=object)) for entry in header.tensors.values())
    out().print(table(_title(f"{title}: {len(rows)} tensors, {numbers:,} numbers"), columns, rows))
    if header.metadata:
        _show_entries(f"what {title} says of itself", header.metadata)


def _range(data: bytes, entry: TensorEntry) -> tuple[str, str, str]:
    flat = np.frombuffer(data, entry.dtype)
    flat = flat if flat.dtype.kind in "biuc" else flat.astype(np.float64 if flat.dtype == np.float64 else np.float32)
    finite = flat[np.isfinite(flat)]
    if not finite.size or finite.dtype.kind == "c":
        return "", "", f"{flat.size - finite.size:,}"
    return f"{finite.min():.6g}", f"{finite.max():.6g}", f"{flat.size - finite.size:,}"
