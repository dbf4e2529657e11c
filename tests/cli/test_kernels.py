"""`lamina compile-kernels`."""

from pathlib import Path
from typing import Any

import pytest

from lamina import native


def test_no_compiler_is_an_error_unless_kernels_are_optional(lamina: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    done = lamina("compile-kernels")
    assert done.code == 1 and "received no-such-compiler" in done.err
    done = lamina("compile-kernels", "--optional")
    assert done.code == 0 and "No kernels: compile_kernels: a C++ compiler makes" in done.out


def test_says_where_they_are(lamina: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "compile_kernels", lambda compiler: Path("/here") / compiler)
    assert lamina("compile-kernels", "--compiler", "g++").out == "Kernels for this processor: /here/g++\n"
