"""The guard's verdict on names equals that of a slow reference, which looks at every pair and asks the real system."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from lamina.core import FileFormatError
from lamina.data.download.guard import Guard

ORDINARY = ["a", "b", "data", "A", "Data", "é", "e\u0301", "É", "ß", "SS", "ss", "x.y", ".hidden", "日本", "a b"]
STRANGE = [
    "..",
    ".",
    "",
    "c:",
    "a:b",
    "a\\b",
    "\\",
    "a.",
    "a ",
    "...",
    "a\0b",
    "a\nb",
    "\x7f",
    "n" * 256,
    "\udcff",
    "~",
]

Names = list[tuple[str, bool]]


def random_names(rng: np.random.Generator) -> Names:
    """Some nested members, mostly ordinary, of few names, so that they clash often."""
    odds = rng.choice([0.0, 0.02, 0.3])
    some = rng.choice(len(ORDINARY), 4)

    def component() -> str:
        return str(rng.choice(STRANGE)) if rng.random() < odds else ORDINARY[rng.choice(some)]

    def name() -> str:
        path = "/".join(component() for _ in range(rng.integers(1, 5)))
        return ("/" if rng.random() < odds / 3 else "./" if rng.random() < 0.1 else "") + path

    members = [(name(), bool(rng.random() < 0.3)) for _ in range(rng.integers(1, 7))]
    return [(path + "/" if folder and rng.random() < 0.5 else path, folder) for path, folder in members]


def admitted(names: Names) -> list[tuple[str, ...]] | None:
    guard = Guard("test", most=100)
    try:
        return [guard.admit(name, folder) for name, folder in names]
    except FileFormatError:
        return None


# -- the reference ----------------------------------------------------------------------------------
def lies_inside(name: str, root: Path) -> bool:
    """What the operating system makes of it, with each way of writing a path; and no way up, even if it comes back."""
    for path in (name, name.replace("\\", "/")):
        if "\0" in path or ".." in path.split("/"):
            return False
        real = os.path.realpath(root / path)
        if real != str(root) and not real.startswith(f"{root}/"):
            return False
    return True


def is_portable(name: str) -> bool:
    for part in name.split("/"):
        if part == ".":
            continue
        if not part or len(part.encode("utf-8", "surrogatepass")) > 255 or part.endswith((".", " ")):
            return False
        for letter in part:
            if ord(letter) < 32 or 127 <= ord(letter) < 160 or letter in ":\\" or "\ud800" <= letter <= "\udfff":
                return False
    return True


def caseless(text: str) -> str:
    """Canonical caseless matching, as Unicode defines it (D145)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())


def clash(one: tuple[str, bool], other: tuple[str, bool]) -> bool:
    """Whether two members would need the same place for different things."""
    for a in range(1, len(one[0].split("/")) + 1):
        for b in range(1, len(other[0].split("/")) + 1):
            left, right = "/".join(one[0].split("/")[:a]), "/".join(other[0].split("/")[:b])
            both_folders = (left != one[0] or one[1]) and (right != other[0] or other[1])
            if caseless(left) == caseless(right) and not (left == right and both_folders):
                return True
    return False


def reference(names: Names, root: Path) -> bool:
    plain = []
    for name, folder in names:
        bare = name[:-1] if folder and name.endswith("/") else name
        if not lies_inside(bare, root) or not is_portable(bare) or bare.startswith("/"):
            return False
        path = "/".join(part for part in bare.split("/") if part != ".")
        if not path and not folder:
            return False
        plain.append((path, folder))
    plain = [member for member in plain if member[0]]
    for path, folder in plain:  # within one name: a/A/a is fine, each lies in another folder
        assert not clash((path, folder), (path, True)) or not folder
    return not any(clash(one, other) for i, one in enumerate(plain) for other in plain[:i])


def compare(seed: int, count: int, root: Path) -> int:
    rng = np.random.default_rng(seed)
    passed = 0
    for _ in range(count):
        names = random_names(rng)
        found = admitted(names)
        assert (found is not None) == reference(names, root), names
        if found is not None:
            passed += 1
            assert all(os.path.realpath(root.joinpath(*parts)).startswith(str(root)) for parts in found)
    return passed


def test_it_equals_the_reference(tmp_path: Path) -> None:
    passed = compare(0, 1500, tmp_path.resolve())
    assert 300 < passed < 1200  # both verdicts are common


@pytest.mark.slow
def test_it_equals_the_reference_at_length(tmp_path: Path) -> None:
    assert compare(1, 60_000, tmp_path.resolve()) > 10_000


# -- by hand ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["../a", "a/../b", "a/..", "/a", "//a", "a//b", "C:/a", "C:a", "a\\..\\b", "\\\\host\\a", "", "..", ". ", "a/b.",
     "a\0", "a\r", "a:stream", "/", "a" * 256, "a/" * 65 + "a", "\udcff"],
)  # fmt: skip
def test_refused_names(name: str) -> None:
    assert admitted([(name, False)]) is None and admitted([(f"{name}/b", False)]) is None


@pytest.mark.parametrize(
    "name", ["a", "./a", "a/./b", "a/b/c.txt", "..a", "a..b", ".a", "-rf", "~", "$HOME", "a" * 255]
)
def test_ordinary_names(name: str) -> None:
    assert admitted([(name, False)]) is not None


@pytest.mark.parametrize(
    "names",
    [
        [("a", False), ("a", False)],
        [("a", False), ("A", False)],
        [("a", False), ("a", True)],
        [("a", False), ("a/b", False)],
        [("a/b", False), ("a", False)],
        [("a/b", False), ("A/c", False)],
        [("a", True), ("A", True)],
        [("é", False), ("e\u0301", False)],
        [("straße", False), ("STRASSE", False)],
    ],
)
def test_clashes(names: Names) -> None:
    assert admitted(names) is None and admitted(names[:1]) is not None


def test_a_folder_may_come_twice() -> None:
    assert admitted([("a/b", False), ("a", True), ("a/", True), ("./", True), ("a/c", False)])


def test_the_number_of_members_is_limited() -> None:
    guard = Guard("test", most=2)
    guard.admit("a", False), guard.admit("b", False)
    with pytest.raises(FileFormatError, match="limited number"):
        guard.admit("c", False)
