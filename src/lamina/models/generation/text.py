"""Text as it comes: whole characters only, and nothing of a stop string."""

from collections.abc import Sequence
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what a decoder writes for bytes that are no character, or not yet one
_MARGIN, _LONG = 16, 128  # ids that are decoded again for their context, and when older ones are forgotten


class TextStream:
    """Turns ids into pieces of text that can be shown at once.

    A token of a byte-level tokenizer may be half a character, and a stop string may begin in one token and end in a
    later one: what may still change is held back until it is certain.

    Args:
        tokenizer: has decode(ids).
        stops: strings at which the text ends; they are not part of it.

    Attributes:
        stopped: whether a stop string has been met; nothing comes after it.

    Example:
        >>> class Bytes:
        ...     def decode(self, ids): return bytes(ids).decode("utf-8", "replace")
        >>> stream = TextStream(Bytes(), stops=["!?"])
        >>> [stream.push([byte]) for byte in "aé!b!?c".encode()], stream.stopped
        (['a', '', 'é', '', '!b', '', '', ''], True)
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str] = ()) -> None:
        self.tokenizer, self.stops = tokenizer, tuple(stops)
        self.stopped = False
        self._ids: list[int] = []
        self._shown = 0  # characters of decode(_ids) that have been given out or swallowed
        self._held = ""  # certain characters that may be the beginning of a stop string

    def push(self, ids: Sequence[int]) -> str:
        """The text that has become certain with these ids."""
        if self.stopped:
            return ""
        self._ids += ids
        text = self.tokenizer.decode(self._ids)
        certain = max(_without_half_character(text), self._shown)
        new = self._held + text[self._shown : certain]
        self._shown = certain
        if len(self._ids) > _LONG and certain == len(text):
            self._ids = self._ids[-_MARGIN:]
            self._shown = len(self.tokenizer.decode(self._ids))
        return self._before_stop(new)

    def close(self) -> str:
        """The rest, when no more ids will come: what was held back, without half a character."""
        rest, self._held = self._held, ""
        return "" if self.stopped else rest

    def _before_stop(self, text: str) -> str:
        found = [place for place in map(text.find, self.stops) if place >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = max((_overlap(text, stop) for stop in self.stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _without_half_character(text: str) -> int:
    """How many characters come before the at most three bytes of a character that is not whole yet."""
    end = len(text)
    while end > len(text) - 3 and end > 0 and text[end - 1] == REPLACEMENT:
        end -= 1
    return end


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` with which `stop` begins."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
