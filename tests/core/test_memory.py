"""What `import lamina` asks of the C library."""

import os
import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
import jax.numpy as jnp
import lamina

@lamina.compile
def work(x):
    table = lamina.ops.cumsum(lamina.ops.matmul(x, x.T), 0)
    return table[-1].sum()

x = lamina.Tensor(jnp.ones((int(sys.argv[1]), 2)))
for _ in range(4):
    work(x).numpy()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work(x).numpy()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc")


def _faults(rows: int, **environment: str) -> int:
    """Page faults of a call that makes a table of so many rows and columns, when others have made it before."""
    command = [sys.executable, "-c", _PROGRAM, str(rows)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_compiled_program_gets_the_pages_that_it_had_before() -> None:
    assert _faults(5000) < 1000  # 100 MB, more than a thread's own heap can hold
    assert _faults(5000, LAMINA_MALLOC="system") > 10000


@pytest.mark.slow
def test_blocks_of_more_than_a_gibibyte_are_kept_too() -> None:
    assert _faults(13_000) < 1000  # two tables in one block
