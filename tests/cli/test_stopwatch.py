import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import pytest

from lamina.cli.stopwatch import Stopwatch, covered, since_process_start


def test_compiling_counts_apart() -> None:
    watch = Stopwatch()
    with watch.phase("work"):
        jax.jit(lambda x: jnp.linalg.qr(jnp.sin(x))[0].sum())(jnp.ones((7, 7)))
        time.sleep(0.2)
    assert 0.2 <= watch.seconds["work"] and watch.seconds["compiling"] > 0.001
    before = watch.seconds["compiling"]
    jax.jit(lambda x: jnp.cos(x) * 2)(jnp.ones(9))  # outside any phase
    with watch.phase("work"):
        time.sleep(0.01)
    assert watch.seconds["compiling"] == before


def test_a_phase_that_fails_counts_too() -> None:
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError), watch.phase("work"):
        print(1 / 0)
    assert watch.seconds["work"] > 0


def test_covered() -> None:
    assert covered([]) == 0
    assert covered([(3.0, 4.0), (0.0, 1.0), (0.5, 3.5)]) == 4.0


def test_the_process_knows_its_age() -> None:
    code = "import time; time.sleep(0.5); from lamina.cli.stopwatch import since_process_start as s; print(s())"
    start = time.perf_counter()
    age = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert 0.45 < age < time.perf_counter() - start + 0.05
    assert since_process_start() > 0
