"""Who may import whom: the floors of the house, and no circles."""

import graphlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from architecture.source import Files, Import, imports_of, lamina_files, module_name, room_of

TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("floors.toml").read_text())
OPTIONAL = "go through core.optional.require"


def inside(room: str, found: Import) -> str | None:
    """What is wrong with this import of Lamina's own module, made in `room` ('' is the front door)."""
    floors, other = TABLE["floors"], room_of(found.target)
    if not found.relative:
        return "import Lamina relatively"
    if not other:
        return "nothing imports the front door"
    if unknown := {room, other} - {""} - set(floors):
        return f"{unknown.pop()} has no floor in floors.toml"
    if not room:
        return "the front door does not open the roof" if floors[other] == max(floors.values()) else None
    if room == other or floors[other] < floors[room] or other in TABLE["neighbours"].get(room, ()):
        return None
    where = "on the same floor" if floors[other] == floors[room] else "a floor above"
    return f"{other} is {where}"


def outside(room: str, found: Import) -> str | None:
    """What is wrong with this import of another package."""
    package = found.target.partition(".")[0]
    allowed = TABLE["packages"].get(room, TABLE["packages"]["elsewhere"])
    if package in sys.stdlib_module_names or package in allowed or found.for_types_only:
        return None
    return f"a file of {room} does not import {package}; {OPTIONAL}"


def floor_violations(files: Files) -> Iterator[str]:
    for path in files:
        room = room_of(module_name(path))
        for found in imports_of(path, files):
            own = found.target.partition(".")[0] == "lamina"
            wrong = inside(room, found) if own else outside(room, found)
            if found.in_function:
                wrong = f"import at the top of the file, or {OPTIONAL}"
            if wrong:
                yield f"{path}:{found.line}: imports {found.target}: {wrong}"


def circle(files: Files) -> list[str]:
    """The modules of one circle of imports, as they happen when Python loads the files; empty if there is none.

    Loading a.b also loads the package a, unless the importing file is itself inside a.
    """
    graph: dict[str, set[str]] = {}
    for path in files:
        module = module_name(path)
        edges = graph.setdefault(module, set())
        for found in imports_of(path, files):
            if found.in_function or found.for_types_only:
                continue
            edges.add(found.target)
            parents = found.target.split(".")[:-1]
            packages = {".".join(parents[:n]) for n in range(1, len(parents) + 1)}
            edges |= {package for package in packages if not f"{module}.".startswith(f"{package}.")}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_every_import_keeps_to_the_floors() -> None:
    assert not list(floor_violations(lamina_files()))


def test_no_circular_import() -> None:
    assert not circle(lamina_files())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("layers/dense.py", "from ..core import Tensor\nfrom ..ops.matmul import matmul\nfrom .layer import Layer"),
        ("callbacks/csv.py", "from ..training import state\nimport csv\nimport numpy as np"),
        ("datasets/mnist.py", "from ..data.splits import split"),
        ("initializers.py", "from .ops import add"),
        ("cli/__init__.py", "from ..models import Model\nimport typer"),
        ("__init__.py", "from . import layers\nfrom .models import Model"),
        ("data/frames.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas"),
    ],
)
def test_allowed(path: str, text: str) -> None:
    assert not list(floor_violations({path: text, "layers/__init__.py": "", "training/state.py": ""}))


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("core/tape.py", "from ..ops import add", "a floor above"),
        ("core/tape.py", "from .. import ops", "a floor above"),
        ("core/tape.py", "if True:\n    from typing import TYPE_CHECKING\n    from ..ops import add", "a floor above"),
        ("training/loop.py", "from ..callbacks import Callback", "on the same floor"),
        ("losses/mse.py", "from ..layers.dense import Dense", "on the same floor"),
        ("ops/add.py", "from ..activations import relu", "on the same floor"),
        ("layers/dense.py", "import lamina.core", "relatively"),
        ("layers/dense.py", "from lamina.core import Tensor", "relatively"),
        ("layers/dense.py", "from .. import Tensor", "front door"),
        ("layers/dense.py", "from ..attic import Box", "attic has no floor"),
        ("attic/box.py", "from ..core import Tensor", "attic has no floor"),
        ("__init__.py", "from .cli import main", "roof"),
        ("core/tape.py", "import safetensors", "does not import safetensors"),
        ("layers/dense.py", "import pandas as pd", "does not import pandas"),
        ("layers/dense.py", "def f():\n    from ..core import Tensor", "top of the file"),
        ("layers/dense.py", "class A:\n    async def f(self):\n        import json", "top of the file"),
    ],
)
def test_forbidden(path: str, text: str, complaint: str) -> None:
    found = list(floor_violations({path: text, "ops/__init__.py": ""}))
    assert len(found) == 1 and complaint in found[0]


def test_circles_are_seen() -> None:
    by_name = {"core/a.py": "from .b import x", "core/b.py": "from .c import y", "core/c.py": "from . import a"}
    assert set(circle(by_name)) == {"lamina.core.a", "lamina.core.b", "lamina.core.c"}
    by_door = {"core/__init__.py": "from .a import x", "core/a.py": "from . import x"}
    assert set(circle(by_door)) == {"lamina.core", "lamina.core.a"}
    by_package = {
        "ops/__init__.py": "from .a import x",
        "ops/a.py": "from ..core.b import y",
        "core/__init__.py": "from .c import z",
        "core/b.py": "",
        "core/c.py": "from ..ops import x",
    }
    assert {"lamina.core", "lamina.ops"} <= set(circle(by_package))
    in_order = {
        "core/__init__.py": "from .a import x\nfrom .b import y",
        "core/a.py": "",
        "core/b.py": "from .a import x",
    }
    assert circle(in_order) == []
    for_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import y"
    assert circle({"core/a.py": for_types, "core/b.py": "from .a import x"}) == []
