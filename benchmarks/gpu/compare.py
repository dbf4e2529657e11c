"""Lamina beside PyTorch (compiled, fused attention) and Flax on one GPU, in bfloat16 with float32 weights.

    python benchmarks/gpu/compare.py                # the textbook CNN, ResNet-20, the layout of GPT-2 with 1,024 tokens
    python benchmarks/gpu/compare.py --tiny         # does it run? on any machine, in tiny sizes; measures nothing

It uses the Python that runs it, and of the peers those that it can import; nothing is installed or downloaded. Where
`benchmarks/.envs` has an environment of a peer, that is used. The workers are those of the comparison on a CPU, all
alive together and measured in turns; data lie on the device.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from contest import Contest, Peer  # noqa: E402  (one folder up)
from environments import interpreter  # noqa: E402
from flops import flops  # noqa: E402
from results import Entry, Results, write  # noqa: E402
from workloads import SIZES, Workload  # noqa: E402

PEAKS = {"H100": 989.4, "H200": 989.4, "A100": 312.0, "L4": 121.0}  # bfloat16 TFLOP/s, dense, from the data sheets
SOURCE = os.pathsep.join([str(HERE.parent), str(HERE.parents[1] / "src")])
COMMON = {"PEER_DTYPE": "bfloat16", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def device() -> str:
    """The GPU's name; '' where there is none."""
    try:
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def peers(place: str) -> dict[str, Peer]:
    """Lamina, and whom this machine has."""
    torch = {**COMMON, "PEER_VARIANT": "compiled", "PEER_DEVICE": place}
    found = {"lamina": Peer("Lamina", None, "lamina_peer", {**COMMON, "PYTHONPATH": SOURCE})}
    for module, title, told in (("torch", "PyTorch compiled", torch), ("flax", "Flax NNX, optax", COMMON)):
        kept = module if interpreter(module).exists() else None
        if kept or importlib.util.find_spec(module):
            found[module] = Peer(title, kept, f"{module}_peer", told)
    return found


def line(entry: Entry, workload: Workload, results: Results) -> str:
    """One row of the table."""
    if entry.middle is None:
        return f"| `{workload.name}` | {entry.title} | failed: {entry.error.splitlines()[-1]} | | | | |"
    samples = workload.batch / entry.middle
    speed = f"{samples * workload.time:,.0f} tokens/s" if workload.time else f"{samples:,.0f} samples/s"
    peak = results.machine["peak_tflops"]
    share = f"{flops(workload) / entry.middle / 1e12 / peak:.1%}" if peak else "-"
    times = f"{1000 * entry.middle:.3g} | {speed} | {share} | {entry.first_seconds:.1f}"
    return f"| `{workload.name}` | {entry.title} | {times} | {results.ratio(entry) or float('nan'):.2f} |"


def table(results: Results) -> str:
    lines = [f"{results.machine['device'] or 'no GPU'}, {results.machine['system']}; " + "; ".join(
        sorted({entry.versions for entry in results.entries if entry.versions})), "",
        "| workload | peer | ms a step | speed | share of peak (MFU) | first step s | ratio to Lamina |",
        "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    return "\n".join(lines + [line(entry, results.workloads[entry.workload], results) for entry in results.entries])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, also without a GPU")
    parser.add_argument("--workloads", nargs="+", choices=SIZES["gpu"], default=list(SIZES["gpu"]))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--limit", type=float, default=150, help="seconds after which a workload has no more rounds")
    parser.add_argument("--peak", type=float, help="TFLOP/s of the device in bfloat16, if it is not a known one")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON")
    options = parser.parse_args()
    name, size = device(), "tiny" if options.tiny else "gpu"
    if not name and not options.tiny:
        sys.exit("There is no GPU here that nvidia-smi knows. --tiny runs on any machine.")
    peak = options.peak or next((peak for known, peak in PEAKS.items() if known in name), None)
    about = {"device": name, "system": f"Python {platform.python_version()}", "peak_tflops": peak}
    rounds = 1 if options.tiny else options.rounds
    results = Results(about, {"rounds": rounds, "size": size}, dict(SIZES[size]))
    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        taking_part = peers("cuda" if name else "cpu")
        contest = Contest(taking_part, rounds, options.limit, size, len(os.sched_getaffinity(0)), Path(folder), say)
        for chosen in options.workloads:
            results.entries += contest.run(results.workloads[chosen])
            if options.out:
                write(results, options.out)  # after each workload: the machine may be taken away
    print(table(results))
    for entry in results.entries:
        if entry.error:
            print(f"{entry.workload}, {entry.title}:\n{entry.error}", file=sys.stderr)
    return 1 if any(entry.error for entry in results.entries) else 0


if __name__ == "__main__":
    sys.exit(main())
