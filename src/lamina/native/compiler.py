"""Compiling the kernels on the machine that runs them."""

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import jax

from ..core import LaminaError

_FOLDER = Path(__file__).parent
_OPTIONS = ("-std=c++17", "-O3", "-fPIC", "-shared")


class KernelError(LaminaError, RuntimeError):
    """Kernels could not be compiled."""


def _processor() -> str:
    """What the processor understands: code made for it may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine() + platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.machine())


def library_path() -> Path:
    """Where the kernels are for this source, this JAX and this processor, once they are compiled."""
    digest = hashlib.sha256(f"{version('jaxlib')} {platform.machine()} {_processor()}".encode())
    for source in sorted([*_FOLDER.glob("*.h"), *_FOLDER.glob("*.cc")]):
        digest.update(source.read_bytes())
    return _FOLDER / "compiled" / f"kernels-{digest.hexdigest()[:16]}.so"


def compile_kernels(compiler: str | None = None) -> Path:
    """Compile the kernels for this processor; a process that starts afterwards uses them.

    It takes some seconds. They lie in the package's own folder, which must be writable for that, and are compiled again
    after an update of Lamina or JAX, or on another processor.

    Args:
        compiler: a C++17 compiler with GCC's vectors (g++ or clang++); by default that in the environment's CXX, or
            the first of c++, g++, clang++ that is found.

    Returns:
        The library's file.

    Raises:
        KernelError: there is no compiler, or it failed.
        OSError: the folder cannot be written to.

    Example:
        >>> compile_kernels("no-such-compiler")
        Traceback (most recent call last):
        lamina.native.compiler.KernelError: compile_kernels: a C++ compiler makes the kernels. Expected g++ or clang++,
        received no-such-compiler. Install one, or go on without: the plain forms give the same numbers, slower.
    """
    names = [compiler or os.environ.get("CXX", "")] if compiler or os.environ.get("CXX") else ["c++", "g++", "clang++"]
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise _refuse("a C++ compiler makes the kernels", "g++ or clang++", " ".join(names))
    target = library_path()
    target.parent.mkdir(exist_ok=True)
    native = "-mcpu=native" if platform.machine() == "arm64" else "-march=native"
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / target.name
        command = [
            program,
            *_OPTIONS,
            native,
            "-isystem",
            jax.ffi.include_dir(),
            str(_FOLDER / "kernels.cc"),
            "-o",
            str(made),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            error = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[-200:])
            raise _refuse("the compiler accepts the kernels", "C++17 with GCC's vectors", error)
        made.replace(target)
    for old in target.parent.glob("kernels-*.so"):
        if old != target:
            old.unlink(missing_ok=True)
    return target


def _refuse(rule: str, expected: str, received: str) -> KernelError:
    remedy = "Install one, or go on without: the plain forms give the same numbers, slower"
    return KernelError("compile_kernels", rule, expected=expected, received=received, remedy=remedy)
