"""Workers are asked in turns; one that fails does not stop the others."""

from pathlib import Path

import pytest
from contest import PEERS, Contest, Peer
from workloads import SIZES


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp", "predict1-mlp"])
def test_every_figure_is_filled_in(name: str, tmp_path: Path) -> None:
    peers = {"lamina": PEERS["lamina"], "absent": Peer("nobody", None, "no_such_module")}
    entries = Contest(peers, 1, 60.0, "quick", 1, tmp_path, lambda text: None).run(SIZES["quick"][name])
    lamina, absent = entries
    assert not lamina.error and "no_such_module" in absent.error and not absent.seconds
    assert len(lamina.seconds) == 1 and lamina.seconds[0] > 0 and lamina.peak_mb > 50
    assert 0 < lamina.import_seconds < lamina.start_seconds and lamina.first_seconds > 0
    assert lamina.warm_seconds is not None and lamina.accuracy is not None
    answers = len(lamina.p99), len(lamina.called), len(lamina.called_p99)
    assert answers == ((1, 1, 1) if name == "predict1-mlp" else (0, 0, 0))


def test_peers_take_part_in_what_they_are_for() -> None:
    training, answering = SIZES["full"]["gpt"], SIZES["full"]["predict1-gpt"]
    ordinary = {"lamina", "torch", "torch-fused", "torch-compiled", "keras-tf", "keras-jax", "flax"}
    assert {name for name, peer in PEERS.items() if peer.takes_part(answering)} == ordinary
    assert {name for name, peer in PEERS.items() if peer.takes_part(training)} == ordinary | {"keras-jax-steps"}
    updates, generate = SIZES["full"]["updates"], SIZES["full"]["generate"]
    assert {name for name, peer in PEERS.items() if peer.takes_part(updates)} == {"lamina", "optax"}
    assert {name for name, peer in PEERS.items() if peer.takes_part(generate)} == {"lamina", "transformers"}
