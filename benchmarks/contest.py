"""The contest: workers of all peers alive side by side, one of them running at a time, in turns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments import interpreter
from peers.worker import Workload

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    """A framework: the environment it lives in (none: Lamina's own), its worker, what that worker is told, and whether
    it takes part in one kind of workload only.
    """

    title: str
    environment: str | None
    script: str
    told: dict[str, str] = field(default_factory=dict)
    only: str = ""  # the one kind of workload that it takes part in, by what that is told by

    def takes_part(self, workload: Workload) -> bool:
        wanted = workload.per if workload.per in ("token", "update") else ""
        return self.title == "Lamina" or self.only == wanted


PEERS = {
    "lamina": Peer("Lamina", None, "lamina_worker.py"),
    "torch": Peer("PyTorch eager", "torch", "torch_worker.py", {"PEER_VARIANT": "eager"}),
    "torch-fused": Peer("PyTorch channels-last, fused Adam", "torch", "torch_worker.py", {"PEER_VARIANT": "fused"}),
    "torch-compiled": Peer("PyTorch compiled, fused Adam", "torch", "torch_worker.py", {"PEER_VARIANT": "compiled"}),
    "keras-tf": Peer("Keras on TensorFlow", "keras-tf", "keras_worker.py", {"KERAS_BACKEND": "tensorflow"}),
    "keras-jax": Peer("Keras on JAX", "keras-jax", "keras_worker.py", {"KERAS_BACKEND": "jax"}),
    "optax": Peer("optax", "flax", "optax_worker.py", only="update"),
    "transformers": Peer("Hugging Face transformers", "transformers", "transformers_worker.py", only="token"),
}


@dataclass
class Entry:
    """What is known of one peer on one workload."""

    workload: str
    peer: str
    title: str
    versions: str = ""
    seconds: list[float] = field(default_factory=list)  # of one unit: a step, an epoch or the whole job
    start_seconds: float = 0.0
    loss: float | None = None
    accuracy: float | None = None
    peak_mb: float = 0.0
    error: str = ""


class WorkerError(Exception):
    """The worker ended; the text is the end of what it printed."""


class Worker:
    """A peer's process. Whoever is not asked is stopped by a signal, so that not even a spinning thread runs beside the
    one measured.
    """

    def __init__(self, peer: Peer, workload: str, seed: int, size: str, threads: int, folder: Path) -> None:
        python = interpreter(peer.environment) if peer.environment else sys.executable
        self.printed = folder / f"{workload}-{peer.script}-{seed}.txt"
        count = str(threads)
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "PYTHONWARNINGS": "ignore"}
        equal = {"OMP_NUM_THREADS": count, "TF_NUM_INTRAOP_THREADS": count, "TF_NUM_INTEROP_THREADS": count}
        with self.printed.open("w") as printed:
            self.process = subprocess.Popen(
                [python, HERE / "peers" / peer.script, workload, str(seed), size],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=printed,
                text=True,
                bufsize=1,
                env={**os.environ, **quiet, **equal, **peer.told},
            )

    def hear(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(self.printed.read_text()[-2000:].strip() or f"exit status {self.process.wait()}")
        return json.loads(line)

    def ask(self, question: str) -> dict[str, Any]:
        self.process.send_signal(signal.SIGCONT)
        print(question, file=self.process.stdin)
        reply = self.hear()
        self.process.send_signal(signal.SIGSTOP)
        return reply

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@dataclass(frozen=True)
class Contest:
    """The settings that all workloads share; `say` prints progress."""

    peers: list[str]
    rounds: int
    size: str
    threads: int
    folder: Path
    say: Callable[[str], None]

    def run(self, workload: Workload) -> list[Entry]:
        return self.race(workload) if workload.whole_job else self.take_turns(workload)

    def take_turns(self, workload: Workload) -> list[Entry]:
        """Prepare every peer, then measure A B C A B C ...; the first round warms up and is not kept."""
        entries = {name: Entry(workload.name, name, PEERS[name].title) for name in self.peers}
        workers = {}
        try:
            for name, entry in entries.items():
                self.say(f"{workload.name}: preparing {entry.title}")
                start = time.perf_counter()
                workers[name] = self.worker(name, workload.name, seed=0)
                self.note(entry, workers[name].hear)
                entry.start_seconds = time.perf_counter() - start
                workers[name].process.send_signal(signal.SIGSTOP)
            for turn in range(self.rounds + 1):
                self.say(f"{workload.name}: round {turn} of {self.rounds}")
                for name, entry in entries.items():
                    reply = self.note(entry, lambda worker=workers[name]: worker.ask("measure"))
                    if turn and "seconds" in reply:
                        entry.seconds.append(reply["seconds"] / workload.units)
            for name, entry in entries.items():
                self.note(entry, lambda worker=workers[name]: worker.ask("accuracy"))
        finally:
            for worker in workers.values():
                worker.close()
        return list(entries.values())

    def race(self, workload: Workload) -> list[Entry]:
        """Whole jobs one after the other in turns: seconds from starting the process to the accuracy reached."""
        entries = {name: Entry(workload.name, name, PEERS[name].title) for name in self.peers}
        for turn in range(self.rounds):
            self.say(f"{workload.name}: round {turn + 1} of {self.rounds}")
            for name, entry in entries.items():
                start = time.perf_counter()
                worker = self.worker(name, workload.name, seed=turn)
                reply = self.note(entry, worker.hear)
                seconds = time.perf_counter() - start
                worker.close()
                if entry.error:
                    continue
                if reply["accuracy"] >= workload.target:
                    entry.seconds.append(seconds)
                else:
                    entry.error = f"seed {turn}: stopped at accuracy {reply['accuracy']:.4f}"
        return list(entries.values())

    def worker(self, name: str, workload: str, seed: int) -> Worker:
        return Worker(PEERS[name], workload, seed, self.size, self.threads, self.folder)

    @staticmethod
    def note(entry: Entry, listen: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Hear a worker out and keep what it says; a worker that failed once is not asked again."""
        if entry.error:
            return {}
        try:
            reply = listen()
        except (WorkerError, BrokenPipeError) as error:
            entry.error = str(error)
            return {}
        for key in ("versions", "loss", "accuracy"):
            if key in reply:
                setattr(entry, key, reply[key])
        entry.peak_mb = max(entry.peak_mb, reply["peak_mb"])
        return reply
