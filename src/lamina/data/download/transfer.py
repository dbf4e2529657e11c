"""Fetch the bytes of one file into a `.part` beside it, going on where an earlier try stopped."""

import http.client
import json
import os
import re
import ssl
import time
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO

from ...core.files import write_whole
from .address import DownloadError
from .connection import opened

_BLOCK = 2**16
_BACK_OFF = 0.5  # seconds before the second try; each further one waits twice as long
_WORTH_ANOTHER_TRY = (TimeoutError, ConnectionError, http.client.HTTPException, ssl.SSLError)
_BUSY = {408, 425, 429}  # these and 5xx may pass
_HEADERS = {"User-Agent": "lamina", "Accept-Encoding": "identity"}


class Transfer:
    """One download.

    Args:
        origin: address of the file.
        part: where the bytes go; `part` + ".json" holds what is needed to go on later.
        max_bytes: most bytes to accept.
        patience: seconds to wait for a connection, and for each further 1024 bytes.
        retries: how often to try again after a failure that may pass.
        report: told (bytes so far, bytes of the whole file or None).
    """

    def __init__(
        self,
        origin: str,
        part: Path,
        *,
        max_bytes: int,
        patience: float,
        retries: int,
        report: Callable[[int, int | None], None] = lambda done, total: None,
    ) -> None:
        self._origin, self._part, self._note = origin, part, part.with_name(f"{part.name}.json")
        self._max_bytes, self._patience, self._retries, self._report = max_bytes, patience, retries, report

    def run(self) -> None:
        """Fetch the whole file; after an error the part stays, so that the next call goes on with it."""
        for attempt in range(self._retries + 1):
            try:
                return self._attempt()
            except _WORTH_ANOTHER_TRY as error:
                if attempt == self._retries:
                    raise self._gave_up(error) from error
                time.sleep(_BACK_OFF * 2**attempt)

    def discard(self) -> None:
        """Forget what has come so far."""
        self._note.unlink(missing_ok=True)
        self._part.unlink(missing_ok=True)

    def _attempt(self) -> None:
        have, validator = self._begun()
        # If the file has changed, If-Range makes the server send all of it instead of a rest that does not fit.
        rest = {"Range": f"bytes={have}-", "If-Range": validator} if have else {}
        with opened(self._origin, _HEADERS | rest, self._patience, 8 * self._max_bytes + 2**24) as response:
            if response.status in (206, 416) and not (have and _continues(response, have, validator)):
                self.discard()
                raise ConnectionError("the server sent a rest that does not fit")
            if response.status not in (200, 206):
                raise self._refused(response)
            if response.status == 200:
                have = 0
                self._remember(response)
            total = None if response.length is None else have + response.length
            self._check_size(total or 0)
            with self._open(have) as file:
                self._receive(response, file, have, total)

    def _receive(self, response: HTTPResponse, file: BinaryIO, have: int, total: int | None) -> None:
        while block := response.read1(_BLOCK):
            have += len(block)
            self._check_size(have)
            file.write(block)
            self._report(have, total)
        if total is not None and have != total:
            raise ConnectionError(f"the line broke after {have} of {total} bytes")
        file.flush()
        os.fsync(file.fileno())

    def _open(self, have: int) -> BinaryIO:
        """The part, cut off behind its first `have` bytes; never what a link points to."""
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(self._part, flags, 0o600), "wb")
        file.truncate(have)
        file.seek(have)
        return file

    def _begun(self) -> tuple[int, str]:
        """How many bytes of the same file are there, and by what the server recognises its version."""
        try:
            note = json.loads(self._note.read_bytes())
            have = self._part.stat().st_size
        except (OSError, ValueError):
            return 0, ""
        known = isinstance(note, dict) and note.get("origin") == self._origin and isinstance(note.get("validator"), str)
        return (have, note["validator"]) if known else (0, "")

    def _remember(self, response: HTTPResponse) -> None:
        """Note the version of the file that begins now. A weak tag does not promise the same bytes."""
        tag = response.headers.get("ETag", "")
        validator = tag if tag.startswith('"') else response.headers.get("Last-Modified")
        if validator and validator.isascii() and validator.isprintable():
            write_whole(self._note, json.dumps({"origin": self._origin, "validator": validator}).encode())
        else:
            self._note.unlink(missing_ok=True)

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            self.discard()
            raise DownloadError(
                "get_file",
                "the file must not be larger than max_bytes",
                expected=f"at most {self._max_bytes} bytes",
                received=f"{size} or more",
                remedy="Check the address, or raise max_bytes",
            )

    def _refused(self, response: HTTPResponse) -> Exception:
        answer = f"{response.status} {response.reason}"
        if response.status >= 500 or response.status in _BUSY:
            return ConnectionError(f"the server answered {answer}")
        return DownloadError(
            "get_file",
            "the server must have the file",
            expected="status 200",
            received=f"{answer[:100]} from {self._origin}",
            remedy="Check the address",
        )

    def _gave_up(self, error: Exception) -> DownloadError:
        return DownloadError(
            "get_file",
            "the whole file must arrive",
            expected=f"all of {self._origin}",
            received=f"{type(error).__name__}: {error} ({self._retries + 1} tries)",
            remedy="Call again later: the download goes on where it stopped, if the server can do that",
        )


def _continues(response: HTTPResponse, have: int, validator: str) -> bool:
    """Whether this is the rest of the same file."""
    span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", ""))
    same = response.headers.get("ETag", validator) == validator or not validator.startswith('"')
    return response.status == 206 and span is not None and int(span[1]) == have and same
