"""The networks in PyTorch, written as its users write them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from worker import Workload


def textbook_network(workload: Workload) -> nn.Module:
    return nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1), nn.Sigmoid())


def textbook_cnn(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10)),
    )


class RecurrentLanguageModel(nn.Module):
    """Embedding 128, one LSTM or GRU of 256 units, and a score for every token."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        self.tokens = nn.Embedding(workload.vocabulary, 128)
        self.recurrent = (nn.LSTM if workload.name == "lstm" else nn.GRU)(128, 256, batch_first=True)
        self.scores = nn.Linear(256, workload.vocabulary)

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

    def __init__(self, workload: Workload, dim: int = 128, heads: int = 8) -> None:
        super().__init__()
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

    def __init__(self, workload: Workload, depth: int = 4, dim: int = 256, heads: int = 8) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(workload.vocabulary, dim), nn.Embedding(workload.time, dim)
        self.blocks = nn.Sequential(*(Block(dim, heads) for _ in range(depth)))
        self.norm, self.scores = nn.LayerNorm(dim), nn.Linear(dim, workload.vocabulary)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tokens(x) + self.places(torch.arange(x.shape[1]))
        return self.scores(self.norm(self.blocks(x)))


NETWORKS = {
    "mlp": textbook_network,
    "cnn32": textbook_cnn,
    "cnn128": textbook_cnn,
    "mnist99": textbook_cnn,
    "lstm": RecurrentLanguageModel,
    "gru": RecurrentLanguageModel,
    "transformer": TextbookTransformer,
    "gpt": GPT,
}


def glorot(module: nn.Module) -> None:
    """The textbook's initial weights, as in the other workers."""
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
