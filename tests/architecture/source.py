"""Reads Lamina's source as text and syntax trees, without importing it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "lamina"

Files = dict[str, str]  # path below src/lamina, such as "core/tensor.py" -> text


def lamina_files() -> Files:
    return {path.relative_to(SRC).as_posix(): path.read_text("utf-8") for path in sorted(SRC.rglob("*.py"))}


def module_name(path: str) -> str:
    """core/tensor.py -> lamina.core.tensor, core/__init__.py -> lamina.core"""
    parts = path.removesuffix(".py").split("/")
    return ".".join(["lamina", *(parts[:-1] if parts[-1] == "__init__" else parts)])


def room_of(module: str) -> str:
    """lamina.core.tensor -> core; the front door itself, lamina, is the room ''."""
    return (module.split(".") + [""])[1]


@dataclass(frozen=True)
class Import:
    """One imported module: `target` is what Python loads, a sub-module rather than its package where there is one."""

    line: int
    target: str
    relative: bool
    in_function: bool
    for_types_only: bool


def imports_of(path: str, files: Files) -> Iterator[Import]:
    """Every import in the file, wherever it stands."""
    modules = {module_name(other) for other in files}
    package = module_name(path).split(".")[: None if path.endswith("__init__.py") else -1]

    def targets(node: ast.Import | ast.ImportFrom) -> set[str]:
        if isinstance(node, ast.Import):
            return {alias.name for alias in node.names}
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        names = {f"{base}.{alias.name}" for alias in node.names}
        return {name if name in modules else base for name in names}

    def walk(node: ast.AST, in_function: bool, for_types_only: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            relative = isinstance(node, ast.ImportFrom) and node.level > 0
            for target in sorted(targets(node)):
                yield Import(node.lineno, target, relative, in_function, for_types_only)
        in_function |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types_only |= isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for child in ast.iter_child_nodes(node):
            yield from walk(child, in_function, for_types_only)

    yield from walk(ast.parse(files[path]), False, False)
