"""PyTorch: a plain, well-written training loop. PEER_VARIANT=fused adds channels-last memory and the fused Adam,
PEER_VARIANT=compiled adds `torch.compile` to these. PEER_DEVICE and PEER_DTYPE say where, and in what, it computes.

The rows are tensors in memory, shuffled by one permutation an epoch, and nothing is brought back to Python before the
epoch ends: that is faster than a DataLoader, which copies row by row. As in the other workers, loss and accuracy of the
epoch are kept up on the way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np
import torch
from arrays import data_of
from job import Job
from torch import Tensor
from torch.nn import functional as F
from torch_models import NETWORKS, glorot
from workloads import Workload

VARIANT = os.environ["PEER_VARIANT"]
FUSED = VARIANT in ("fused", "compiled")
DEVICE = torch.device(os.environ.get("PEER_DEVICE", "cpu"))
DTYPE = getattr(torch, os.environ.get("PEER_DTYPE", "float32"))  # of the arithmetic; weights are float32


class TorchJob(Job):
    def __init__(self, workload: Workload, seed: int) -> None:
        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.workload, self.binary = workload, workload.model in ("mlp", "autoencoder")
        self.x, self.y, self.x_test, self.y_test = (torch.from_numpy(a).to(DEVICE) for a in data_of(workload))
        self.model = NETWORKS[workload.model](workload).to(DEVICE)
        self.model.apply(glorot)
        if not self.binary:
            self.y, self.y_test = self.y.long(), self.y_test.long()
        if self.x.ndim == 4:
            self.x, self.x_test = self.images(self.x), self.images(self.x_test)
            self.model = self.model.to(memory_format=torch.channels_last) if FUSED else self.model
        self.optimizer = torch.optim.Adam(self.model.parameters(), fused=FUSED)
        self.forward = torch.compile(self.model) if VARIANT == "compiled" else self.model

    @staticmethod
    def images(x: Tensor) -> Tensor:
        """(N, H, W, C) to PyTorch's (N, C, H, W), in the memory order of the variant."""
        order = torch.channels_last if FUSED else torch.contiguous_format
        return x.permute(0, 3, 1, 2).contiguous(memory_format=order)

    def fit(self) -> float:
        return [self.epoch() for _ in range(self.workload.epochs)][-1]

    def epoch(self) -> float:
        self.model.train()
        total, right = torch.zeros(2, device=DEVICE)
        for rows in torch.randperm(len(self.x), device=DEVICE).split(self.workload.batch):
            x, y = self.x[rows], self.y[rows]
            self.optimizer.zero_grad(set_to_none=True)
            with torch.autocast(DEVICE.type, DTYPE, enabled=DTYPE != torch.float32):
                output = self.forward(x)
                loss = self.loss(output, y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
            right += self.right(output.detach(), y)
        return total.item() / len(self.x)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        if self.binary:
            return F.binary_cross_entropy(output, y)
        return F.cross_entropy(output.flatten(0, -2), y.flatten())

    def right(self, output: Tensor, y: Tensor) -> Tensor:
        """How many answers are right; of an autoencoder, how near they are."""
        if self.workload.model == "autoencoder":
            return (1 - (output - y).abs()).sum()
        return (((output > 0.5) == (y > 0.5)) if self.binary else output.argmax(-1) == y).sum()

    @torch.no_grad()
    def accuracy(self) -> float:
        self.model.eval()
        batches = zip(self.x_test.split(500), self.y_test.split(500), strict=True)
        return sum(self.right(self.model(x), y).item() for x, y in batches) / self.y_test.numel()

    def learn(self) -> tuple[float, int]:
        epochs = 0
        while epochs < self.workload.epochs:
            self.epoch()
            accuracy, epochs = self.accuracy(), epochs + 1
            if accuracy >= self.workload.target:
                break
        return accuracy, epochs

    def batches(self) -> Sequence[np.ndarray]:
        """In PyTorch's own axis and memory order."""
        return [part.numpy() for part in self.x.split(self.workload.batch)]

    @torch.inference_mode()
    def predict(self, batch: np.ndarray) -> np.ndarray:
        self.model.eval()
        return self.forward(torch.from_numpy(batch)).numpy()

    def bound(self, batch: np.ndarray) -> Callable[[], Tensor]:
        self.model.eval()
        x = torch.from_numpy(batch)

        @torch.inference_mode()
        def call() -> Tensor:
            return self.forward(x)

        return call


def make_job(workload: Workload, seed: int) -> Job:
    return TorchJob(workload, seed)


def versions() -> str:
    return f"PyTorch {torch.__version__}"
