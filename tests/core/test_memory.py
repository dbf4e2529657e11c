"""What `import lamina` asks of the C library."""

import os
import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import resource
import jax.numpy as jnp
import lamina

@lamina.compile
def work(x):
    table = lamina.ops.cumsum(lamina.ops.matmul(x, x.T), 0)  # 100 MB, more than a thread's own heap can hold
    return table[-1].sum()

x = lamina.Tensor(jnp.ones((5000, 2)))
for _ in range(4):
    work(x).numpy()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work(x).numpy()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(**environment: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc")
def test_a_compiled_program_gets_the_pages_that_it_had_before() -> None:
    assert _faults() < 1000
    assert _faults(LAMINA_MALLOC="system") > 10000
