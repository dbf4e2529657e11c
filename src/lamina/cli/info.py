"""`lamina info` and `lamina datasets`: what is here."""

import os

import jax

from ..datasets import catalogue
from ..training.run_folder import machine, versions
from .output import out, size, table


def info() -> None:
    """Print versions, devices, memory and settings: what a bug report needs."""
    here = machine()
    rows = [
        *versions().items(),
        ("system", here["system"]),
        ("processor", f"{here['processor']}, {here['cores']} cores"),
        ("memory", size(here["memory"])),
        ("devices", ", ".join(here["devices"])),
        ("kernels", "compiled" if here["kernels"] else "none (lamina compile-kernels makes them)"),
        ("64-bit floats", "on" if here["x64"] else "off (the default)"),
        ("compilation cache", str(jax.config.values["jax_compilation_cache_dir"] or "off (JAX_COMPILATION_CACHE_DIR)")),
    ]
    rows += [
        (name, value) for name, value in sorted(os.environ.items()) if name.startswith(("LAMINA_", "JAX_", "XLA_"))
    ]
    out().print(table("", ("", ""), rows, right=False))


def datasets() -> None:
    """List the data sets that Lamina can load."""
    rows = []
    for data in catalogue():
        task = f"{data.classes} classes" if data.classes else "a text" if data.dtype == "str" else "a number"
        shape = " x ".join(map(str, data.shape))
        count = f"{data.rows:,}" if data.rows is not None else "any"
        rows.append((data.name, count, shape, data.dtype, task, f"lamina[{data.extra}]" if data.extra else "included"))
    out().print(table("", ("name", "rows", "shape", "type", "to predict", "needs"), rows, right=False))
