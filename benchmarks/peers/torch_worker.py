"""PyTorch: a plain, well-written training loop. PEER_VARIANT=fused adds channels-last memory and the fused Adam.

The rows are tensors in memory, shuffled by one permutation an epoch, and nothing is brought back to Python before the
epoch ends: that is faster than a DataLoader, which copies row by row. As in the other workers, loss and accuracy of the
epoch are kept up on the way.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from worker import Job, Workload, digits, serve, table

FUSED = os.environ["PEER_VARIANT"] == "fused"


def glorot(module: nn.Module) -> None:
    """The textbook's initial weights, as in the other workers."""
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def textbook_network() -> nn.Module:
    return nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1), nn.Sigmoid())


def textbook_cnn() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10)),
    )


class TorchJob(Job):
    def __init__(self, workload: Workload, seed: int) -> None:
        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.workload, self.tabular = workload, workload.name == "mlp"
        arrays = (table if self.tabular else digits)(workload.rows)
        self.x, self.y, self.x_test, self.y_test = (torch.from_numpy(array) for array in arrays)
        self.model = textbook_network() if self.tabular else textbook_cnn()
        self.model.apply(glorot)
        if not self.tabular:
            self.x, self.x_test = self.images(self.x), self.images(self.x_test)
            self.y, self.y_test = self.y.long(), self.y_test.long()
        if FUSED and not self.tabular:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.model.parameters(), fused=FUSED)

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
            output = self.model(x)
            loss = F.binary_cross_entropy(output, y) if self.tabular else F.cross_entropy(output, y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
            right += self.right(output, y)
        return total.item() / len(self.x)

    def right(self, output: Tensor, y: Tensor) -> Tensor:
        answers = (output.detach() > 0.5) == (y > 0.5) if self.tabular else output.detach().argmax(1) == y
        return answers.sum()

    @torch.no_grad()
    def accuracy(self) -> float:
        self.model.eval()
        batches = zip(self.x_test.split(500), self.y_test.split(500), strict=True)
        return sum(self.right(self.model(x), y).item() for x, y in batches) / len(self.x_test)

    def learn(self) -> float:
        for _ in range(self.workload.epochs):
            self.epoch()
            accuracy = self.accuracy()
            if accuracy >= self.workload.target:
                break
        return accuracy


if __name__ == "__main__":
    serve(TorchJob, lambda: f"PyTorch {torch.__version__}")
