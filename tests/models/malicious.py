"""Model files that somebody made to do harm: whole archives with the right sums, but a config or weights that lie."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

import lamina
from lamina import layers
from lamina.core.archive import read_archive, write_archive
from lamina.core.json_data import to_json

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
HUGE = 10**9


def write_valid(path: Path) -> None:
    """A small model that has been compiled."""
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu", name="first"), layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.save(path)


class Forger:
    """A valid file, taken apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts, _ = read_archive(path, (CONFIG, WEIGHTS))

    @property
    def config(self) -> dict[str, Any]:
        """A copy of the config."""
        found: dict[str, Any] = json.loads(self.parts[CONFIG])
        return found

    def write(self, config: Any = None, weights: bytes | None = None) -> None:
        """The file again, in order but for what is given."""
        text = self.parts[CONFIG] if config is None else config if isinstance(config, bytes) else to_json(config)
        write_archive(self.path, {CONFIG: text, WEIGHTS: self.parts[WEIGHTS] if weights is None else weights})


Forgery = Callable[[Forger], None]


def stack(*descriptions: Any, inputs: Any = (4,)) -> Forgery:
    """A Sequential of these layers."""

    def forge(forger: Forger) -> None:
        config = forger.config
        config["model"]["config"] |= {"input": {"shape": inputs, "dtype": "float32"}, "layers": list(descriptions)}
        forger.write(config)

    return forge


def layer(class_name: Any, /, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def first(**config: Any) -> Forgery:
    """Other arguments of the first layer."""

    def forge(forger: Forger) -> None:
        whole = forger.config
        whole["model"]["config"]["layers"][0]["config"] |= config
        forger.write(whole)

    return forge


def beside(**entries: Any) -> Forgery:
    """More entries beside class_name and config of the first layer."""

    def forge(forger: Forger) -> None:
        whole = forger.config
        whole["model"]["config"]["layers"][0] |= entries
        forger.write(whole)

    return forge


def top(**entries: Any) -> Forgery:
    """Other entries of the config itself."""
    return lambda forger: forger.write({**forger.config, **entries})


def compiled(**entries: Any) -> Forgery:
    """Other arguments of compile."""
    return lambda forger: forger.write({**forger.config, "compile": {**forger.config["compile"], **entries}})


def graph(*calls: Any) -> Forgery:
    """A functional model with these calls."""
    config = {
        "name": "graph", "inputs": [{"shape": [None, 4], "dtype": "float32", "name": "x"}], "layers": [],
        "calls": list(calls), "input_form": {"symbol": 0}, "output_form": {"symbol": 0},
    }  # fmt: skip
    return top(model=layer("Functional", **config))


def call(*arguments: Any, **target: str) -> dict[str, Any]:
    return {**target, "args": {"tuple": [*arguments]}, "kwargs": {"dict": {}}}


def tensors(change: Callable[[dict[str, np.ndarray]], Any]) -> Forgery:
    """Other weights, in a file that is in order."""

    def forge(forger: Forger) -> None:
        found = dict(load(forger.parts[WEIGHTS]))
        change(found)
        forger.write(weights=save(found))

    return forge


def weights(data: bytes) -> Forgery:
    return lambda forger: forger.write(weights=data)


def declared(**entry: Any) -> Forgery:
    """Weights of one tensor that the header describes like this, and four bytes."""
    header = to_json({"model/a": entry})
    return weights(struct.pack("<Q", len(header)) + header + bytes(4))


def text(data: bytes) -> Forgery:
    return lambda forger: forger.write(data)


def nested(levels: int) -> dict[str, Any]:
    model = layer("Dense", units=3, name="inner")
    for level in range(levels):
        model = layer("Sequential", name=f"level{level}", input=None, layers=[model])
    return model


BYTECODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAAEAAAABAAAA", "defaults": None}}
GADGETS = (
    "os.system", "builtins.eval", "subprocess.Popen", "posix.system", "importlib.import_module", "lamina.load_model",
    "load_model", "get_file", "enable_unsafe_deserialization", "set_dtype_policy", "register", "Registry", "Variable",
    "Layer", "Model", "Holder", "Configurable", "from_config", "__class__", "__import__", "Dense.__init__", "", "\0",
    "TorchModuleWrapper", "TFSMLayer", "HuggingFaceTokenizer", "../Dense", "keras.layers>Dense", "Dense ", "DENSE",
)  # fmt: skip
PLACES = ("/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/words", "\\\\host\\share\\words", "../../words")

FORGERIES: dict[str, Forgery] = {
    # code in the file
    "Lambda with bytecode": stack(layer("Lambda", function=BYTECODE, name="f")),
    "Lambda with text": stack(layer("Lambda", function="lambda x: __import__('os').system('id')", name="f")),
    **{f"Lambda named {name}": stack(layer("Lambda", function=name, name="f")) for name in GADGETS},
    "JaxLayer": stack(layer("JaxLayer", call_fn="os.system", params={}, name="f")),
    # names of classes
    **{f"class {name!r}": stack(layer(name, units=3, name="a")) for name in GADGETS},
    **{f"model class {name!r}": top(model=layer(name, name="a")) for name in GADGETS[:14]},
    "a class that is a list": stack(layer(["Dense"], units=3, name="a")),
    "a class that is a class": stack(layer(layer("Dense"), units=3, name="a")),
    "a class that is nothing": stack(layer(None, units=3, name="a")),
    "module": beside(module="os"),
    "module and registered_name": beside(module="keras.utils", registered_name="keras.utils>get_file"),
    "build_config": beside(build_config={"input_shape": [None, 4]}),
    "a layer that is a text": stack("Dense"),
    "a layer that is a number": stack(3),
    # functions and objects by name
    **{f"activation {name!r}": first(activation=name) for name in (*GADGETS, *PLACES)},
    "activation by module": first(activation={"module": "builtins", "class_name": "eval", "config": "1"}),
    "activation that is a layer's": first(activation={"class_name": "function", "config": "eval"}),
    **{f"initializer {name!r}": first(kernel_initializer=name) for name in GADGETS[:14]},
    "initializer by module": first(kernel_initializer={"module": "numpy", "class_name": "load", "config": {}}),
    "regularizer": first(kernel_regularizer="os.system"),
    "constraint": first(kernel_constraint=layer("os.system", command="id")),
    "dtype of objects": first(dtype="object"),
    "dtype of Python": first(dtype="O8"),
    "dtype of texts": first(dtype="U1000000000"),
    "optimizer": compiled(optimizer=layer("os.system", command="id")),
    "learning rate": compiled(optimizer=layer("Adam", learning_rate=layer("Lambda", function="eval"))),
    "optimizer of nothing": compiled(optimizer=None, loss=7),
    "loss": compiled(loss="os.system"),
    "metric": compiled(metrics=["subprocess.run"]),
    "argument of compile": compiled(run_eagerly=True, jit_compile=False, hook="os.system"),
    # attributes
    "attribute __class__": first(__class__="os"),
    "attribute _weights": first(_weights=[]),
    "attribute call": first(call="os.system"),
    "argument that is no argument": first(on_load="id"),
    # paths
    **{
        f"vocabulary of {kind} at {place}": stack(layer(kind, vocabulary=place, name="v"))
        for kind in ("StringLookup", "IntegerLookup", "TextVectorization") for place in PLACES
    },
    "tokenizer at a path": top(model=layer("GPT", tokenizer="/etc/passwd", name="g")),
    "tokenizer's vocabulary at a path": top(
        model=layer("GPT", tokenizer=layer("CharacterTokenizer", vocabulary="/etc/passwd"), name="g")
    ),
    # sizes
    **{
        f"huge {what['class_name']}": stack(what, inputs=inputs)
        for what, inputs in (
            (layer("Dense", units=HUGE, name="a"), (4,)),
            (layer("Conv2D", filters=HUGE, kernel_size=3, name="a"), (8, 8, 3)),
            (layer("Conv1D", filters=3, kernel_size=HUGE, padding="same", name="a"), (8, 3)),
            (layer("Embedding", input_dim=HUGE, output_dim=1000, name="a"), (4,)),
            (layer("LSTM", units=HUGE, name="a"), (5, 4)),
            (layer("GRU", units=HUGE, name="a"), (5, 4)),
            (layer("MultiHeadAttention", num_heads=HUGE, key_dim=HUGE, name="a"), (5, 4)),
            (layer("EinsumDense", equation="ab,bc->ac", output_shape=HUGE, name="a"), (4,)),
            (layer("Repeat", block=layer("Dense", units=4, name="b"), n=HUGE, name="a"), (4,)),
            (layer("BatchNormalization", name="a"), (HUGE,)),
            (layer("MelSpectrogram", fft_length=HUGE, name="a"), (2 * HUGE,)),
            (layer("TextVectorization", ngrams=HUGE, name="a"), (4,)),
        )
    },
    "huge stack of layers without weights": stack(
        layer("Repeat", block=layer("Dropout", rate=0.1, name="b"), n=HUGE, name="a")
    ),
    "huge stack in a stack": stack(
        layer("Repeat", n=10_000, name="a", block=layer(
            "Repeat", n=10_000, name="b", block=layer("Dense", units=4, name="c")
        ))
    ),
    "huge input": stack(layer("Dense", units=3, name="a"), inputs=(HUGE, HUGE)),
    "many layers": stack(*(layer("Dropout", rate=0.1, name=f"d{i}") for i in range(10_000))),
    "many units everywhere": stack(*(layer("Dense", units=100_000, name=f"d{i}") for i in range(5))),
    "huge metric": compiled(metrics=[layer("AUC", num_thresholds=HUGE)]),
    "huge matrix of a metric": compiled(metrics=[layer("MeanIoU", num_classes=HUGE)]),
    "a constant computed on loading": graph(call([10**6, 10**6], op="ones")),
    "an op that is none": graph(call("id", op="os.system")),
    "a symbol that is none": graph(call({"symbol": 99}, op="exp")),
    "a layer that is none": graph(call({"symbol": 0}, layer="none")),
    **{
        f"units {value!r:.20}": first(units=value)
        for value in (-1, 0, float("nan"), float("inf"), 10**4000, 2**63, True, "3", [3], None, {"a": 1}, 1e9, "9" * 99)
    },
    **{
        f"input {shape!r:.20}": stack(layer("Dense", units=3, name="a"), inputs=shape)
        for shape in ([-4], ["4"], [float("nan")], 4, "4", [[4]], [10**4000], {"a": 4}, [True], [0])
    },
    # JSON
    "another format": top(format=2),
    "format that is a text": top(format="1"),
    "an entry more": top(scripts=["id"]),
    "a list": text(b"[]"),
    "nothing": text(b""),
    "not UTF-8": text(b'{"format": "\xff"}'),
    "UTF-16": text('{"format": 1}'.encode("utf-16")),
    "a bomb of brackets": text(b"[" * 10**6),
    "a bomb of objects": text(b'{"a":' * 10**5),
    "a bomb of empty lists": text(b'{"format": [' + b"[]," * 4_000_000 + b"0]}"),
    "a number of a million digits": text(b'{"format": ' + b"1" * 10**6 + b"}"),
    "a name twice": lambda forger: forger.write(forger.parts[CONFIG].replace(b'{', b'{"format": 1, ', 1)),
    "YAML": text(b"!!python/object/apply:os.system ['id']"),
    "a pickle for a config": text(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."),
    **{f"{levels} models in one another": stack(nested(levels)) for levels in (40, 300)},
    # weights
    "no weights": weights(b""),
    "a pickle for weights": weights(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R." + bytes(100)),
    "NumPy for weights": weights(b"\x93NUMPY\x01\x00" + bytes(200)),
    "an archive for weights": lambda forger: forger.write(weights=forger.path.read_bytes()),
    "a header of 2^63 bytes": weights(struct.pack("<Q", 2**63) + b"{}"),
    "a shape bomb": declared(dtype="F32", shape=[10**11], data_offsets=[0, 4]),
    "external data": declared(location="/etc/passwd"),
    "a weight more": tensors(lambda found: found.update({"model/evil": np.zeros(3, np.float32)})),
    "a weight less": tensors(lambda found: found.pop("model/first/bias")),
    "a weight of another shape": tensors(lambda found: found.update({"model/first/bias": np.zeros(4, np.float32)})),
    "a weight of another type": tensors(lambda found: found.update({"model/first/bias": np.zeros(3, np.complex64)})),
    "weights of truths": tensors(lambda found: found.update({"model/first/bias": np.zeros(3, bool)})),
    "optimizer with more": tensors(lambda found: found.update({"optimizer/99": np.zeros(3, np.float32)})),
}  # fmt: skip
