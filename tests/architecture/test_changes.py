"""The fragments in docs/changes can be joined: each name tells the issue and the kind of change."""

import re

import pytest

from architecture.source import ROOT

KINDS = ("added", "changed", "fixed", "removed", "faster")
NAME = re.compile(rf"\d+\.(?:{'|'.join(KINDS)})(?:\.[a-z0-9-]+)?\.md")


def test_every_fragment_has_a_name_that_tells_its_place() -> None:
    fragments = [path for path in (ROOT / "docs" / "changes").iterdir() if path.name != "README.md"]
    assert [path.name for path in fragments if not NAME.fullmatch(path.name) or not path.read_text().strip()] == []


def test_the_guide_names_the_same_kinds() -> None:
    guide = (ROOT / "docs" / "changes" / "README.md").read_text()
    assert tuple(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) == KINDS


@pytest.mark.parametrize("name", ["added.md", "2.new.md", "2.added.txt", "2.added.Conv.md", "notes"])
def test_other_names_are_refused(name: str) -> None:
    assert not NAME.fullmatch(name)
