"""Exact resume: everything that a run consists of, kept in a folder while it trains."""

from .checkpoints import Checkpoints

__all__ = ["Checkpoints"]
