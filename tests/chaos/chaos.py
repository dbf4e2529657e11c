"""`make chaos`: runs that are killed again and again end as the runs that were never stopped.

Every life of a run is a process that is killed with SIGKILL: as it enters a step, an evaluation, a shuffle, a write, an
fsync, a rename, the clearing away of old states; or at a random time. The next life goes on. Final weights, metrics
and history must be equal to the last bit, and no state may ever be unreadable.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")
PHASES = ("step", "evaluation", "shuffle", "write", "fsync", "rename", "folder", "cleanup", "anywhere")
MOST = {"step": 9, "evaluation": 3, "shuffle": 3, "write": 12, "fsync": 9, "rename": 5, "folder": 5, "cleanup": 4}


def live(workload: str, folder: Path, chance: random.Random | None, cache: Path) -> str | None:
    """One life; the phase in which it was killed, or None if it came to its end."""
    phase = chance.choice(PHASES) if chance else "none"
    doom = [phase, str(chance.randint(1, MOST[phase]))] if chance and phase in MOST else []
    environment = os.environ | {
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    command = [sys.executable, str(WORKER), workload, str(folder), *doom]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.readline()  # it trains now
        if chance and phase == "anywhere":
            time.sleep(chance.uniform(0, 0.6))
            run.kill()
        message = run.stderr.read()
    if run.returncode == -9:
        return phase
    if run.returncode or (folder / "result.json").exists() is False:
        raise AssertionError(f"{workload} in {folder} failed with status {run.returncode}:\n{message}")
    if "is damaged" in message:
        raise AssertionError(f"{workload} in {folder}: {message}")
    return None


def survive(workload: str, kills: int, seed: int, home: Path) -> tuple[int, Counter[str]]:
    """Run `workload` until it has been killed so often; how many runs ended, and where the kills met them."""
    chance, met, ends = random.Random(f"{workload} {seed}"), Counter[str](), 0
    cache, reference = home / "cache", home / f"{workload}-whole"
    assert live(workload, reference, None, cache) is None
    expected = json.loads((reference / "result.json").read_text())
    while met.total() < kills:
        folder = home / f"{workload}-{ends}"
        while (phase := live(workload, folder, chance if met.total() < kills else None, cache)) is not None:
            met[phase] += 1
        result = json.loads((folder / "result.json").read_text())
        assert result == expected, f"{workload} in {folder} ended differently: {result} instead of {expected}"
        ends += 1
    return ends, met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="how often a process is killed, over all workloads")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workloads", nargs="+", default=["mlp", "cnn", "lstm", "gpt"])
    options = parser.parse_args()
    warnings.simplefilter("error")
    total = Counter[str]()
    with tempfile.TemporaryDirectory(prefix="lamina-chaos-") as home:
        for workload in options.workloads:
            begin = time.monotonic()
            ends, met = survive(workload, -(-options.kills // len(options.workloads)), options.seed, Path(home))
            total += met
            places = ", ".join(f"{phase} {met[phase]}" for phase in PHASES if met[phase])
            print(f"{workload:5} {met.total():4} kills ({places}), {ends} runs, all equal to the whole run, "
                  f"{time.monotonic() - begin:.0f} s", flush=True)  # fmt: skip
    print(f"{total.total()} kills, 0 differences, 0 unreadable states")


if __name__ == "__main__":
    main()
