"""Every room names what is public, and every public name is explained by an example that runs."""

import collections
import doctest
import importlib
import pkgutil
import sys
import types
from collections.abc import Iterator

import pytest

import lamina
from architecture.source import SRC


def rooms() -> list[str]:
    """The front door, every package below it and every single file beside the packages, but no private one."""
    packages = [info.name for info in pkgutil.walk_packages([str(SRC)], "lamina.") if info.ispkg]
    files = [f"lamina.{path.stem}" for path in SRC.glob("*.py") if not path.stem.startswith("_")]
    return ["lamina", *sorted(name for name in packages + files if "._" not in name)]


def needs_example(value: object) -> bool:
    """Functions, ops and classes of Lamina; not constants, types of others, or errors, which nobody calls to try."""
    own = str(getattr(value, "__module__", "")).partition(".")[0] == lamina.__name__
    is_error = isinstance(value, type) and issubclass(value, BaseException)
    return callable(value) and own and not is_error and not isinstance(value, types.GenericAlias)


def run_examples(module_of: str) -> set[str]:
    """The docstrings whose examples pytest collects from this module."""
    return {test.docstring for test in doctest.DocTestFinder().find(sys.modules[module_of]) if test.examples}


def complaint(value: object) -> str | None:
    """What the explanation of one public value lacks."""
    text = getattr(value, "__doc__", None) or ""
    if (callable(value) or isinstance(value, types.ModuleType)) and not text.strip():
        return "has no docstring"
    if not needs_example(value):
        return None
    if ">>>" not in text:
        return "has no example"
    return None if text in run_examples(value.__module__) else "has an example that doctest does not find"


def complaints(room: types.ModuleType) -> Iterator[str]:
    if not hasattr(room, "__all__"):
        yield f"{room.__name__} has no __all__"
        return
    if wrong := complaint(room):
        yield f"{room.__name__} {wrong}"
    for name, count in collections.Counter(room.__all__).items():
        if count > 1:
            yield f"{room.__name__} names {name} {count} times"
        if not hasattr(room, name):
            yield f"{room.__name__}.{name} is in __all__ and does not exist"
        elif wrong := complaint(getattr(room, name)):
            yield f"{room.__name__}.{name} {wrong}"


@pytest.mark.parametrize("room", rooms())
def test_public_names_are_explained(room: str) -> None:
    assert not list(complaints(importlib.import_module(room)))


def room_with(**members: object) -> types.ModuleType:
    module = types.ModuleType("lamina_fake", "A room.")
    module.__dict__.update(members)
    return module


def sample(text: str | None) -> types.FunctionType:
    def function() -> None: ...

    function.__doc__, function.__module__ = text, "lamina.sample"
    return function


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (room_with(), "no __all__"),
        (room_with(__all__=[], __doc__=None), "lamina_fake has no docstring"),
        (room_with(__all__=["gone"]), "does not exist"),
        (room_with(__all__=["a", "a"], a=1), "names a 2 times"),
        (room_with(__all__=["f"], f=sample(None)), "no docstring"),
        (room_with(__all__=["f"], f=sample("Some words.")), "no example"),
        (room_with(__all__=["f"], f=sample("Some words.\n>>> 1\n2\n")), "doctest does not find"),
        (room_with(__all__=["C"], C=type("C", (), {"__module__": "lamina.sample"})), "no docstring"),
        (
            room_with(__all__=["E"], E=type("E", (ValueError,), {"__module__": "lamina.sample", "__doc__": ""})),
            "no docs",
        ),
    ],
)
def test_complaints(room: types.ModuleType, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lamina.sample", types.ModuleType("lamina.sample"))
    found = list(complaints(room))
    assert len(found) == 1 and expected in found[0]


def test_no_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    home = types.ModuleType("lamina.sample")
    home.good = sample("Some words.\n>>> 1\n1\n")
    monkeypatch.setitem(sys.modules, "lamina.sample", home)
    error = type("E", (ValueError,), {"__module__": "lamina.sample", "__doc__": "Words."})
    room = room_with(
        __all__=["good", "E", "number", "Shape"], good=home.good, E=error, number=1.0, Shape=tuple[int, ...]
    )
    assert not list(complaints(room))
