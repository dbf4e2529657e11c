"""`import lamina` is cheap and quiet: no thread, process or socket, no heavy package."""

import json
import os
import subprocess
import sys

import pytest

ALLOWANCE = 0.3  # seconds on top of JAX's own import
LAZY = ("matplotlib", "PIL", "typer", "rich", "pandas", "polars", "sklearn", "scipy.stats", "lamina.cli")
ROUNDS = 10

# What a Python process saw while it ran `code`, JAX being there already.
PROBE = """
import json, os, sys, threading
import jax, jax.numpy

WATCHED = ("socket.", "subprocess.", "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system")

def tasks():  # with the threads that XLA starts by itself, where the system tells
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()

events, before = set(), tasks()
start = threading.Thread.start
threading.Thread.start = lambda thread: (events.add("thread"), start(thread))[1]  # one that has ended again counts too
sys.addaudithook(lambda event, args: events.add(event) if event.startswith(WATCHED) else None)
exec(sys.argv[1])
print(json.dumps({"events": sorted(events), "threads": tasks() - before, "modules": sorted(sys.modules)}))
"""


def python(code: str, *args: str) -> str:
    """What a fresh process prints; it keeps its bytecode, as an installed package's is kept."""
    command, usual = [sys.executable, "-c", code, *args], dict(os.environ)
    usual.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=usual).stdout


def side_effects(code: str) -> dict[str, object]:
    """What running `code` did beside importing quietly; empty if nothing."""
    report = json.loads(python(PROBE, code).splitlines()[-1])
    loaded = [name for name in LAZY if name in report["modules"]]
    found = {"events": report["events"], "threads": max(0, report["threads"]), "loaded": loaded}
    return {kind: what for kind, what in found.items() if what}


def seconds_to_import(package: str) -> float:
    return float(python(f"import time; t = time.perf_counter(); import {package}; print(time.perf_counter() - t)"))


def extra_seconds(package: str, base: str, rounds: int, enough: float) -> float:
    """How much longer `package` takes to import than `base`: best against best of alternating
    runs in fresh processes, because other programs can only make a run slower. Ends early below `enough`."""
    ours = theirs = float("inf")
    for _ in range(rounds):
        theirs = min(theirs, seconds_to_import(base))
        ours = min(ours, seconds_to_import(package))
        if ours - theirs <= enough:
            break
    return ours - theirs


def test_importing_lamina_does_nothing_else() -> None:
    assert side_effects("import lamina") == {}


@pytest.mark.parametrize("wanted", ["enable", "disable"])
def test_garbage_is_collected_as_before(wanted: str) -> None:
    found = python(f"import gc; gc.{wanted}(); import lamina; print(gc.isenabled())")
    assert found.strip() == str(wanted == "enable")


def test_importing_lamina_costs_little() -> None:
    assert extra_seconds("lamina", "jax", ROUNDS, ALLOWANCE) <= ALLOWANCE


@pytest.mark.parametrize(
    ("code", "kind", "trace"),
    [
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", "threads", "1"),
        ("import threading; t = threading.Thread(target=int); t.start(); t.join()", "events", "thread"),
        ("import subprocess; subprocess.run(['true'])", "events", "subprocess.Popen"),
        ("import socket; socket.socket().close()", "events", "socket.__new__"),
        ("import jax; jax.devices()", "threads", ""),
        ("import typer", "loaded", "typer"),
        ("import PIL.Image", "loaded", "PIL"),
    ],
)
def test_side_effects_are_seen(code: str, kind: str, trace: str) -> None:
    assert trace in str(side_effects(code)[kind])


def test_a_slow_import_is_seen() -> None:
    assert extra_seconds("jax", "json", 2, ALLOWANCE / 3) > ALLOWANCE / 3
