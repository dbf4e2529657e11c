"""Where in a run training stands."""

from typing import Any, NamedTuple


class Place(NamedTuple):
    """A point between two steps, at which a run can be stopped and go on.

    Attributes:
        epoch: its number, from 0.
        step: how many of its steps are done.
        last: scalars that the last of these steps reported.
        logs: the epoch's results, once all its steps are done; then only its validation is left.
        stopped: training has ended before its last epoch.
        begun: the hooks of the epoch's beginning have been called.

    Example:
        >>> Place(epoch=2, step=17)
        Place(epoch=2, step=17, last={}, logs=None, stopped=False, begun=False)
    """

    epoch: int = 0
    step: int = 0
    last: dict[str, float] = {}
    logs: dict[str, Any] | None = None
    stopped: bool = False
    begun: bool = False

    @property
    def within_epoch(self) -> bool:
        """Whether the epoch has begun."""
        return self.begun or self.step > 0 or self.logs is not None

    def __str__(self) -> str:
        """In words for people, who count from 1."""
        if self.within_epoch:
            return f"step {self.step} of epoch {self.epoch + 1}"
        return f"the end of epoch {self.epoch}" if self.epoch else "the beginning"
