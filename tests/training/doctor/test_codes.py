"""Every code is planted by a test, explained on the page of the docs, and nowhere else."""

import re
from pathlib import Path

from training.doctor.planted import PLANTED

ROOT = Path(__file__).parents[3]
FOUND_OTHERWISE = {"time", "memory", "step-refused", "targets-refused"}


def test_the_page_names_every_code() -> None:
    rows = [line.split("|")[1] for line in (ROOT / "docs" / "doctor.md").read_text().splitlines() if line[:3] == "| `"]
    explained = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    assert explained == {planted.code for planted in PLANTED.values()} | FOUND_OTHERWISE


def test_the_sources_know_no_other() -> None:
    folder = ROOT / "src" / "lamina" / "training" / "doctor"
    text = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "finding.py")
    codes = set(re.findall(r'(?:Finding\(|of_error\()\s*"([a-z-]+)"', text))
    assert len(codes) > 40 and codes <= {planted.code for planted in PLANTED.values()} | FOUND_OTHERWISE
