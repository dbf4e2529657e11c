"""Masked tokens to be guessed: what BERT learns from."""

from collections.abc import Sequence

import numpy as np

from ...core import ArgumentError


def mask_tokens(
    tokens: np.ndarray,
    mask_token: int,
    vocabulary_size: int,
    rate: float = 0.15,
    special: Sequence[int] = (),
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Hide some tokens of a text, which are to be guessed from the others.

    Of the chosen places 80 % get the mask token, 10 % any token, and 10 % keep theirs, so that the model cannot tell
    which of the tokens it sees are true.

    Args:
        tokens: ids (N, T).
        mask_token: id that stands for a hidden token.
        vocabulary_size: V.
        rate: share of the places that are chosen.
        special: ids that are never chosen, such as those of padding and separators.
        seed: of the draws.

    Returns:
        What the model sees, (N, T), and the targets (N, T): the token at chosen places and −1 at all others, which
        `SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)` leaves out.

    Raises:
        ArgumentError: a rate outside (0, 1).

    Example:
        >>> seen, targets = mask_tokens(np.arange(10, 20)[None], mask_token=1, vocabulary_size=20, rate=0.4, seed=3)
        >>> bool(((targets == -1) | (targets == np.arange(10, 20))).all()), bool((seen != targets)[targets == -1].all())
        (True, True)

    Reference: Devlin et al. 2018, arXiv 1810.04805, section 3.1.
    """
    if not 0 < rate < 1:
        raise ArgumentError(
            "mask_tokens",
            "rate is the share of tokens to guess",
            expected="a number in (0, 1)",
            received=rate,
            remedy="The default is 0.15",
        )
    tokens = np.asarray(tokens)
    rng = np.random.default_rng(seed)
    chosen = (rng.random(tokens.shape) < rate) & ~np.isin(tokens, list(special))
    lot = rng.random(tokens.shape)
    replaced = np.where(
        lot < 0.8, mask_token, np.where(lot < 0.9, rng.integers(0, vocabulary_size, tokens.shape), tokens)
    )
    return np.where(chosen, replaced, tokens).astype(tokens.dtype), np.where(chosen, tokens, -1).astype(tokens.dtype)
