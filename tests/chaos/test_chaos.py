"""The short form of `make chaos`: a kill in each phase, over all workloads."""

from pathlib import Path
from random import Random

import pytest

from chaos import chaos


class _Planned(Random):
    """Chooses the phases of a plan in turn, and the second call of each."""

    def __init__(self, plan: list[str]) -> None:
        super().__init__(0)
        self.plan = plan

    def choice(self, among: object) -> str:  # type: ignore[override]
        return self.plan.pop(0)

    def randint(self, low: int, high: int) -> int:
        return 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workload", "plan"),
    [
        ("mlp", ["write", "rename", "anywhere"]),
        ("cnn", ["step", "cleanup"]),
        ("lstm", ["evaluation", "folder"]),
        ("gpt", ["shuffle", "fsync"]),
    ],
)
def test_a_killed_run_ends_as_the_whole_one(workload: str, plan: list[str], tmp_path: Path) -> None:
    cache, run = tmp_path / "cache", tmp_path / "run"
    assert chaos.live(workload, tmp_path / "whole", None, cache) is None
    first, chance = plan[0], _Planned(list(plan))
    assert [chaos.live(workload, run, chance, cache) for _ in plan][0] == first
    assert chaos.live(workload, run, None, cache) is None
    assert (run / "result.json").read_text() == (tmp_path / "whole" / "result.json").read_text()
