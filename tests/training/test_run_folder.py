import json
from pathlib import Path

import jax
import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.training.run_folder import RunFolder, fingerprint, machine, versions


def test_the_config_says_with_what_and_where(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "a" / "b")
    run.write_config({"seed": 1})
    run.write_config({"seed": 2})
    config = json.loads(run.config.read_text())
    assert config["seed"] == 2 and config["versions"]["jax"] == jax.__version__
    assert len(config["machine"]["devices"]) == len(jax.devices())
    assert [path.name for path in run.path.iterdir()] == ["config.json"]


def test_a_run_never_overwrites_another(tmp_path: Path) -> None:
    RunFolder(tmp_path / "empty").write_config({})
    with pytest.raises(ArgumentError, match="never overwrites"):
        RunFolder(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match="new or empty"):
        RunFolder(tmp_path / "file")


def test_steps_are_read_back(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    lines = [{"kind": "step", "loss": 1.5}, {"kind": "step", "loss": None}, {"kind": "epoch", "loss": 9.0}]
    run.metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run.steps("loss")[0] == 1.5 and np.isnan(run.steps("loss")[1]) and len(run.steps("loss")) == 2


def test_a_fingerprint_is_of_type_shape_and_values() -> None:
    x = np.arange(6, dtype=np.int32)
    others = [x.reshape(2, 3), x.astype(np.int64), x + 1, np.roll(x, 1)]
    assert len({fingerprint(array) for array in (x, *others)}) == 5
    assert fingerprint(x[::2]) == fingerprint(np.array([0, 2, 4], np.int32))


def test_facts() -> None:
    assert set(versions()) == {"python", "lamina", "jax", "jaxlib", "numpy"}
    here = machine()
    assert here["cores"] >= 1 and (here["memory"] is None or here["memory"] > 2**28)
