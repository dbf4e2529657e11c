"""docs/performance.md says what was measured, and keeps what people wrote."""

from pathlib import Path

import page
import pytest
from results import Entry, Results, read, write
from workloads import FULL, HELDOUT


def entry(peer: str, seconds: list[float], workload: str = "cnn32", **known: object) -> Entry:
    return Entry(workload, peer, peer, seconds=seconds, **known)


@pytest.fixture
def results() -> Results:
    """CNN: PyTorch misses 1.2, Keras on TensorFlow reaches 1.6."""
    machine = {"cpu": "a", "cpus": 2, "memory_gb": 1, "system": "b", "matmul_gflops": 100.0}
    entries = [
        entry("lamina", [0.010, 0.010, 0.020], first_seconds=2.5, warm_seconds=0.2, peak_mb=300),
        entry("torch", [0.012, 0.013, 0.022], peak_mb=400),
        entry("torch-fused", [0.011, 0.011, 0.022], peak_mb=350),
        entry("keras-tf", [0.016, 0.017, 0.034]),
    ]
    return Results(machine, {"rounds": 3, "threads": 2}, dict(FULL), entries)


def test_the_page_is_what_the_results_give() -> None:
    assert page.PAGE.read_text("utf-8") == page.make(), "run `python benchmarks/page.py`"


def test_the_part_written_by_hand_survives(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    write(results, tmp_path / "results.json")
    path.write_text(page.make(tmp_path, path) + "\n## Profiles\nwritten by me\n", "utf-8")
    results.entries[1].seconds = [0.5, 0.5, 0.5]
    write(results, tmp_path / "results.json")
    again = page.make(tmp_path, path)
    assert again.endswith(page.BY_HAND + "\n\n## Profiles\nwritten by me\n") and again.count("written by me") == 1
    assert "| 500 |" in again


def test_ratios_are_marked_as_met_or_missed(results: Results) -> None:
    assert page.ratios(results)[2] == "| `cnn32` | 1.1 ✗ (1.2) | 1.7 ✓ (1.6) | - | - |"


def test_starts_and_memory_are_marked(results: Results) -> None:
    line = page.figures(results)[2]
    assert "| 2.50 ✗ | 0.20 ✓ |" in line and line.endswith("| 300 ✓ |")


def test_a_whole_job_says_how_many_epochs_it_needed(results: Results) -> None:
    results.entries.append(entry("lamina", [16.0, 12.5], "mnist99", epochs=[4, 3]))
    assert "| 14.2 (4, 3 epochs) |" in page.figures(results)[-1]


def test_other_sizes_are_beside_these(results: Results) -> None:
    other = Results(results.machine, results.settings, dict(HELDOUT), [])
    other.entries = [entry("lamina", [0.010]), entry("torch", [0.010]), entry("keras-tf", [0.013])]
    line = next(line for line in page.other_sizes(results, other) if line.startswith("| `cnn32`"))
    assert line.endswith("| 1 ✓ | 1.3 ✗ | - | - |")  # 1 is within 15 % of 1.1, 1.3 is not of 1.7


def test_other_machines_have_their_own_tables(results: Results, tmp_path: Path) -> None:
    write(results, tmp_path / "results.json")
    assert "On other machines" not in page.make(tmp_path, tmp_path / "page.md")
    results.machine["cpu"], results.entries[1].seconds = "another", [0.2, 0.2, 0.4]
    results.entries.pop(2)
    write(results, tmp_path / "results-another.json")
    _, _, there = page.make(tmp_path, tmp_path / "page.md").partition("## On other machines")
    assert "another, 2 CPUs" in there and "| `cnn32` | 20 ✓ (1.2) | 1.7 ✓ (1.6) | - | - |" in there


def test_results_are_read_as_they_were_written(results: Results, tmp_path: Path) -> None:
    write(results, tmp_path / "results.json")
    assert read(tmp_path / "results.json") == results


def test_the_cost_of_callbacks_is_marked() -> None:
    found = [{"workload": name, "seconds": 0.01, "ratio": ratio} for name, ratio in (("gpt", 1.0199), ("mlp", 1.03))]
    assert page.callback_cost(found)[2:] == ["| `gpt` | 10 | 1.020 ✓ |", "| `mlp` | 10 | 1.030 ✗ |"]
    assert page.callback_cost([]) == []
