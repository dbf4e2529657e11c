"""Whole or not at all: every system call of the write path fails in turn, or is the last before a crash."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.faults import ERRORS, Crash, counted, crash_at, fail_at, fail_from
from lamina.core.archive import read_archive, write_archive
from lamina.core.files import open_whole, write_whole

OLD = {"a": b"old" * 2000, "b": b"old"}
NEW = {"a": b"new" * 9000, "b": b"new" * 10}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with the old parts, and a leftover of a writer that died."""
    write_archive(tmp_path / "state", OLD)
    leave_behind(tmp_path / "state")
    return tmp_path / "state"


def leave_behind(path: Path) -> None:
    path.with_name(f".{path.name}.0123456789abcdef.tmp").write_bytes(b"half of")


def parts(path: Path) -> dict[str, bytes]:
    return read_archive(path, NEW)[0]


def calls_of_a_write(path: Path) -> list[str]:
    with counted() as calls:
        write_archive(path, NEW)
    write_archive(path, OLD)
    leave_behind(path)
    return calls.names


def temporaries(path: Path) -> list[str]:
    return [name for name in os.listdir(path.parent) if name != path.name]


def test_the_calls_of_a_write_are_those_that_make_it_safe(path: Path) -> None:
    names = calls_of_a_write(path)
    order = [names.index(name) for name in ("mkdir", "listdir", "unlink", "write", "fsync", "replace")]
    assert order == sorted(order) and names.count("write") > 2
    assert names[names.index("replace") + 1 :] == ["close", "open", "fsync", "close"]  # the file and its folder


@pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.get)
def test_any_call_may_fail(path: Path, code: int) -> None:
    reported = 0
    for place, name in enumerate(calls_of_a_write(path)):
        try:
            with counted(fail_at(place, code)):
                write_archive(path, NEW)
        except OSError as error:
            reported += 1
            assert error.errno == code and any(str(path) in note for note in error.__notes__)
            assert parts(path) in (OLD, NEW), name
            assert set(temporaries(path)) <= {".state.0123456789abcdef.tmp"}, name
        else:
            assert parts(path) == NEW, name  # what does not matter, such as the removal of leftovers
        write_archive(path, OLD)
        leave_behind(path)
    assert reported >= 10


def test_a_disk_may_break_for_good(path: Path) -> None:
    *names, last = calls_of_a_write(path)
    assert last == "close"
    for place, name in enumerate(names):
        with pytest.raises(OSError, match="No space left"), counted(fail_from(place, errno.ENOSPC)):
            write_archive(path, NEW)
        assert parts(path) in (OLD, NEW), name
        write_archive(path, OLD)
        assert not temporaries(path), f"the next write did not remove what was left at {name}"
        leave_behind(path)


def test_a_process_may_die_between_any_two_calls(path: Path) -> None:
    for place, name in enumerate(names := calls_of_a_write(path)):
        with pytest.raises(Crash), counted(crash_at(place)):
            write_archive(path, NEW)
        assert parts(path) == (NEW if place > names.index("replace") else OLD), name
        write_archive(path, OLD)
        assert not temporaries(path), f"the next write did not remove what was left before {name}"
        leave_behind(path)


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, lengths = os.write, []

    def short(descriptor: int, data: memoryview) -> int:
        lengths.append(len(data))
        return write(descriptor, data[:1000])

    with counted(), monkeypatch.context() as patch:
        patch.setattr(os, "write", short)
        write_archive(path, NEW)
    assert parts(path) == NEW and len(lengths) > 27


def test_the_block_may_fail(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_whole(path) as file:
        file.write(b"half")
        file.write(str(1 // 0).encode())
    assert parts(path) == OLD and not temporaries(path)


def test_the_folder_may_go(tmp_path: Path) -> None:
    path = tmp_path / "run" / "state"
    with pytest.raises(FileNotFoundError) as caught, open_whole(path) as file:
        file.write(b"x" * 10)
        shutil.rmtree(path.parent)
    assert str(path) in caught.value.__notes__[0]
    write_whole(path, b"the folder is made again")
    assert path.read_bytes()
    with pytest.raises(OSError, match="exists|directory"):
        write_whole(path / "below", b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_permission_may_be_lost(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write_archive(path, NEW)
        assert parts(path) == OLD
    finally:
        path.parent.chmod(0o700)


def test_a_living_writer_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with open_whole(path) as slow:
        slow.write(b"slow")
        write_whole(path, b"fast")
        assert path.read_bytes() == b"fast"
    assert path.read_bytes() == b"slow" and not temporaries(path)


def test_other_files_in_the_folder_are_left_alone(path: Path) -> None:
    others = (
        ".state.tmp",
        ".state.notes.tmp",
        "state.tmp",
        ".other.0123456789abcdef.tmp",
        ".xstate.0123456789abcdef.tmp",
    )
    for name in others:
        path.with_name(name).write_bytes(b"kept")
    write_archive(path, NEW)
    assert sorted(temporaries(path)) == sorted(others)


def test_many_writers_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "state"
    contents = [bytes([i]) * 5000 for i in range(8)]

    def write_often(data: bytes) -> None:
        for _ in range(20):
            write_whole(path, data)

    threads = [threading.Thread(target=write_often, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert not path.exists() or path.read_bytes() in contents
    assert path.read_bytes() in contents and not temporaries(path)


def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


FULL = """
import resource, sys
from lamina.core.archive import write_archive
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write_archive(sys.argv[1], {"a": b"n" * 27_000, "b": b"new"})
except OSError as error:
    sys.exit(f"{error.strerror}; {error.__notes__[0]}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_disk_that_is_really_full(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "File too large" in done.stderr and str(path) in done.stderr
    assert parts(path) == OLD and not temporaries(path)
