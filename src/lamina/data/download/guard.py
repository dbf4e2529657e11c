"""Which members of an archive may be written, and where. Nothing is repaired: a strange archive is refused whole."""

import unicodedata

from ...core import FileFormatError

_DEPTH = 64
_NAME_BYTES = 255

Parts = tuple[str, ...]


class Guard:
    """Judges one member after the other; what it lets through lies inside the folder and overwrites nothing.

    It decides by the names alone, and the same way on every system: two names that one of them would take for
    the same (Readme and README, or é in one or two code points) do not both pass.

    Args:
        who: the function and the archive named in errors.
        most: how many members an archive may have.

    Example:
        >>> guard = Guard("unpack", most=10)
        >>> guard.admit("./photos/cat.png", is_folder=False)
        ('photos', 'cat.png')
        >>> guard.admit("photos/../../cat.png", is_folder=False)
        Traceback (most recent call last):
        lamina.core.errors.FileFormatError: unpack: a member of the archive lies inside it. ...
    """

    def __init__(self, who: str, most: int) -> None:
        self._who, self._most, self._count = who, most, 0
        self._known: dict[Parts, tuple[Parts, bool]] = {}  # by folded path: as it was written, and whether a folder

    def admit(self, name: str, is_folder: bool) -> Parts:
        """The path of a member below the folder; () is the folder itself.

        Raises:
            FileFormatError: the name leads elsewhere, cannot be one everywhere, or is taken.
        """
        self._count += 1
        if self._count > self._most:
            raise self.refusal("an archive has a limited number of members", f"{self._most} at most", "more")
        parts = self._parts(name, is_folder)
        for end in range(1, len(parts)):
            self._place(parts[:end], True, name)
        if parts:
            self._place(parts, is_folder, name)
        return parts

    def _parts(self, name: str, is_folder: bool) -> Parts:
        parts = tuple(part for part in name.removesuffix("/" if is_folder else "").split("/") if part != ".")
        if not all(map(_is_name, parts)) or len(parts) > _DEPTH or not (parts or is_folder):
            raise self.refusal(
                "a member of the archive lies inside it",
                "a relative path of plain names, without '..', drive letters or backslashes",
                ascii(name[:200]),
            )
        return parts

    def _place(self, parts: Parts, is_folder: bool, name: str) -> None:
        """Enter a path; a folder may come again, written the same way."""
        known = self._known.setdefault(tuple(map(_folded, parts)), (parts, is_folder))
        new = known[0] is parts
        if not new and not (is_folder and known == (parts, True)):
            raise self.refusal(
                "no two members of the archive have one name",
                "names that differ on every system, upper and lower case being one",
                f"{ascii(name[:200])} beside {ascii('/'.join(known[0])[:200])}",
            )

    def refusal(self, rule: str, expected: str, received: str) -> FileFormatError:
        """The error for an archive that is not to be trusted."""
        remedy = "Do not use this archive; ask its publisher for a clean one"
        return FileFormatError(self._who, rule, expected=expected, received=received, remedy=remedy)


def _is_name(part: str) -> bool:
    """Whether every system keeps this as one name: Windows drops final dots and blanks, and a colon opens a drive."""
    try:
        short = 0 < len(part.encode()) <= _NAME_BYTES
    except UnicodeEncodeError:  # bytes that are not UTF-8
        return False
    control = any(unicodedata.category(letter) == "Cc" for letter in part)
    return short and not control and not set(part) & set("\\:") and part[-1] not in ". "


def _folded(part: str) -> str:
    """One form for all names that some file system takes for the same."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", part).casefold())
