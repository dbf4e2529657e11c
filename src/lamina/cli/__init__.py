"""The command line: `lamina train mnist`, `lamina predict MODEL IMAGE...`; `lamina --help` lists all."""

from .app import main

__all__ = ["main"]
