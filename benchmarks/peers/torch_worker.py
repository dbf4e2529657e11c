"""PyTorch: a plain, well-written training loop. PEER_VARIANT=fused adds channels-last memory and the fused Adam,
PEER_VARIANT=compiled adds `torch.compile` to these.

The rows are tensors in memory, shuffled by one permutation an epoch, and nothing is brought back to Python before the
epoch ends: that is faster than a DataLoader, which copies row by row. As in the other workers, loss and accuracy of the
epoch are kept up on the way.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_models import NETWORKS, glorot
from worker import Job, Workload, data_of, serve

VARIANT = os.environ["PEER_VARIANT"]
FUSED = VARIANT in ("fused", "compiled")


class TorchJob(Job):
    def __init__(self, workload: Workload, seed: int) -> None:
        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.workload, self.tabular = workload, workload.name == "mlp"
        self.x, self.y, self.x_test, self.y_test = map(torch.from_numpy, data_of(workload))
        self.model = NETWORKS[workload.name](workload)
        self.model.apply(glorot)
        if not self.tabular:
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
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for rows in torch.randperm(len(self.x)).split(self.workload.batch):
            x, y = self.x[rows], self.y[rows]
            self.optimizer.zero_grad(set_to_none=True)
            output = self.forward(x)
            loss = self.loss(output, y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
            right += self.right(output, y)
        return total.item() / len(self.x)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        if self.tabular:
            return F.binary_cross_entropy(output, y)
        return F.cross_entropy(output.flatten(0, -2), y.flatten())

    def right(self, output: Tensor, y: Tensor) -> Tensor:
        answers = (output.detach() > 0.5) == (y > 0.5) if self.tabular else output.detach().argmax(-1) == y
        return answers.sum()

    @torch.no_grad()
    def accuracy(self) -> float:
        self.model.eval()
        batches = zip(self.x_test.split(500), self.y_test.split(500), strict=True)
        return sum(self.right(self.model(x), y).item() for x, y in batches) / self.y_test.numel()

    def learn(self) -> float:
        for _ in range(self.workload.epochs):
            self.epoch()
            accuracy = self.accuracy()
            if accuracy >= self.workload.target:
                break
        return accuracy


if __name__ == "__main__":
    serve(TorchJob, lambda: f"PyTorch {torch.__version__}")
