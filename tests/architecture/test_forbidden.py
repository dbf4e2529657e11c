"""A file that people exchange holds no code, and nothing in Lamina could run it: no pickle, eval or import by name."""

import ast
from collections.abc import Iterator

import pytest

from architecture.source import lamina_files

MODULES = {
    "pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib",  # data that is code
    "importlib", "imp", "runpy", "pkgutil", "pydoc", "code", "codeop",  # code by name or by text
}  # fmt: skip
HARMLESS = {"importlib.metadata", "importlib.resources"}
LOADER = "core/optional.py"  # the one place that imports by name, names written in Lamina's code
BUILTINS = {"eval", "exec", "compile", "__import__"}
ATTRIBUTES = {"import_module", "read_pickle", "to_pickle"}
CALLS = {"yaml.load", "yaml.unsafe_load", "torch.load", "os.system", "os.popen", "np.load", "numpy.load", "jnp.load"}


def bound_names(tree: ast.AST) -> set[str]:
    """Names that the file itself defines, so that they do not mean the builtin."""
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.asname or node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def wrong_with_import(name: str) -> str | None:
    if any(name == harmless or name.startswith(f"{harmless}.") for harmless in HARMLESS):
        return None
    if name.partition(".")[0] in MODULES or name in CALLS | {f"builtins.{builtin}" for builtin in BUILTINS}:
        return f"imports {name}"
    return None


def wrong_with_call(node: ast.Call) -> Iterator[str]:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if "shell" in keywords and not is_false(keywords["shell"]):
        yield "runs a shell"
    if "allow_pickle" in keywords and not is_false(keywords["allow_pickle"]):
        yield "allows pickle"
    name = ast.unparse(node.func)
    if name in CALLS and not (name in {"np.load", "numpy.load"} and "allow_pickle" in keywords):
        yield f"calls {name}" + (" without allow_pickle=False" if "np" in name or "numpy" in name else "")


def violations(text: str) -> Iterator[str]:
    tree = ast.parse(text)
    builtins = BUILTINS - (bound_names(tree) & {"compile"})  # lamina.compile is not the builtin
    for node in ast.walk(tree):
        wrong = [complaint for name in imported(node) if (complaint := wrong_with_import(name))]
        if isinstance(node, ast.Name) and node.id in builtins:
            wrong.append(f"uses {node.id}")
        if isinstance(node, ast.Attribute) and (
            node.attr in ATTRIBUTES or (node.attr in BUILTINS and ast.unparse(node.value) == "builtins")
        ):
            wrong.append(f"uses {ast.unparse(node)}")
        if isinstance(node, ast.Call):
            wrong += wrong_with_call(node)
        for complaint in wrong:
            yield f"line {getattr(node, 'lineno', 0)}: {complaint}"


@pytest.mark.parametrize("path", lamina_files())
def test_no_file_could_run_code_that_it_was_given(path: str) -> None:
    found = list(violations(lamina_files()[path]))
    assert path == LOADER or not found


def test_the_loader_imports_by_name_and_does_nothing_else_of_the_kind() -> None:
    rules = {complaint.partition(": ")[2] for complaint in violations(lamina_files()[LOADER])}
    assert rules == {"imports importlib", "uses importlib.import_module"}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from pickle import loads",
        "import os, marshal as m",
        "def f():\n    import shelve",
        "import importlib",
        "import importlib.util",
        "from importlib import import_module",
        "from importlib import util",
        "load = importlib.import_module",
        "import runpy",
        "eval('1')",
        "exec(text)",
        "compile(text, 'f', 'exec')",
        "__import__('os')",
        "run = eval",
        "def eval(x): return x\neval('1')",
        "import builtins\nbuiltins.exec('1')",
        "from builtins import eval as e",
        "subprocess.run(line, shell=True)",
        "subprocess.run(line, shell=flag)",
        "import os\nos.system('ls')",
        "from os import popen",
        "yaml.load(f)",
        "torch.load(f)",
        "from yaml import load",
        "np.load(f)",
        "from numpy import load",
        "jnp.load(f, allow_pickle=False)",
        "np.load(f, allow_pickle=True)",
        "np.load(f, allow_pickle=flag)",
        "np.save(f, x, allow_pickle=True)",
        "pd.read_pickle(f)",
    ],
)
def test_forbidden(text: str) -> None:
    assert list(violations(text))


@pytest.mark.parametrize(
    "text",
    [
        "from .compile import compile\ncompile(step)",
        "def compile(step): return step\nfast = compile(step)",
        "import re\nre.compile('x')\nmodel.compile(optimizer='adam')",
        "from importlib.metadata import version\nimport importlib.resources",
        "model.eval()",
        "np.load(f, allow_pickle=False)",
        "subprocess.run(['ls'], shell=False)",
        "json.load(f)",
    ],
)
def test_allowed(text: str) -> None:
    assert not list(violations(text))
