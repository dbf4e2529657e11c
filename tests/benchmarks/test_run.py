"""What a run writes: after every workload, and at its end."""

from pathlib import Path

import pytest
import run
from results import Entry, Results, read, write
from rich.console import Console
from workloads import FULL, Workload


class Measured:
    """A contest that is over at once; it is cut off at some workload."""

    cut_off = ""

    def __init__(self, *_: object) -> None: ...

    def run(self, workload: Workload) -> list[Entry]:
        if workload.name == self.cut_off:
            raise KeyboardInterrupt
        return [Entry(workload.name, "lamina", "new", seconds=[1.0])]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that knows two workloads."""
    monkeypatch.setattr(run, "Contest", Measured)
    monkeypatch.setattr(run, "draw", lambda *_: None)
    entries = [Entry(name, "lamina", "old", seconds=[2.0]) for name in ("mlp", "gpt")]
    write(Results({"cpu": "a", "matmul_gflops": 100.0}, {}, dict(FULL), entries), tmp_path / "results.json")
    return tmp_path / "results.json"


def titles(path: Path) -> dict[str, str]:
    return {entry.workload: entry.title for entry in read(path).entries}


def measure(path: Path, *arguments: str, cpu: str = "a") -> dict[str, str]:
    options = run.parse(["--peers", "lamina", *arguments])
    results = Results({"cpu": cpu, "matmul_gflops": 100.0}, {"rounds": 1}, dict(FULL), [])
    run.measure_and_keep(options, results, Console(quiet=True), path)
    return titles(path)


def test_at_the_end_there_is_what_was_asked_for(path: Path) -> None:
    assert measure(path, "--workloads", "cnn32", "mlp") == {"mlp": "new", "cnn32": "new"}


def test_other_workloads_are_kept_when_asked_for(path: Path) -> None:
    assert measure(path, "--workloads", "mlp", "lstm", "--add") == {"mlp": "new", "lstm": "new", "gpt": "old"}


def test_a_run_that_is_cut_off_keeps_what_it_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Measured, "cut_off", "lstm")
    with pytest.raises(KeyboardInterrupt):
        measure(path, "--workloads", "mlp", "lstm")
    assert titles(path) == {"mlp": "new", "gpt": "old"}


def test_results_of_another_machine_are_refused_before_anything_is_measured(path: Path) -> None:
    with pytest.raises(SystemExit, match="another machine"):
        measure(path, "--workloads", "cnn32", "--add", cpu="b")
    assert titles(path) == {"mlp": "old", "gpt": "old"}


def test_results_of_another_machine_are_not_mixed_with_new_ones(path: Path) -> None:
    assert measure(path, "--workloads", "cnn32", cpu="b") == {"cnn32": "new"}
