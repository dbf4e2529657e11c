"""Mutations of valid files, from a seed: every reader either reads them, or raises an error of Lamina's.

python tests/models/fuzz.py --count 100000 does many and prints what came of them.
"""

import argparse
import gzip
import json
import random
import signal
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image, ImageFilter  # noqa: F401  # what reading a thin pen needs

import lamina
from lamina import layers
from lamina.cli.digit_image import read_digit
from lamina.cli.train.labelled_texts import read_labelled
from lamina.cli.train.pairs import from_file
from lamina.core import LaminaError
from lamina.core.archive import read_archive, write_archive
from lamina.data.tokenizers import CharacterTokenizer, load_tokenizer, read_tokenizer
from lamina.datasets.idx import read_idx
from lamina.zoo.checkpoint import Checkpoint
from models.malicious import WEIGHTS, Forger, write_valid
from models.sandbox import sandbox

SECONDS = 20  # a case that takes longer hangs
NUMBERS = (0, 1, -1, 2, 7, 255, 2**31, 2**32, 2**63, 10**9, 10**30, -(2**63), 0.5, -0.0, 1e308, np.nan, np.inf)
TEXTS = ("", "a", "\0", "..", "/etc/passwd", "os.system", "relu", "Dense", "Sequential", "zeros", "\udcff", "ß" * 50)

FLAGS = ("single_word", "lstrip", "rstrip", "normalized")  # of a token in a tokenizer.json
PICTURES = ("png", "jpeg", "bmp", "gif", "webp", "tiff")


class Hang(BaseException):
    """A case took too long."""


# -- mutations -----------------------------------------------------------------------------------
def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` after one to four changes of bits, bytes or stretches."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(changed) + 1)
        stop = min(len(changed), start + chance.choice((1, 1, 2, 4, 8, 50, 1000)))
        kind = chance.randrange(7)
        if kind == 0 and start < len(changed):
            changed[start] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[start:stop] = chance.randbytes(stop - start)
        elif kind == 2:
            del changed[start:stop]
        elif kind == 3:
            changed[start:start] = changed[start:stop]
        elif kind == 4:
            changed[start : start + 8] = struct.pack("<q", int(chance.choice(NUMBERS[:10])) % 2**63)
        elif kind == 5:
            changed[start:start] = chance.choice((b"[", b"{", b'"', b",", b"0", b"PK\1\2", b"\xff" * 8, b"\0" * 100))
        else:
            del changed[start:]
    return bytes(changed)


def mutated_json(data: Any, chance: random.Random) -> Any:
    """A tree of JSON in which one to three values, names or branches are others."""
    for _ in range(chance.randint(1, 3)):
        places = list(_places(data))
        parent, key = chance.choice(places)
        kind = chance.randrange(6)
        if kind == 0:
            del parent[key]
        elif kind == 1 and isinstance(parent, dict):
            parent[chance.choice(TEXTS)] = parent.pop(key)
        elif kind == 2:
            other, name = chance.choice(places)
            parent[key] = json.loads(json.dumps(other[name])) if _has(other, name) else None
        elif kind == 3:
            parent[key] = chance.choice(([], {}, None, True, False, [[]], {"class_name": "Dense", "config": {}}))
        elif kind == 4:
            parent[key] = chance.choice(NUMBERS)
        else:
            parent[key] = chance.choice(TEXTS[:-2])
        if not data:
            break
    return data


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield data, key
        yield from _places(data[key])


def _has(parent: Any, key: Any) -> bool:
    return key in parent if isinstance(parent, dict) else key < len(parent)


# -- what is read --------------------------------------------------------------------------------
class Target:
    """A reader, a valid file for it, and how the file is changed."""

    def __init__(self, path: Path, read: Callable[[Path], Any], forge: Callable[[Path, bytes, random.Random], None]):
        self.path, self.read, self.forge = path, read, forge
        self.valid = path.read_bytes()
        read(path)  # everything that reading needs has now been imported


def _bytes(path: Path, valid: bytes, chance: random.Random) -> None:
    path.write_bytes(mutated(valid, chance))


def _config(path: Path, valid: bytes, chance: random.Random) -> None:
    """The archive is in order, its config is not."""
    path.write_bytes(valid)
    forger = Forger(path)
    forger.write(json.dumps(mutated_json(forger.config, chance)).encode())


def _weights(path: Path, valid: bytes, chance: random.Random) -> None:
    """The archive is in order, its weights are not."""
    path.write_bytes(valid)
    forger = Forger(path)
    forger.write(weights=mutated(forger.parts[WEIGHTS], chance))


def _json(path: Path, valid: bytes, chance: random.Random) -> None:
    data = json.loads(valid)
    path.write_bytes(
        json.dumps(mutated_json(data, chance)).encode() if chance.random() < 0.6 else mutated(valid, chance)
    )


def _gzip(path: Path, valid: bytes, chance: random.Random) -> None:
    packed = chance.random() < 0.5
    path.write_bytes(mutated(gzip.compress(valid, mtime=0), chance) if packed else mutated(valid, chance))


def targets(folder: Path) -> dict[str, Target]:
    """All readers, each with a valid file in a folder of its own."""

    def place(name: str) -> Path:
        path = folder / name.partition(".")[0] / name
        path.parent.mkdir()
        return path

    write_valid(model := place("model.lamina"))
    write_valid(configured := place("config.lamina"))
    write_valid(weighted := place("weights.lamina"))
    write_graph(graph := place("graph.lamina"))
    write_archive(state := place("run.state"), {"state.json": b'{"step": 3}', "arrays.safetensors": bytes(400)})
    network = lamina.Sequential([layers.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")])
    network.save_weights(weights := place("weights2.safetensors"))
    checkpoint = place("folder.safetensors").with_name("model.safetensors")
    checkpoint.write_bytes(weights.read_bytes())
    (idx := place("images.idx")).write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]) + bytes(range(60)))
    CharacterTokenizer.train(["some words"]).save(own := place("characters.json"))
    words = {"type": "WordLevel", "vocab": {"no": 0, "yes": 1, "maybe": 2}, "unk_token": "no"}
    bpe = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}
    added = [{"id": 3, "content": "<s>", "special": True, **dict.fromkeys(FLAGS, False)}]
    (level := place("words.json")).write_text(json.dumps({"model": words}))
    (pairs := place("pairs.json")).write_text(json.dumps({"version": "1.0", "added_tokens": added, "model": bpe}))
    (rows := place("rows.csv")).write_text("text,label\n" + "".join(f'"words, {i}",{i % 2}\n' for i in range(80)))
    (lines := place("lines.txt")).write_text("".join(f"{i}\tnumber {i}\n" for i in range(40)))
    (terms := place("terms.txt")).write_text("\n".join(map(str, range(40))))
    return {
        "lamina: bytes": Target(model, lamina.load_model, _bytes),
        "lamina: config": Target(configured, lamina.load_model, _config),
        "lamina: graph": Target(graph, lamina.load_model, _config),
        "lamina: weights": Target(weighted, lamina.load_model, _weights),
        "archive": Target(state, lambda path: read_archive(path, ("state.json", "arrays.safetensors")), _bytes),
        "safetensors": Target(weights, network.load_weights, _bytes),
        "folder": Target(checkpoint, read_folder, _bytes),
        "idx": Target(idx, read_idx, _gzip),
        **{f"picture: {kind}": Target(picture(place(f"{kind}.{kind}")), read_digit, _bytes) for kind in PICTURES},
        "CSV": Target(rows, lambda path: read_labelled(path, "text", "label"), _bytes),
        "pairs": Target(lines, from_file, _bytes),
        "vocabulary": Target(terms, lambda path: layers.StringLookup(vocabulary=path), _bytes),
        "tokenizer": Target(own, load_tokenizer, _json),
        "tokenizer.json: words": Target(level, read_tokenizer, _json),
        "tokenizer.json: pairs": Target(pairs, read_tokenizer, _json),
    }


def write_graph(path: Path) -> None:
    """A functional model with layers of several kinds."""
    x = layers.Input((8,), dtype="int32")
    y = layers.Embedding(10, 4)(x)
    y = layers.Add()([layers.LSTM(4, return_sequences=True)(y), layers.MultiHeadAttention(2, 2)(y, y)])
    y = lamina.ops.mean(layers.LayerNormalization()(y), axis=1)
    lamina.Model(x, layers.Dense(2)(y)).save(path)


def picture(path: Path) -> Path:
    """A bar, in one of the formats of pictures."""
    pixels = np.full((40, 40, 3), 250, np.uint8)
    pixels[8:32, 18:23] = 10
    Image.fromarray(pixels).save(path)
    return path


def read_folder(path: Path) -> None:
    """Everything in the weights of a folder in the form of Hugging Face."""
    found = Checkpoint(path.parent)
    for name, shape in {"a/kernel": (4, 3), "a/bias": (3,), "b/kernel": (3, 2), "b/bias": (2,)}.items():
        found.take(name, shape)
    found.finish()


# -- running -------------------------------------------------------------------------------------
@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(target: Target) -> str:
    """What reading came to: "read", "refused", or what is wrong."""
    others = {path: path.stat().st_mtime_ns for path in target.path.parent.iterdir()}
    try:
        with sandbox(target.path) as seen, alarm(SECONDS), np.errstate(all="ignore"):
            target.read(target.path)
        result = "read"
    except LaminaError:
        result = "refused"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        result = f"{type(error).__name__}: {error!s:.300}"
    if seen:
        result = f"did {seen[0]}"
    now = {path: path.stat().st_mtime_ns for path in target.path.parent.iterdir()}
    return result if now == others else "a file was touched"


def fuzz(folder: Path, count: int, seed: int) -> tuple[Counter[tuple[str, str]], list[str]]:
    """`count` cases, shared among the targets: how they ended, and those that should not have ended so."""
    ends: Counter[tuple[str, str]] = Counter()
    wrong = []
    with mock.patch("os.fsync", lambda descriptor: None):  # the power will not be cut
        for place, (name, target) in enumerate(found := targets(folder).items()):
            for case in range(place, count, len(found)):
                target.forge(target.path, target.valid, random.Random(f"{seed} {name} {case}"))
                end = outcome(target)
                ends[name, end if end in ("read", "refused") else "wrong"] += 1
                if end not in ("read", "refused"):
                    wrong.append(f"{name}, seed {seed}, case {case}: {end}")
    return ends, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ends, wrong = fuzz(Path(folder), arguments.count, arguments.seed)
    for (name, end), number in sorted(ends.items()):
        print(f"{name:24} {end:8} {number:8,}")
    print(
        f"{arguments.count:,} mutations in {time.monotonic() - start:.0f} s, {len(wrong)} wrong", *wrong[:50], sep="\n"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
