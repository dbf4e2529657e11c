"""The contest: workers of all peers alive side by side, one of them running at a time, in turns."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments import interpreter
from results import Entry
from workloads import Workload

HERE = Path(__file__).parent
FIGURES = ("seconds", "p99", "called", "called_p99")  # of every measurement
KNOWN = {"first": "first_seconds"} | {key: key for key in ("versions", "import_seconds", "loss", "accuracy")}
CACHING = {
    "JAX_ENABLE_COMPILATION_CACHE": "true",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


@dataclass(frozen=True)
class Peer:
    """A framework: the environment it lives in (none: Lamina's own), its module, what that is told, and whether it
    takes part in one kind of workload only.
    """

    title: str
    environment: str | None
    module: str
    told: dict[str, str] = field(default_factory=dict)
    only: str = ""  # the one kind of workload that it takes part in, by what that is told by
    trains_only: bool = False
    caches: bool = False  # whether a start with a filled cache is measured, too

    def takes_part(self, workload: Workload) -> bool:
        wanted = workload.per if workload.per in ("token", "update") else ""
        fits = self.title == "Lamina" or self.only == wanted
        return fits and not (self.trains_only and workload.per == "call")


TENSORFLOW = {"KERAS_BACKEND": "tensorflow"}
JAX = {"KERAS_BACKEND": "jax"}
PEERS = {
    "lamina": Peer("Lamina", None, "lamina_peer", caches=True),
    "torch": Peer("PyTorch eager", "torch", "torch_peer", {"PEER_VARIANT": "eager"}),
    "torch-fused": Peer("PyTorch channels-last, fused Adam", "torch", "torch_peer", {"PEER_VARIANT": "fused"}),
    "torch-compiled": Peer("PyTorch compiled, fused Adam", "torch", "torch_peer", {"PEER_VARIANT": "compiled"}),
    "keras-tf": Peer("Keras on TensorFlow", "keras-tf", "keras_peer", TENSORFLOW),
    "keras-jax": Peer("Keras on JAX", "keras-jax", "keras_peer", JAX),
    "keras-jax-steps": Peer(
        "Keras on JAX, 16 steps at once", "keras-jax", "keras_peer", {**JAX, "KERAS_STEPS": "16"}, trains_only=True
    ),
    "flax": Peer("Flax NNX, optax", "flax", "flax_peer"),
    "optax": Peer("optax", "flax", "optax_peer", only="update"),
    "transformers": Peer("Hugging Face transformers", "transformers", "transformers_peer", only="token"),
}


class WorkerError(Exception):
    """The worker ended; the text is the end of what it printed."""


class Worker:
    """A peer's process. Whoever is not asked is stopped by a signal, so that not even a spinning thread runs beside the
    one measured.
    """

    def __init__(
        self, peer: Peer, work: Workload, seed: int, size: str, threads: int, folder: Path, told: dict[str, str]
    ) -> None:
        python = interpreter(peer.environment) if peer.environment else sys.executable
        count = str(threads)
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "PYTHONWARNINGS": "ignore"}
        equal = {"OMP_NUM_THREADS": count, "TF_NUM_INTRAOP_THREADS": count, "TF_NUM_INTEROP_THREADS": count}
        common = {"PYTHONPATH": str(HERE), "JAX_ENABLE_COMPILATION_CACHE": "false"}
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".txt", delete=False) as printed:
            self.printed = Path(printed.name)
            self.process = subprocess.Popen(
                [python, HERE / "peers" / "worker.py", peer.module, work.name, size, str(seed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=printed,
                text=True,
                bufsize=1,
                env={**os.environ, **quiet, **equal, **common, **peer.told, **told},
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
    """The settings that all workloads share: no more rounds are begun after `limit` seconds; `say` prints progress."""

    peers: dict[str, Peer]
    rounds: int
    limit: float
    size: str
    threads: int
    folder: Path
    say: Callable[[str], None]

    def run(self, workload: Workload) -> list[Entry]:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes")
        entries = {name: Entry(workload.name, name, peer.title, date=now) for name, peer in self.peers.items()}
        (self.race if workload.whole_job else self.take_turns)(workload, entries)
        return list(entries.values())

    def turns(self, workload: Workload, count: int, least: int) -> Iterator[int]:
        """Count the rounds, until there are enough or time is up."""
        begin = time.perf_counter()
        for turn in range(count):
            if turn >= least and (time.perf_counter() - begin) * (turn + 1) / turn > self.limit:
                self.say(f"{workload.name}: no time for more rounds")
                return
            self.say(f"{workload.name}: round {turn + 1} of {count}")
            yield turn

    def take_turns(self, workload: Workload, entries: dict[str, Entry]) -> None:
        """Prepare every peer, then measure A B C A B C ...; the first round warms up and is not kept."""
        workers: dict[str, Worker] = {}
        try:
            for name, entry in entries.items():
                self.prepare(workload, name, entry, workers)
            for turn in self.turns(workload, self.rounds + 1, least=min(4, self.rounds + 1)):
                for name, entry in entries.items():
                    reply = self.note(entry, lambda worker=workers[name]: worker.ask("measure"))
                    for figure in FIGURES if turn else ():
                        getattr(entry, figure).extend([reply[figure]] if figure in reply else [])
            for name, entry in entries.items():
                self.note(entry, lambda worker=workers[name]: worker.ask("accuracy"))
        finally:
            for worker in workers.values():
                worker.close()
        for name, entry in entries.items():
            self.start(workload, name, entry)

    def prepare(self, workload: Workload, name: str, entry: Entry, workers: dict[str, Worker]) -> None:
        """Start a peer's worker, let it make its first step, and stop it."""
        self.say(f"{workload.name}: preparing {entry.title}")
        begin = time.perf_counter()
        workers[name] = self.worker(name, workload, seed=0)
        self.note(entry, workers[name].hear)
        entry.start_seconds = time.perf_counter() - begin
        workers[name].process.send_signal(signal.SIGSTOP)

    def start(self, workload: Workload, name: str, entry: Entry) -> None:
        """From the first measurement, the first step: later ones tell what the other steps in it took."""
        if entry.error:
            return
        later = entry.middle * workload.units * (1 - workload.first_share)
        entry.first_seconds = max(0.0, entry.first_seconds - later)
        if self.peers[name].caches:
            self.say(f"{workload.name}: {entry.title} with a filled cache")
            seconds = self.warm(workload, name)
            entry.warm_seconds = None if seconds is None else max(0.0, seconds - later)

    def warm(self, workload: Workload, name: str) -> float | None:
        """Seconds of the first measurement in a process that finds all programs in JAX's persistent cache."""
        with tempfile.TemporaryDirectory(dir=self.folder) as cache:
            told = {**CACHING, "JAX_COMPILATION_CACHE_DIR": cache}
            for _ in ("fill", "use"):
                entry = Entry(workload.name, name, "")
                worker = self.worker(name, workload, seed=0, **told)
                self.note(entry, worker.hear)
                worker.close()
        return entry.first_seconds

    def race(self, workload: Workload, entries: dict[str, Entry]) -> None:
        """Whole jobs one after the other in turns: seconds from starting the process to the accuracy reached."""
        for turn in self.turns(workload, min(self.rounds, 3), least=1):
            for name, entry in entries.items():
                begin = time.perf_counter()
                worker = self.worker(name, workload, seed=turn)
                reply = self.note(entry, worker.hear)
                seconds = time.perf_counter() - begin
                worker.close()
                if entry.error:
                    continue
                if reply["accuracy"] >= workload.target:
                    entry.seconds.append(seconds)
                    entry.epochs.append(reply["epochs"])
                else:
                    entry.error = f"seed {turn}: stopped at accuracy {reply['accuracy']:.4f}"

    def worker(self, name: str, workload: Workload, seed: int, **told: str) -> Worker:
        return Worker(self.peers[name], workload, seed, self.size, self.threads, self.folder, told)

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
        for key, value in reply.items():
            if key in KNOWN:
                setattr(entry, KNOWN[key], value)
        entry.peak_mb = max(entry.peak_mb, reply["peak_mb"])
        return reply
