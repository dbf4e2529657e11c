"""What the doctor says: findings, each with what was seen, the numbers behind it and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from ...core import LaminaError, require

Severity = Literal["error", "warning", "note"]
_COLOURS = {"error": "bold red", "warning": "yellow", "note": "dim"}


class DoctorWarning(UserWarning):
    """`fit` was told to train something that looks wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found before training.

    Args:
        code: names the kind of finding; it never changes.
        severity: "error": training cannot make sense; "warning": it will be poor, slow or deceptive; "note": to know.
        what: the sentence for people.
        evidence: the numbers that show it.
        remedy: what to do.

    Example:
        >>> print(Finding("dropout-last", "warning", "the last layer is Dropout", "layer 'dropout'", "Take it off"))
        the last layer is Dropout (layer 'dropout'). Take it off. [dropout-last]
    """

    code: str
    severity: Severity
    what: str
    evidence: str
    remedy: str

    @classmethod
    def of_error(cls, code: str, error: LaminaError) -> Self:
        """What `fit` would refuse, as a finding."""
        evidence = f"expected {error.expected}, received {error.received}"
        return cls(code, "error", f"{error.who}: {error.rule}", evidence, error.remedy)

    def __str__(self) -> str:
        stop = "" if self.remedy.endswith("?") else "."
        return f"{self.what} ({self.evidence}). {self.remedy}{stop} [{self.code}]"


def findings_table(findings: Sequence[Finding]) -> Any:
    """The findings as a rich table, the gravest first.

    Example:
        >>> findings_table([Finding("a", "note", "b", "c", "d")]).row_count
        1
    """
    text = require("rich.text").Text
    table = require("rich.table").Table(box=require("rich.box").SIMPLE_HEAD, show_lines=True)
    for name in ("", "what", "evidence", "remedy"):
        table.add_column(name, overflow="fold")
    for finding in sorted(findings, key=lambda f: list(_COLOURS).index(f.severity)):
        kind = text(f"{finding.severity}\n{finding.code}", style=_COLOURS[finding.severity])
        table.add_row(kind, text(finding.what), text(finding.evidence), text(finding.remedy))
    return table
