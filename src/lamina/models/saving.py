"""The `.lamina` file: a zip of config.json, weights.safetensors and metadata.json, and no code.

Names in it are looked up in closed tables; nothing in it is imported, evaluated or opened as a
path. Members are stored without compression, so a file cannot unpack to more than its size.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np
from safetensors.numpy import save as save_tensors

from .. import activations, losses, metrics, optimizers
from ..core import ArgumentError, LaminaError, Variable, is_float, ops
from ..core.archive import damaged, read_archive, write_archive
from ..core.budget import budget
from ..core.config import serialize
from ..core.files import write_whole
from ..core.json_data import from_json, to_json
from ..core.tensor_file import SHA256, SIGNED, checksum, load_tensors, peek_into
from ..layers.layer import Layer, get, registry

T = TypeVar("T")
FORMAT = 1
CONFIG, WEIGHTS = "config.json", "weights.safetensors"
MODEL, OPTIMIZER = "model/", "optimizer/"
_ENTRIES = {"format", "model", "compile", "built_on"}
_SMALL = 2**22  # what a file may describe in numbers beyond those it holds: 4000 layers without weights, or constants,
_PARTS, _STATE = 2000, 2**24  # and in layers, losses, ...; and the state of metrics
log = logging.getLogger("lamina.models")


def register(item: T) -> T:
    """Decorator: let a class or function of the running program be named in model files.

    A file can only name what is registered; loading never imports anything.

    Args:
        item: a Layer or Model class, a loss, metric or optimizer class, or a function of tensors
            (for use as activation).

    Example:
        >>> import lamina
        >>> @lamina.register
        ... class Twice(lamina.layers.Layer):
        ...     def call(self, inputs):
        ...         return inputs * 2.0
        >>> lamina.layers.get({"class_name": "Twice", "config": {}}).call(3.0)
        6.0
    """
    named: Any = item
    tables: list[tuple[type, Any]] = [
        (Layer, registry), (losses.Loss, losses.registry), (metrics.Metric, metrics.registry),
        (optimizers.Optimizer, optimizers.registry),
    ]  # fmt: skip
    for base, table in tables:
        if isinstance(item, type) and issubclass(item, base):
            return table.register()(item)
    if isinstance(item, type) or not callable(item):
        raise ArgumentError(
            "register",
            "only parts of models can be named in files",
            expected="a Layer, Loss, Metric or Optimizer class, or a function of tensors",
            received=repr(item),
            remedy="Derive it from one of these",
        )
    activations.registry.add(named, named.__name__)
    return ops.add(named, named.__name__)  # type: ignore[return-value]


def _tensors(variables: Mapping[str, Variable], prefix: str) -> dict[str, np.ndarray]:
    return {prefix + name: v.numpy() for name, v in variables.items()}


def _optimizer_variables(model: Any) -> dict[str, Variable]:
    """The optimizer's state by number: its order is that of the model's variables."""
    if model.optimizer is None:
        return {}
    model.optimizer.build(model.trainable_variables)
    return {f"{i}": v for i, v in enumerate(model.optimizer.variables)}


def save_model(model: Any, path: str | Path) -> None:
    """See `Model.save`."""
    path = Path(path)
    if path.suffix != ".lamina":
        raise ArgumentError(
            "Model.save",
            "a model file ends in .lamina",
            expected="a path such as model.lamina",
            received=str(path),
            remedy="Change the name; save_weights writes .safetensors",
        )
    if not model.built:
        raise ArgumentError(
            "Model.save",
            "a model can be saved when its weights exist",
            expected="a built model",
            received="one that has not seen an input",
            remedy="Call it on data first, or give Input or input_shape",
        )
    config = {
        "format": FORMAT,
        "model": _describe(model),
        "compile": _compile_config(model),
        "built_on": model.built_on,
    }
    tensors = _tensors(model.named_variables(), MODEL) | _tensors(_optimizer_variables(model), OPTIMIZER)
    parts = {CONFIG: to_json(config), WEIGHTS: save_tensors(tensors)}
    write_archive(path, parts, {"format": FORMAT, "jax": jax.__version__, "parameters": model.count_params()})


def _describe(model: Any) -> dict[str, Any]:
    name = type(model).__name__
    if name not in registry or registry[name] is not type(model):
        raise ArgumentError(
            "Model.save",
            "a file can only name classes that are registered",
            expected="a class under @lamina.register",
            received=name,
            remedy=f"Put @lamina.register above class {name}, or use save_weights",
        )
    return {"class_name": name, "config": model.get_config()}


def _compile_config(model: Any) -> Any:
    """How the model was compiled, if that can be written down; weights are never lost for it."""
    if model.objective is None:
        return None
    try:
        return {"optimizer": serialize(model.optimizer), **{k: serialize(v) for k, v in model.objective.given.items()}}
    except LaminaError as error:
        log.warning("the arguments of compile are not in the file: %s", error)
        return None


# -- reading -------------------------------------------------------------------------------------
def load_model(path: str | Path, compile: bool = True) -> Any:
    """Read a model saved by `Model.save`.

    Args:
        path: of a `.lamina` file.
        compile: also restore optimizer (with its state), loss and metrics.

    Returns:
        The model, with the same weights.

    Raises:
        FileFormatError: the file is truncated, was changed, or does not describe a model.
        UnknownNameError: it names a class that is not registered in this program.

    Example:
        >>> import lamina, tempfile
        >>> model = lamina.Sequential([lamina.layers.Input((2,)), lamina.layers.Dense(1)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/m.lamina")
        ...     again = load_model(f"{folder}/m.lamina")
        >>> bool((again.get_weights()[0] == model.get_weights()[0]).all())
        True
    """
    path = Path(path)
    config, tensors = _read(path)
    own = {name: value for name, value in tensors.items() if name.startswith(MODEL)}
    with _blaming(path), budget(4 * sum(value.size for value in own.values()) + _SMALL):
        model: Any = get(config["model"])
        if not model.built:
            model.compute_output_shape(_as_shape(config["built_on"]))
        _assign(path, model.named_variables(), own, MODEL)
    settings = config["compile"] if compile else None
    if settings is not None:
        with _blaming(path), budget(_STATE):
            _compile(model, settings)
            _assign(path, _optimizer_variables(model), tensors, OPTIMIZER)
    return model


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The config of a model file, which has just the entries that `save_model` writes, and the tensors."""
    parts, _ = read_archive(path, (CONFIG, WEIGHTS))
    config = from_json(f"{path} ({CONFIG})", parts[CONFIG])
    if config.get("format") != FORMAT:
        raise damaged(path, "the format is not known", f"format {FORMAT}", config.get("format"))
    if config.keys() != _ENTRIES:
        raise damaged(path, f"{CONFIG} describes a model", ", ".join(sorted(_ENTRIES)), ", ".join(sorted(config)))
    tensors = load_tensors(f"{path} ({WEIGHTS})", parts[WEIGHTS])
    count, most = parts[CONFIG].count(b'"class_name"'), 10 * len(tensors) + _PARTS
    if count > most:
        raise damaged(path, "a model has not many more parts than weights", f"at most {most}", f"{count} parts")
    _refuse_other_descriptions(path, config)
    return config, tensors


def _refuse_other_descriptions(path: Path, config: Any) -> None:
    """An object is described by its class's registered name and its arguments; there is no module or package in it."""
    for item in jax.tree.leaves(config, is_leaf=_is_description):
        if _is_description(item):
            if item.keys() != {"class_name", "config"}:
                raise damaged(path, "objects are described by name and arguments", "class_name and config", [*item])
            _refuse_other_descriptions(path, item["config"])


def _is_description(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("class_name"), str)


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Whatever a layer, loss or optimizer says about its description, the file is to blame."""
    try:
        yield
    except LaminaError:
        raise
    except Exception as error:
        raise damaged(path, f"{CONFIG} does not describe a model", "what Model.save writes", repr(error)) from error


def _as_shape(tree: Any) -> Any:
    """JSON has no tuples: a list of sizes is a shape, a list of lists several of them."""
    if isinstance(tree, Mapping):
        return {key: _as_shape(value) for key, value in tree.items()}
    if all(size is None or isinstance(size, int) for size in tree):
        return tuple(tree)
    return [_as_shape(item) for item in tree]


def _compile(model: Any, settings: dict[str, Any]) -> None:
    settings = dict(settings)
    for name in ("metrics", "weighted_metrics"):
        settings[name] = jax.tree.map(
            lambda item: metrics.get(item) if _is_description(item) else item, settings[name], is_leaf=_is_description
        )
    model.compile(optimizers.get(settings.pop("optimizer")), **settings)


def _assign(path: Path, variables: Mapping[str, Variable], tensors: dict[str, np.ndarray], prefix: str) -> None:
    """Fill the variables; every name and shape must match."""
    given = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    missing, surplus = variables.keys() - given.keys(), given.keys() - variables.keys()
    if missing or surplus:
        raise damaged(
            path,
            "the weights do not belong to this model",
            f"{len(variables)} arrays" + (f"; missing: {', '.join(sorted(missing))}" if missing else ""),
            f"{len(given)} arrays" + (f"; unexpected: {', '.join(sorted(surplus))}" if surplus else ""),
        )
    for name, variable in variables.items():
        value = given[name]
        if value.shape != variable.shape:
            raise damaged(path, f"the weight {name} has another shape", variable.shape, value.shape)
        if value.dtype != variable.dtype and not (is_float(value.dtype) and is_float(variable.dtype)):
            raise damaged(path, f"the weight {name} has another type", variable.dtype, value.dtype)
    for name, variable in variables.items():
        variable.assign(given[name])


# -- weights alone -------------------------------------------------------------------------------
def save_weights(model: Any, path: str | Path) -> None:
    """See `Model.save_weights`."""
    path = Path(path)
    if path.suffix != ".safetensors":
        raise ArgumentError(
            "Model.save_weights",
            "a weights file ends in .safetensors",
            expected="a path such as weights.safetensors",
            received=str(path),
            remedy="Change the name; save writes .lamina",
        )
    tensors = _tensors(model.named_variables(), "")
    data = save_tensors(tensors, SIGNED)
    sum_ = checksum(str(path), peek_into(data), len(data))
    write_whole(path, save_tensors(tensors, {**SIGNED, SHA256: sum_}))


def load_weights(model: Any, path: str | Path) -> None:
    """See `Model.load_weights`."""
    path = Path(path)
    if path.suffix == ".lamina":
        _assign(path, model.named_variables(), _read(path)[1], MODEL)
    else:
        _assign(path, model.named_variables(), load_tensors(str(path), path.read_bytes()), "")
