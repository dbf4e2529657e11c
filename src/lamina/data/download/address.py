"""Which addresses a download may come from, and how a file is called here."""

from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ...core import ArgumentError, LaminaError


class DownloadError(LaminaError, OSError):
    """A file could not be fetched: no connection, a server that refuses, or one that breaks the rules."""


def is_local(host: str) -> bool:
    """Whether this machine itself is meant.

    Example:
        >>> is_local("127.0.0.1"), is_local("::1"), is_local("localhost"), is_local("127.0.0.1.example.org")
        (True, True, True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(address: str) -> SplitResult:
    """The parts of an address that may be asked: HTTPS, or HTTP on this machine.

    Raises:
        ArgumentError: another scheme, no host, a name with a password, or characters that no address has.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is no number is noticed when it is asked for
    except ValueError:
        host = None
    clean = address.isascii() and address.isprintable() and " " not in address
    if not host or not clean or "@" in parts.netloc or not _is_safe(parts.scheme, host):
        raise ArgumentError(
            "get_file",
            "files are fetched over HTTPS",
            expected='an address such as "https://example.org/data.zip"',
            received=repr(address),
            remedy="Ask the publisher for an HTTPS address, or fetch the file yourself",
        )
    return parts


def _is_safe(scheme: str, host: str) -> bool:
    return scheme == "https" or scheme == "http" and is_local(host)


def redirected(before: str, location: str | None) -> str:
    """The address to which a server sends us on.

    Raises:
        DownloadError: none is named, or it is less safe than the one before.

    Example:
        >>> redirected("https://a.org/x/data.zip", "../files/data.zip")
        'https://a.org/files/data.zip'
        >>> redirected("https://a.org/data.zip", "http://127.0.0.1/admin")
        Traceback (most recent call last):
        lamina.data.download.address.DownloadError: get_file: a redirect leads to HTTPS. ...
    """
    address = urljoin(before, location or "")
    try:
        parts = check_address(address)
    except ArgumentError:
        parts = None
    if not location or parts is None or (parts.scheme == "http" and urlsplit(before).scheme != "http"):
        raise DownloadError(
            "get_file",
            "a redirect leads to HTTPS",
            expected="an HTTPS address",
            received=repr(location),
            remedy=f"The server of {before} cannot be used as it is; look for another one",
        )
    return address


def file_name(fname: str | None, origin: str) -> str:
    """The name under which the file is kept: `fname`, or the last part of the address.

    Raises:
        ArgumentError: it is no plain name.

    Example:
        >>> file_name(None, "https://example.org/a/flowers%20small.tgz?download=1")
        'flowers small.tgz'
    """
    name = unquote(urlsplit(origin).path).rpartition("/")[2] if fname is None else str(fname)
    strange = not name.isprintable() or set(name) & set('/\\:*?"<>|') or name != name.strip(" .") or len(name) > 200
    if not name or strange:
        raise ArgumentError(
            "get_file",
            "fname is a plain name",
            expected='a name without folders, such as "flowers.tgz"',
            received=repr(name),
            remedy="Pass fname=, and the folder as cache_dir=",
        )
    return name
