"""When kernels serve, and what happens without a compiler."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lamina.native import KernelError, compile_kernels, compiler, has_kernels, native_kernels

COUNT = "import lamina, numpy as np; print(lamina.native.has_kernels(), lamina.ops.gelu(np.float32(1)).item())"


def run(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_switched_off_by_the_environment() -> None:
    assert run(LAMINA_KERNELS="off") == "False 0.8413447141647339\n"


@pytest.mark.skipif(not has_kernels(), reason="no kernels: `make` found no C++ compiler")
def test_they_serve_float32_and_can_be_switched_off() -> None:
    assert has_kernels(np.zeros(1, np.float32)) and not has_kernels(np.zeros(1, np.float16))
    with native_kernels(False):
        assert not has_kernels()
    assert run().startswith("True 0.84134")


def test_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(KernelError, match="Expected g\\+\\+ or clang\\+\\+, received c\\+\\+ g\\+\\+ clang\\+\\+"):
        compile_kernels()


def test_a_compiler_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "c++"
    broken.write_text("#!/bin/sh\necho 'kernels.cc:1: error: no such vectors' >&2\nexit 1\n")
    broken.chmod(0o755)
    target = tmp_path / "compiled" / "kernels-1.so"
    target.parent.mkdir()
    target.write_text("older")
    monkeypatch.setattr(compiler, "library_path", lambda: target)
    with pytest.raises(KernelError, match="received kernels.cc:1: error: no such vectors"):
        compile_kernels(str(broken))
    assert target.read_text() == "older" and list(target.parent.iterdir()) == [target]


def test_another_source_is_another_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "_FOLDER", tmp_path)
    (tmp_path / "kernels.cc").write_text("one")
    first = compiler.library_path()
    (tmp_path / "kernels.cc").write_text("two")
    assert compiler.library_path() != first and first.parent == tmp_path / "compiled"
