"""`lamina compile-kernels`: machine code for this processor."""

from typing import Annotated

import typer

from .. import native
from .output import out


def compile_kernels(
    compiler: Annotated[
        str | None, typer.Option(help="A C++17 compiler; by default CXX, c++, g++ or clang++.", show_default=False)
    ] = None,
    optional: Annotated[bool, typer.Option("--optional", help="Without a compiler: say so, and end well.")] = False,
) -> None:
    """Compile the kernels that make recurrent layers and attention faster on this computer's processor."""
    try:
        path = native.compile_kernels(compiler)
    except native.KernelError as error:
        if not optional:
            raise
        out().print(f"No kernels: {error}", soft_wrap=True, highlight=False)
        return
    out().print(f"Kernels for this processor: {path}", soft_wrap=True, highlight=False)
