"""What no tracked file holds: a path of one machine, or the host of a package registry."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from architecture.source import ROOT

HOSTS = ["pypi", "pythonhosted", "npmjs", "yarnpkg", "anaconda", "conda-forge", "crates", "debian", "ubuntu"]
PATHS = ["work", "root", "home/[a-z]+", "Users/[a-z]+", "tmp/bash[a-z_]*", "opt/(?:pypi|wheels)"]
WORDS = re.compile(rf"\b(?:{'|'.join(HOSTS)})\.(?:org|com|io)\b" + rf"|(?<![\w.~*/-])/(?:{'|'.join(PATHS)})\b")


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Path and text of every file that git has or would take, pictures and data left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        data = path.read_bytes() if path.is_file() else b""
        if b"\0" not in data:
            yield name, data.decode("utf-8", "replace")


def words_of(text: str) -> list[str]:
    return [match[0] for match in WORDS.finditer(text)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {name: words for name, text in tracked_texts() if (words := words_of(text))}
    assert not found


@pytest.mark.parametrize("folder", ["work/main/src", "root", "home/ann/runs", "Users/ann", "tmp/bash_jobs.0"])
def test_machine_paths_are_seen(folder: str) -> None:
    for before in ("", "see ", '"', "(", "file=", "`"):
        assert words_of(f"{before}/{folder}")


@pytest.mark.parametrize("host", [("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org")])
def test_hosts_are_seen(host: tuple[str, ...]) -> None:
    assert words_of(f"https://{'.'.join(host)}/simple")


@pytest.mark.parametrize(
    "text", ["a/work/b", "../work", "/workshop", "and/or root", "pip install lamina", "~/work", "/tmp"]
)
def test_other_words_pass(text: str) -> None:
    assert not words_of(text)
