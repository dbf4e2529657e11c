"""Every planted mistake is found under its code, with evidence and its remedy."""

import re

import pytest

from lamina.core import set_seed
from training.doctor.planted import PLANTED, Planted

AT_WORK = {"future-seen", "rows-meet", "dead-units", "saturated-units", "loss-at-start", "loss-not-finite"}
AT_WORK |= {"learning-rate-high", "learning-rate-low", "weights-do-not-learn"}


def test_there_are_enough() -> None:
    assert len(PLANTED) >= 50 and len({planted.code for planted in PLANTED.values()}) >= 35


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_it_is_found(planted: Planted) -> None:
    set_seed(0)
    model, data = planted.make()
    found = {finding.code: finding for finding in model.check(**data, run_model=planted.code in AT_WORK, verbose=0)}
    assert planted.code in found, list(found)
    assert re.search(planted.remedy, found[planted.code].remedy)
    assert re.search(r"\d|nan|the last", found[planted.code].evidence)
