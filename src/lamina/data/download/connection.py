"""One GET request: certificates checked, redirects judged one by one, and a server that dawdles is left."""

import io
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from .address import DownloadError, check_address, is_local, redirected

_REDIRECTS = 5
_LEAST = 1024  # bytes that have to come in each stretch of `patience` seconds


class _Faucet(io.RawIOBase):
    """What a socket receives, as long as it flows.

    A timeout of the socket alone is no help against a server that sends a byte now and then, in the body, in the
    headers or between them, nor against one that never stops.
    """

    def __init__(self, sock: socket.socket, patience: float, most: int) -> None:
        self._sock, self._patience, self._most = sock, patience, most
        self._raw = sock.makefile("rb", buffering=0)
        self._waited, self._came, self._total = 0.0, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._waited >= self._patience:
            raise TimeoutError(f"less than {_LEAST} bytes in {self._patience:g} seconds")
        self._sock.settimeout(self._patience - self._waited)
        begin = monotonic()
        count = self._raw.readinto(buffer) or 0
        self._waited, self._came = self._waited + monotonic() - begin, self._came + count
        if self._came >= _LEAST:
            self._waited, self._came = 0.0, 0
        self._total += count
        if self._total > self._most:
            raise ConnectionError(f"more than {self._most} bytes on the line")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Watched:
    """The one thing that an HTTPResponse wants of a socket."""

    def __init__(self, faucet: _Faucet) -> None:
        self._faucet = faucet

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._faucet)


@contextmanager
def opened(address: str, headers: Mapping[str, str], patience: float, most: int) -> Iterator[HTTPResponse]:
    """The answer to a GET request, whatever its status; up to 5 redirects are followed.

    Args:
        address: HTTPS, or HTTP on this machine.
        headers: of the request.
        patience: seconds to wait for a connection, and for each further 1024 bytes.
        most: bytes on the line after which the server is left, as a last resort.

    Raises:
        DownloadError: no connection, a certificate that cannot be trusted, a redirect that is not safe.
        TimeoutError, ConnectionError, http.client.HTTPException: worth another try.
    """
    for _ in range(_REDIRECTS + 1):
        parts = check_address(address)
        connection = _connected(parts, patience)
        connection.response_class = lambda sock, method=None: HTTPResponse(  # type: ignore[assignment, misc]
            _Watched(_Faucet(sock, patience, most)),  # type: ignore[arg-type]
            method=method,
        )
        try:
            connection.request("GET", urlunsplit(("", "", parts.path or "/", parts.query, "")), headers=dict(headers))
            response = connection.getresponse()
            if response.status not in (301, 302, 303, 307, 308):
                yield response
                return
            address = redirected(address, response.headers["Location"])
        finally:
            connection.close()
    raise DownloadError(
        "get_file",
        "a server sends us on a few times at most",
        expected=f"up to {_REDIRECTS} redirects",
        received=f"one more, to {address}",
        remedy="Pass the address of the file itself",
    )


def _connected(parts: SplitResult, patience: float) -> HTTPConnection:
    connection = _connection(parts, patience)
    try:
        connection.connect()
    except (TimeoutError, ConnectionError):
        raise
    except OSError as error:  # among them unknown hosts and certificates
        connection.close()
        trust = isinstance(error, ssl.SSLCertVerificationError)
        raise DownloadError(
            "get_file",
            "the server must prove its name" if trust else "there must be a connection",
            expected=f"a valid certificate of {parts.hostname}" if trust else f"an answer of {parts.hostname}",
            received=error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error),
            remedy="Do not trust this server; check the address and the clock of this machine"
            if trust
            else "Check the network; files that are in the cache are used without it",
        ) from error
    return connection


def _connection(parts: SplitResult, patience: float) -> HTTPConnection:
    """Straight to the host, or through the tunnel of the proxy that the environment names."""
    host, port = str(parts.hostname), parts.port
    if parts.scheme == "http":  # on this machine
        return HTTPConnection(host, port, timeout=patience)
    context = ssl.create_default_context()
    proxy = None if is_local(host) or proxy_bypass(host) else getproxies().get("https")
    if proxy is None:
        return HTTPSConnection(host, port, timeout=patience, context=context)
    by_way_of = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    connection = HTTPSConnection(str(by_way_of.hostname), by_way_of.port or 3128, timeout=patience, context=context)
    connection.set_tunnel(host, port or 443)
    return connection
