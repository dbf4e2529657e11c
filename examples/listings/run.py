"""Run a listing of the textbook chapters: python examples/listings/run.py cnn|dense_model|text_transformer

The listings stand beside this file as the chapters print them, with other import lines. Some leave
names undefined (`train_images`, `transformer_block`, ...); this file supplies them.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from lamina import datasets

FOLDER = Path(__file__).parent
VOCABULARY, EMBEDDING, HEADS, HIDDEN = 1000, 32, 2, 64


def token_batches(count: int = 8, rows: int = 16, length: int = 20) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of counting sequences, the target shifted by one: something that can be learned."""
    rng = np.random.default_rng(0)
    tokens = (rng.integers(0, VOCABULARY, (count, rows, 1)) + np.arange(length + 1)) % VOCABULARY
    return [(batch[:, :-1], batch[:, 1:]) for batch in tokens]


class Names(dict[str, Any]):
    """The listing's global names; those that it uses and does not define are made when they are asked for."""

    def __init__(self, images: int | None) -> None:
        super().__init__(__name__="listing")
        self._images = images

    def __missing__(self, name: str) -> Any:
        if name in ("train_images", "train_labels"):
            (x, y), _ = datasets.mnist()
            self["train_images"], self["train_labels"] = x[: self._images, ..., None] / 255.0, y[: self._images]
        elif name == "transformer_block":
            self[name] = self["TransformerBlock"](EMBEDDING, HEADS, HIDDEN)
        elif name in ("vocab_size", "embed_dim", "dataset"):
            self.update(vocab_size=VOCABULARY, embed_dim=EMBEDDING, dataset=token_batches())
        else:
            raise KeyError(name)
        return self[name]


def run(name: str, images: int | None = None) -> Any:
    """Run the listing `name` and return the model that it trained.

    Args:
        name: "cnn", "dense_model" or "text_transformer".
        images: how many of MNIST's training images the CNN sees; None for all 60,000.
    """
    path = FOLDER / f"{name}.py"
    names = Names(images)
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names["model"]


if __name__ == "__main__":
    run(sys.argv[1]).summary()
