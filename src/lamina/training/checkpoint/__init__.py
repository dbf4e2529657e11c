"""Exact resume: everything that a run consists of, kept in a folder while it trains."""

from .checkpoints import Checkpoints
from .keeper import Keeper
from .place import Place

__all__ = ["Checkpoints", "Keeper", "Place"]
