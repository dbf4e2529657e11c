"""What was measured: one entry for each workload and peer, kept in a JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from workloads import Workload

FAMILIES = {
    "PyTorch": ("torch", "torch-fused", "torch-compiled"),
    "Keras/TensorFlow": ("keras-tf",),
    "Keras/JAX": ("keras-jax", "keras-jax-steps"),
    "Flax": ("flax",),
}
"""The frameworks beside Lamina, each with the ways of using it that take part: its best one counts."""


@dataclass
class Entry:
    """What is known of one peer on one workload. Lists hold one value a round: seconds of one unit, that is a step, an
    epoch, an answer or the whole job.

    Attributes:
        p99: the slow end of the answering times through `predict`, whose medians are `seconds`.
        called, called_p99: the same through the bound callable.
        import_seconds: of the peer and all it imports.
        first_seconds: of the first step, with its compilation and without imports.
        warm_seconds: the same in a new process that finds the programs in a cache.
        start_seconds: from starting the process to the end of the first measurement.
        epochs: of each whole job.
        loss: of the last measurement's last epoch.
        accuracy: on rows not trained on; of predictions 1, if both ways agree.
    """

    workload: str
    peer: str
    title: str
    versions: str = ""
    seconds: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    called_p99: list[float] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)
    import_seconds: float | None = None
    first_seconds: float | None = None
    warm_seconds: float | None = None
    start_seconds: float = 0.0
    loss: float | None = None
    accuracy: float | None = None
    peak_mb: float = 0.0
    date: str = ""
    error: str = ""

    @property
    def middle(self) -> float | None:
        return median(self.seconds) if self.seconds else None


@dataclass
class Results:
    """All entries of one table of sizes, and the machine they were measured on."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    workloads: dict[str, Workload]
    entries: list[Entry] = field(default_factory=list)

    def of(self, workload: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.workload == workload]

    def entry(self, workload: str, peer: str) -> Entry | None:
        return next((entry for entry in self.of(workload) if entry.peer == peer), None)

    def ratio(self, entry: Entry, what: str = "seconds") -> float | None:
        """How many times slower than Lamina: the median over the rounds, each measurement beside its neighbour in
        time.
        """
        reference = self.entry(entry.workload, "lamina")
        ours, theirs = getattr(reference, what, []), getattr(entry, what)
        if not theirs or len(ours) != len(theirs):
            return None
        return median(b / a for a, b in zip(ours, theirs, strict=True))

    def best(self, workload: str, family: str, what: str = "seconds") -> float | None:
        """The ratio of a framework, used in the way that is fastest there."""
        ratios = [self.ratio(entry, what) for entry in self.of(workload) if entry.peer in FAMILIES[family]]
        return min((ratio for ratio in ratios if ratio is not None), default=None)

    def agrees(self, entry: Entry) -> bool:
        """Whether the peer learns what the others learn: its loss or its accuracy is near the median of all (the one
        may be small, the other steep, and initial weights differ).
        """
        if entry.accuracy is None:
            return True
        peers = [other for other in self.of(entry.workload) if other.accuracy is not None]
        if abs(entry.accuracy - median(other.accuracy for other in peers)) <= 0.05:
            return True
        losses = [other.loss for other in peers if other.loss is not None]
        return entry.loss is not None and abs(entry.loss - median(losses)) <= 0.1 * abs(median(losses))

    def same_machine(self, older: Results) -> bool:
        return bool(self.machine.get("cpu") == older.machine.get("cpu"))

    def beside(self, older: Results) -> Results:
        """These, and what `older` has of the workloads that are not measured here."""
        new = {entry.workload for entry in self.entries}
        workloads = {**older.workloads, **self.workloads}
        places, kept = list(workloads), [entry for entry in older.entries if entry.workload not in new]
        entries = sorted([*self.entries, *kept], key=lambda entry: places.index(entry.workload))
        return Results(self.machine, self.settings, workloads, entries)


def write(results: Results, path: Path) -> None:
    rows = [{**asdict(entry), "ratio": results.ratio(entry)} for entry in results.entries]
    workloads = {name: asdict(workload) for name, workload in results.workloads.items()}
    about = {"machine": results.machine, "settings": results.settings, "workloads": workloads}
    path.write_text(json.dumps({**about, "results": rows}, indent=1) + "\n")


def read(path: Path) -> Results:
    found = json.loads(path.read_text())
    entries = [Entry(**{k: v for k, v in row.items() if k != "ratio"}) for row in found["results"]]
    workloads = {name: Workload(**workload) for name, workload in found["workloads"].items()}
    return Results(found["machine"], found["settings"], workloads, entries)
