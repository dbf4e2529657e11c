"""Trainings know the words by which they were called, so that `lamina resume` can say them again."""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import typer

_WORDS = "lamina.train.words"
_words: ContextVar[tuple[str, ...]] = ContextVar("words", default=())
_resume: ContextVar[Mapping[str, Any] | str | None] = ContextVar("resume", default=None)


class TrainingCommand(typer.core.TyperCommand):
    """A command under `lamina train`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[_WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        token = _words.set((str(self.name), *ctx.meta[_WORDS]))
        try:
            return super().invoke(ctx)
        finally:
            _words.reset(token)


def words() -> list[str]:
    """The words after `lamina train` of the training under way."""
    return list(_words.get())


@contextlib.contextmanager
def resuming(changes: Mapping[str, Any] | str) -> Iterator[None]:
    """Trainings inside the block go on from what is in their folder; `changes` is `resume` of `fit`."""
    token = _resume.set(changes)
    try:
        yield
    finally:
        _resume.reset(token)


def resumption() -> Mapping[str, Any] | str | None:
    """The changes with which a run goes on; None if it begins."""
    return _resume.get()
