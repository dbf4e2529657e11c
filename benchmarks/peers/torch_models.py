"""The networks in PyTorch, written as its users write them."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from workloads import Workload


def textbook_network(workload: Workload) -> nn.Module:
    return nn.Sequential(nn.Linear(10, workload.width), nn.ReLU(), nn.Linear(workload.width, 1), nn.Sigmoid())


def textbook_cnn(workload: Workload) -> nn.Module:
    width = workload.width
    side = ((workload.side - 2) // 2 - 2) // 2 - 2
    return nn.Sequential(
        *(nn.Conv2d(1, width, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(width, 2 * width, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(2 * width, 2 * width, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(2 * width * side**2, 2 * width), nn.ReLU(), nn.Linear(2 * width, 10)),
    )


def autoencoder(workload: Workload) -> nn.Module:
    width, pixels = workload.width, workload.side**2
    sizes = (pixels, width, width // 4, width // 16, width // 4, width)
    hidden = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(width, pixels), nn.Sigmoid())


def convolved(inputs: int, filters: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution without bias and the normalisation after it."""
    convolution = nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(filters))


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = convolved(inputs, filters, stride=stride), convolved(filters, filters)
        self.straight = convolved(inputs, filters, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.straight(x))


def resnet20(workload: Workload) -> nn.Module:
    """He et al. for CIFAR: three stages of three blocks, each stage with half the side and twice the filters."""
    width = workload.width
    blocks = [ResidualBlock(width, width, 1) for _ in range(3)]
    for filters in (2 * width, 4 * width):
        blocks += [ResidualBlock(filters // 2, filters, 2), *(ResidualBlock(filters, filters, 1) for _ in range(2))]
    ends = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, 10)
    return nn.Sequential(convolved(3, width), nn.ReLU(), *blocks, *ends)


class RecurrentLanguageModel(nn.Module):
    """An embedding, one LSTM or GRU of twice its size, and a score for every token."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        width = workload.width
        self.tokens = nn.Embedding(workload.vocabulary, width // 2)
        self.recurrent = (nn.LSTM if workload.model == "lstm" else nn.GRU)(width // 2, width, batch_first=True)
        self.scores = nn.Linear(width, workload.vocabulary)

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(self.recurrent(self.tokens(x))[0])


class Attention(nn.Module):
    """Self-attention with one product for queries, keys and values, and PyTorch's fused kernel."""

    def __init__(self, dim: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.project, self.combine = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        n, t, dim = x.shape
        query, key, value = self.project(x).view(n, t, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        attention = F.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        return self.combine(attention.transpose(1, 2).reshape(n, t, dim))


class TextbookTransformer(nn.Module):
    """The chapter's listing: one block with the normalisation last, dropout 0.1, no causal mask."""

    def __init__(self, workload: Workload, heads: int = 8) -> None:
        super().__init__()
        dim = workload.width
        self.tokens = nn.Embedding(workload.vocabulary, dim)
        self.attention = Attention(dim, heads, causal=False)
        self.ffn = nn.Sequential(nn.Linear(dim, 4 * dim), nn.ReLU(), nn.Linear(4 * dim, dim))
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.dropout = nn.Dropout(0.1)
        self.scores = nn.Linear(dim, workload.vocabulary)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tokens(x)
        x = self.norm1(x + self.dropout(self.attention(x)))
        x = self.norm2(x + self.dropout(self.ffn(x)))
        return self.scores(x)


class Block(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = Attention(dim, heads, causal=True)
        self.ffn = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.ffn(self.norm2(x))


class GPT(nn.Module):
    """A decoder-only Transformer: blocks with the normalisation first, causal attention, gelu, learned positions."""

    def __init__(self, workload: Workload, depth: int = 4, heads: int = 8) -> None:
        super().__init__()
        dim = workload.width
        self.tokens, self.places = nn.Embedding(workload.vocabulary, dim), nn.Embedding(workload.time, dim)
        self.blocks = nn.Sequential(*(Block(dim, heads) for _ in range(depth)))
        self.norm, self.scores = nn.LayerNorm(dim), nn.Linear(dim, workload.vocabulary)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tokens(x) + self.places(torch.arange(x.shape[1], device=x.device))
        return self.scores(self.norm(self.blocks(x)))


def gpt2(workload: Workload) -> nn.Module:
    """The same as large as GPT-2, whose embedding is the way back, too."""
    model = GPT(workload, depth=12, heads=12)
    model.scores = nn.Linear(workload.width, workload.vocabulary, bias=False)
    model.scores.weight = model.tokens.weight
    return model


NETWORKS = {
    "mlp": textbook_network,
    "cnn": textbook_cnn,
    "autoencoder": autoencoder,
    "lstm": RecurrentLanguageModel,
    "gru": RecurrentLanguageModel,
    "transformer": TextbookTransformer,
    "gpt": GPT,
    "gpt2": gpt2,
    "resnet20": resnet20,
}


def glorot(module: nn.Module) -> None:
    """The textbook's initial weights, as in the other workers."""
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
