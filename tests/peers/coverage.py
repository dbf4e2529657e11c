"""What Keras has and Lamina has not: `python -m peers.coverage` (in `tests/`) writes docs/keras-coverage.md.

Keras' names come from Keras itself, in its own environment; every name that is missing here needs a reason below.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from pathlib import Path

from .asking import INTERPRETER, ROOT

PAGE = ROOT / "docs" / "keras-coverage.md"
ROOMS = ("layers", "losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "regularizers",
         "constraints", "activations", "callbacks")  # fmt: skip

ASK = """
import importlib, json, sys
rooms = {name: importlib.import_module("keras." + name) for name in sys.argv[1:]}
named = lambda room: [n for n in dir(room) if n[0] != "_" and callable(getattr(room, n))]
print(json.dumps({name: sorted(named(room)) for name, room in rooms.items()}))
"""

RESUMING = "comes with exact resuming"
FOREIGN = "holds another framework's program; a `.lamina` file holds no code"
REASONS = {
    "deserialize": "`get` reads names and configs alike",
    **dict.fromkeys(["FlaxLayer", "TFSMLayer", "TorchModuleWrapper"], FOREIGN),
    "MaxNumBoundingBoxes": "pads boxes for detection pipelines, which Lamina does not have yet",
    "binary_focal_crossentropy": "a loss: `losses.binary_focal_crossentropy`",
    "categorical_focal_crossentropy": "a loss: `losses.categorical_focal_crossentropy`",
    "BackupAndRestore": RESUMING,
    "OrbaxCheckpoint": RESUMING,
    "SwapEMAWeights": RESUMING,
    "RemoteMonitor": "sends what it sees to an address; `LambdaCallback` does it where it is wanted",
    "TensorBoard": "the run folder's metrics and report are Lamina's record",
}  # fmt: skip


def keras_names() -> dict[str, list[str]]:
    """Every public class and function of Keras, room by room."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [INTERPRETER, "-c", ASK, *ROOMS]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def missing(names: dict[str, list[str]]) -> dict[str, list[str]]:
    """What of it Lamina has no name for."""
    rooms = {room: importlib.import_module(f"lamina.{room}") for room in names}
    return {room: [name for name in all_ if not hasattr(rooms[room], name)] for room, all_ in names.items()}


def page(names: dict[str, list[str]]) -> str:
    """The document."""
    absent = missing(names)
    lines = [
        "# What Keras 3.15 has and Lamina has not",
        "",
        "Made by `python -m peers.coverage` (in `tests/`), which asks Keras for its names; a test keeps it true.",
        "",
        "| room | in Keras | missing here |",
        "|---|---|---|",
        *(f"| `{room}` | {len(all_)} | {len(absent[room])} |" for room, all_ in names.items()),
        "",
        "| room | name | why |",
        "|---|---|---|",
        *(f"| `{room}` | `{name}` | {REASONS[name]} |" for room in names for name in absent[room]),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(PAGE).write_text(page(keras_names()), encoding="utf-8")
