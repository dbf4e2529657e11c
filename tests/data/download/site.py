"""A web server on this machine that behaves badly in the way that a test asks for."""

import contextlib
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Request(BaseHTTPRequestHandler):
    """One request; what happens to it is decided by the site's next `answer`, or by `send` when none is left."""

    protocol_version = "HTTP/1.1"
    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answers = self.server.answers
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            (answers.pop(0) if answers else send)(self)

    def head(self, status: int, **headers: Any) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Site(ThreadingHTTPServer):
    """Serves `content` under every path."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.content, self.etag, self.scheme = content, '"one"', "http"
        self.answers: list[Callable[[Request], None]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up is part of the tests

    def url(self, name: str = "a.bin") -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/{name}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def ranges(self) -> list[str | None]:
        """The Range header of every request."""
        return [headers.get("Range") for _, headers in self.asked]


@contextlib.contextmanager
def running(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.over.set()
        site.shutdown()
        site.server_close()


def send(request: Request) -> None:
    """As a good server does: Range and If-Range are understood."""
    site, start, status = request.server, 0, 200
    wanted = request.headers.get("Range", "")
    if wanted and request.headers.get("If-Range") in (None, site.etag):
        start, status = int(wanted.removeprefix("bytes=").removesuffix("-")), 206
    size = len(site.content)
    if status == 206 and start >= size:
        return request.head(416, Content_Range=f"bytes */{size}", Content_Length=0)
    span = {"Content_Range": f"bytes {start}-{size - 1}/{size}"} if status == 206 else {}
    request.head(status, ETag=site.etag, Content_Length=size - start, **span)
    request.wfile.write(site.content[start:])


def plain(request: Request) -> None:
    """A server without ranges."""
    request.head(200, Content_Length=len(request.server.content))
    request.wfile.write(request.server.content)


def chunked(request: Request) -> None:
    """The length is not known beforehand."""
    request.head(200, Transfer_Encoding="chunked")
    for start in range(0, len(request.server.content), 10_000):
        block = request.server.content[start : start + 10_000]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
    request.wfile.write(b"0\r\n\r\n")


def broken_after(count: int) -> Callable[[Request], None]:
    """The line breaks when `count` bytes of the body have come."""

    def answer(request: Request) -> None:
        request.head(200, ETag=request.server.etag, Content_Length=len(request.server.content))
        request.wfile.write(request.server.content[:count])

    return answer


def broken_chunks(request: Request) -> None:
    request.head(200, Transfer_Encoding="chunked")
    request.wfile.write(b"100\r\nabc")


def status(code: int, **headers: Any) -> Callable[[Request], None]:
    return lambda request: request.head(code, Content_Length=0, **headers)


def endless(request: Request) -> None:
    """A body without a length and without an end."""
    request.head(200)
    while not request.server.over.is_set():
        request.wfile.write(bytes(2**16))


def drop_by_drop(*, in_headers: bool) -> Callable[[Request], None]:
    """A byte now and then, as an attacker does who wants to keep us waiting."""

    def answer(request: Request) -> None:
        if in_headers:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        else:
            request.head(200, Content_Length=1000)
        while not request.server.over.wait(0.02):
            request.wfile.write(b"x")
            request.wfile.flush()

    return answer


def silent(request: Request) -> None:
    request.server.over.wait(30)


def nonsense(request: Request) -> None:
    request.wfile.write(b"\0\1\2 this is not HTTP\r\n\r\n")
    request.close_connection = True
