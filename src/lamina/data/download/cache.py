"""`get_file`: a file of the net, kept in a folder of the user's own."""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...core import ArgumentError, FileFormatError
from .address import check_address, file_name
from .progress import progress_bar
from .transfer import Transfer
from .unpack import unpack

try:
    import fcntl
except ImportError:  # Windows: there a file that another process is writing cannot be replaced
    fcntl: Any = None  # type: ignore[no-redef]


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    *,
    file_hash: str | None = None,
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str = "auto",
    cache_dir: str | Path | None = None,
    cache_subdir: str = "datasets",
    force_download: bool = False,
    unverified: bool = False,
    max_bytes: int = 2**32,
    max_extracted_bytes: int = 2**34,
    timeout: float = 30.0,
    retries: int = 4,
) -> Path:
    """Download a file once; afterwards it comes from the cache, without any connection.

    Only HTTPS is spoken, the SHA-256 of the file is compared on every call, a broken download goes on where it
    stopped, and the file gets its name when it is whole and proved. Several processes may ask for the same file
    at once: one fetches it, the others wait.

    Args:
        fname: name of the file here; None takes the last part of `origin`.
        origin: its address. HTTP is spoken with this machine only.
        file_hash: its SHA-256, 64 hexadecimal digits, from a source that you trust.
        hash_algorithm: "sha256", or "auto", which is the same.
        extract: whether to unpack it, as zip, tar, tar.gz, tar.bz2 or tar.xz.
        archive_format: "zip", "tar", or "auto" for what the file begins like.
        cache_dir: the cache; None is the folder in the environment variable LAMINA_HOME, or `~/.lamina`.
        cache_subdir: folder inside it.
        force_download: fetch it even if it is there.
        unverified: accept whatever the server sends; the only way to go without `file_hash`.
        max_bytes: size of the largest file to accept, 4 GiB.
        max_extracted_bytes: the same for all that is unpacked, 16 GiB.
        timeout: seconds to wait for a connection, and for each further 1024 bytes.
        retries: tries after the first, when the server is busy or the line breaks.

    Returns:
        Path of the file, or of the folder with what was in it: its name up to the first dot, and "_extracted".

    Raises:
        ArgumentError: no hash, or an address that is not HTTPS.
        DownloadError: the file cannot be had.
        FileFormatError: the file is not the one that the hash belongs to, or an archive that cannot be trusted.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as cache:
        ...     _ = Path(cache, "datasets").mkdir(mode=0o700), Path(cache, "datasets", "a.txt").write_text("abc")
        ...     path = get_file(origin="https://example.org/a.txt", cache_dir=cache,
        ...                     file_hash="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        ...     path.name, path.read_text()
        ('a.txt', 'abc')

    Differs from Keras, which fetches over HTTP, without a hash, or with MD5, and never resumes.
    """
    digest = _digest(file_hash, hash_algorithm, unverified)
    if origin is None:
        raise ArgumentError(
            "get_file", "origin says where the file is", expected="its address", received=None, remedy="Pass origin="
        )
    check_address(origin)
    folder = _folder(cache_dir, cache_subdir)
    target = folder / file_name(fname, origin)
    unpacked = folder / f"{target.name.partition('.')[0] or target.name}_extracted"

    def is_here() -> bool:
        return target.is_file() and (digest is None or _sha256(target) == digest)

    if force_download or not is_here():
        transfer = {"max_bytes": max_bytes, "patience": timeout, "retries": retries}
        with _alone(target):
            if force_download or not is_here():  # another process may have fetched it meanwhile
                _fetch(origin, target, unpacked, digest, force_download, transfer)
    if not extract:
        return target
    if not unpacked.is_dir():
        with _alone(target):
            _remove_leftovers(unpacked)
            if not unpacked.is_dir():
                unpack(target, unpacked, archive_format, max_bytes=max_extracted_bytes)
    return unpacked


def _fetch(
    origin: str, target: Path, unpacked: Path, digest: str | None, afresh: bool, settings: dict[str, Any]
) -> None:
    """Fetch, prove, and only then give it its name; what was unpacked of an older version goes."""
    part = target.with_name(f"{target.name}.part")
    with progress_bar(target.name) as report:
        transfer = Transfer(origin, part, report=report, **settings)
        if afresh:
            transfer.discard()
        transfer.run()
    received = _sha256(part)
    if digest is not None and received != digest:
        transfer.discard()
        raise FileFormatError(
            "get_file",
            f"{origin} must be the file that file_hash belongs to",
            expected=f"SHA-256 {digest}",
            received=received,
            remedy="Do not use it. Either it has been replaced or the hash is of another version",
        )
    if unpacked.exists():
        shutil.rmtree(unpacked)
    os.replace(part, target)  # if a power cut loses the name, the file is fetched again
    transfer.discard()


def _digest(file_hash: str | None, hash_algorithm: str, unverified: bool) -> str | None:
    """The hash to compare with; None only if the caller says so openly."""
    if hash_algorithm not in ("auto", "sha256"):
        raise ArgumentError(
            "get_file",
            "files are proved by SHA-256",
            expected='hash_algorithm "auto" or "sha256"',
            received=repr(hash_algorithm),
            remedy="Compute it with sha256sum FILE; two files with one MD5 are easily made",
        )
    if file_hash is None and unverified:
        return None
    if file_hash is None or unverified or not re.fullmatch("[0-9a-fA-F]{64}", file_hash):
        raise ArgumentError(
            "get_file",
            "a file needs either its SHA-256 or your word that none is wanted",
            expected="file_hash of 64 hexadecimal digits, or unverified=True",
            received=f"file_hash={file_hash!r}, unverified={unverified}",
            remedy="Compute it with sha256sum FILE, or take it from the publisher's page",
        )
    return file_hash.lower()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder(cache_dir: str | Path | None, cache_subdir: str) -> Path:
    """The folder of the cache; what has to be made of it is the user's alone."""
    inside = Path(cache_subdir)
    if inside.is_absolute() or inside.drive or ".." in inside.parts:
        raise ArgumentError(
            "get_file",
            "cache_subdir lies inside the cache",
            expected='a relative path, such as "datasets"',
            received=repr(cache_subdir),
            remedy="Pass the folder as cache_dir",
        )
    root = Path(cache_dir or os.environ.get("LAMINA_HOME") or "~/.lamina").expanduser()
    folder = root / inside
    for path in [*reversed(folder.parents), folder]:
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)
    _check_owner(folder)
    return folder


def _check_owner(folder: Path) -> None:
    """Refuse a folder into which others could put files, such as one in /tmp that was made for us to walk into."""
    found = folder.stat()
    if os.name == "posix" and (found.st_uid not in (0, os.getuid()) or found.st_mode & stat.S_IWOTH):
        raise ArgumentError(
            "get_file",
            "nobody else may write to the cache",
            expected="a folder of your own",
            received=f"{folder}, of user {found.st_uid}, mode {stat.filemode(found.st_mode)}",
            remedy="Pass another cache_dir, or chmod 700 this one",
        )


def _remove_leftovers(unpacked: Path) -> None:
    """What a killed process had begun to unpack."""
    for path in unpacked.parent.iterdir():
        if path.name.startswith(f".{unpacked.name}.") and path.suffix == ".tmp":
            shutil.rmtree(path)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however it ends."""
    descriptor = os.open(target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
