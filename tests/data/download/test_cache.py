"""`get_file`: proved by its hash, whole or not there, one process at a time, and offline from the cache."""

import io
import os
import socket
import stat
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.download.site import Site, broken_after, running, status
from lamina.core import ArgumentError, FileFormatError
from lamina.data import get_file
from lamina.data.download import DownloadError

CONTENT = bytes(range(256)) * 500


def tar_of(**files: bytes) -> bytes:
    store = io.BytesIO()
    with tarfile.open(fileobj=store, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return store.getvalue()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("lamina.data.download.transfer._BACK_OFF", 0.001)
    with running(Site(CONTENT)) as site:
        yield site


def names(folder: Path) -> list[str]:
    """What a user sees: the locks are hidden."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def fetch(site: Site, folder: Path, **settings: Any) -> Path:
    settings = {"origin": site.url(), "cache_dir": folder / "cache", "file_hash": site.sha256} | settings
    return get_file(**settings)


def test_a_file_is_fetched_once(site: Site, tmp_path: Path) -> None:
    path = fetch(site, tmp_path)
    assert path == tmp_path / "cache" / "datasets" / "a.bin" and path.read_bytes() == CONTENT
    assert fetch(site, tmp_path, file_hash=site.sha256.upper(), hash_algorithm="sha256") == path
    assert len(site.asked) == 1 and names(path.parent) == ["a.bin"]


def test_a_name_of_ones_own(site: Site, tmp_path: Path) -> None:
    assert fetch(site, tmp_path, fname="b.dat", cache_subdir="x/y") == tmp_path / "cache" / "x" / "y" / "b.dat"


def test_from_the_cache_without_a_connection(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fetch(site, tmp_path)

    def offline(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", offline)
    assert fetch(site, tmp_path) == path


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_the_cache_belongs_to_the_user_alone(site: Site, tmp_path: Path) -> None:
    path = fetch(site, tmp_path)
    assert [stat.S_IMODE(p.stat().st_mode) for p in (path.parent.parent, path.parent, path)] == [0o700, 0o700, 0o600]


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_a_folder_open_to_all_is_refused(site: Site, tmp_path: Path) -> None:
    (tmp_path / "cache" / "datasets").mkdir(parents=True)
    (tmp_path / "cache" / "datasets").chmod(0o777)
    with pytest.raises(ArgumentError, match="nobody else may write to the cache"):
        fetch(site, tmp_path)


def test_the_name_of_an_address_is_its_last_part(site: Site, tmp_path: Path) -> None:
    assert fetch(site, tmp_path, origin=site.url("x/..%2f..%2fa%20b?c=/d#/e")).name == "a b"


def test_the_default_cache(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "home"))
    assert fetch(site, tmp_path, cache_dir=None) == tmp_path / "home" / "datasets" / "a.bin"


def test_another_file_than_promised_is_not_kept(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=f"Expected SHA-256 {'0' * 64}, received {site.sha256}"):
        fetch(site, tmp_path, file_hash="0" * 64)
    assert names(tmp_path / "cache" / "datasets") == []


def test_a_damaged_rest_is_noticed(site: Site, tmp_path: Path) -> None:
    site.answers = [broken_after(1000)]
    with pytest.raises(DownloadError):
        fetch(site, tmp_path, retries=0)
    part = tmp_path / "cache" / "datasets" / "a.bin.part"
    part.write_bytes(b"!" + part.read_bytes()[1:])
    with pytest.raises(FileFormatError):
        fetch(site, tmp_path)
    assert fetch(site, tmp_path).read_bytes() == CONTENT  # the damaged part is gone


def test_a_damaged_file_in_the_cache_is_fetched_again(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path).write_bytes(b"damaged")
    assert fetch(site, tmp_path).read_bytes() == CONTENT and len(site.asked) == 2


def test_the_old_file_stays_when_the_new_one_cannot_be_had(site: Site, tmp_path: Path) -> None:
    path = fetch(site, tmp_path)
    site.answers = [broken_after(1000), status(404)]
    with pytest.raises(DownloadError):
        fetch(site, tmp_path, force_download=True)
    assert path.read_bytes() == CONTENT


def test_download_by_force(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path)
    fetch(site, tmp_path, force_download=True)
    assert site.ranges == [None, None]


def test_without_a_hash_only_in_so_many_words(site: Site, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"unverified=True"):
        fetch(site, tmp_path, file_hash=None)
    assert not site.asked
    assert fetch(site, tmp_path, file_hash=None, unverified=True).read_bytes() == CONTENT
    fetch(site, tmp_path, file_hash=None, unverified=True)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"file_hash": "d41d8cd98f00b204e9800998ecf8427e"}, "64 hexadecimal digits"),
        ({"hash_algorithm": "md5"}, "SHA-256"),
        ({"unverified": True}, "either its SHA-256 or your word"),
        ({"origin": None}, "origin"),
        ({"origin": "http://example.org/a"}, "HTTPS"),
        ({"origin": "http://127.0.0.1.example.org/a"}, "HTTPS"),
        ({"origin": "file:///etc/passwd"}, "HTTPS"),
        ({"origin": "ftp://example.org/a"}, "HTTPS"),
        ({"origin": "https://user:secret@example.org/a"}, "HTTPS"),
        ({"origin": "https://example.org/a\r\nHost: b"}, "HTTPS"),
        ({"origin": "https:///a"}, "HTTPS"),
        ({"origin": "https://example.org:port/a"}, "HTTPS"),
        ({"origin": "https://example.org/"}, "plain name"),
        ({"origin": "https://example.org/%2e%2e"}, "plain name"),
        ({"fname": "../a"}, "plain name"),
        ({"fname": "/etc/passwd"}, "plain name"),
        ({"fname": "C:a"}, "plain name"),
        ({"fname": "a\0b"}, "plain name"),
        ({"fname": ""}, "plain name"),
        ({"fname": ".."}, "plain name"),
        ({"cache_subdir": "/etc"}, "inside the cache"),
        ({"cache_subdir": "../up"}, "inside the cache"),
    ],
)
def test_refused_arguments(site: Site, tmp_path: Path, settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(ArgumentError, match=rule):
        fetch(site, tmp_path, **settings)
    assert not site.asked


def test_an_archive_is_unpacked_once(site: Site, tmp_path: Path) -> None:
    site.content = tar_of(**{"flowers/rose.txt": b"red"})
    folder = fetch(site, tmp_path, origin=site.url("flowers.tar.gz"), extract=True)
    assert folder.name == "flowers_extracted" and (folder / "flowers" / "rose.txt").read_bytes() == b"red"
    assert fetch(site, tmp_path, origin=site.url("flowers.tar.gz"), extract=True) == folder
    assert len(site.asked) == 1


def test_a_new_version_is_unpacked_anew(site: Site, tmp_path: Path) -> None:
    site.content = tar_of(old=b"1")
    fetch(site, tmp_path, extract=True)
    site.content = tar_of(new=b"2")
    assert names(fetch(site, tmp_path, extract=True)) == ["new"]


def test_what_a_killed_process_left_is_cleared_away(site: Site, tmp_path: Path) -> None:
    site.content = tar_of(a=b"1")
    left = tmp_path / "cache" / "datasets" / ".a_extracted.x1y2.tmp"
    left.mkdir(parents=True)
    (left / "half").touch()
    fetch(site, tmp_path, extract=True)
    assert not left.exists()


def test_an_archive_that_unpacks_to_too_much(site: Site, tmp_path: Path) -> None:
    site.content = tar_of(a=bytes(1000))
    with pytest.raises(FileFormatError, match="limited size"):
        fetch(site, tmp_path, extract=True, max_extracted_bytes=999)
    assert names(tmp_path / "cache" / "datasets") == ["a.bin"]


@pytest.mark.skipif(os.name != "posix", reason="the lock is a matter of POSIX")
def test_processes_that_ask_at_once_fetch_it_once(site: Site, tmp_path: Path) -> None:
    script = f"""
        import sys
        from lamina.data import get_file
        sys.stdin.readline()  # until all are ready
        path = get_file(origin={site.url()!r}, cache_dir={str(tmp_path / "cache")!r}, file_hash={site.sha256!r})
        print(len(path.read_bytes()))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(3)]
    outputs = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        outputs.append(process.communicate(timeout=60)[0])
        assert process.returncode == 0
    assert outputs == [f"{len(CONTENT)}\n"] * 3 and len(site.asked) == 1
