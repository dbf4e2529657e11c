"""The table of layers and configurations that are compared with Keras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina import layers

from .asking import seed_of, title

SENTENCE, SIGNAL, IMAGE, VOLUME = (3, 5), (2, 9, 4), (2, 7, 6, 4), (2, 5, 6, 5, 2)


@dataclass(frozen=True)
class Case:
    """A layer, its arguments, the shapes of its inputs; `below` > 0 asks for whole numbers under it.

    `arguments` names the arguments of `call` for which the inputs are, where they are not one list; those called
    `...mask` are booleans, and `name.0`, `name.1` are one list. `called` holds further arguments, `results` says how
    many tensors come out.
    """

    name: str
    config: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    training: bool = False
    below: int = 0
    arguments: tuple[str, ...] = ()
    called: dict[str, Any] = field(default_factory=dict)
    results: int = 1

    def __str__(self) -> str:
        more = [*self.arguments[1:], *self.called]
        return title(self.name, self.config, self.shapes[0], "training" * self.training, *more)

    def asked(self) -> dict[str, Any]:
        """Class and config for Keras, whose `deserialize` alone makes a layer that holds another one."""
        if self.arguments:
            return {"name": "deserialize", "config": {"config": keras_graph(self)}}
        if in_keras(self.name, self.config)["config"] != self.config:
            return {"name": "deserialize", "config": {"config": in_keras(self.name, self.config)}}
        return {"name": self.name, "config": self.config}

    def inputs(self) -> list[np.ndarray]:
        rng = np.random.default_rng(seed_of(str(self)))
        if self.below:
            return [rng.integers(0, self.below, shape).astype("int32") for shape in self.shapes]
        arrays = [rng.normal(size=shape).astype("float32") for shape in self.shapes]
        for i, name in enumerate(self.arguments):
            if name.endswith("mask"):
                arrays[i] = arrays[i] > -0.5
                arrays[i][..., 0] = True
        return arrays


def inner(name: str, **config: Any) -> dict[str, Any]:
    """A layer inside another one's config."""
    return {"class_name": name, "config": config}


def in_keras(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """The same as Keras writes it."""

    def one(value: Any) -> Any:
        if isinstance(value, list):
            return [one(item) for item in value]
        is_layer = isinstance(value, dict) and hasattr(layers, value.get("class_name", ""))
        return in_keras(value["class_name"], value["config"]) if is_layer else value

    return {"module": "keras.layers", "class_name": name, "config": {k: one(v) for k, v in config.items()}}


def grouped(names: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
    """Arguments by name; the values of `name.0`, `name.1` are one list."""
    found: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        stem, dot, _ = name.partition(".")
        found[stem] = [*found.get(stem, []), value] if dot else value
    return found


def keras_graph(case: Case) -> dict[str, Any]:
    """A model of Keras that calls one layer with several arguments: its inputs are a list, as the oracle passes them.

    Where the layer gives several results, the model's output is all of them, flattened and joined.
    """

    def of(layer: str, place: int, shape: tuple[int, ...] = (), dtype: str = "float32") -> dict[str, Any]:
        history = {"shape": list(shape), "dtype": dtype, "keras_history": [layer, 0, place]}
        return {"class_name": "__keras_tensor__", "config": history}

    def node(name: str, class_name: str, config: dict[str, Any], *calls: Any) -> dict[str, Any]:
        config = {"module": "keras.layers", "class_name": class_name, "config": {**config, "name": name}}
        return {**config, "registered_name": None, "name": name, "inbound_nodes": list(calls)}

    def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"args": list(args), "kwargs": kwargs}

    given = {
        name: ("bool" if name.endswith("mask") else "float32", shape)
        for name, shape in zip(case.arguments, case.shapes, strict=True)
    }
    nodes = [
        node(name, "InputLayer", {"batch_shape": list(shape), "dtype": dtype}) for name, (dtype, shape) in given.items()
    ]
    passed = grouped(case.arguments, [of(name, 0, shape, dtype) for name, (dtype, shape) in given.items()])
    config = in_keras(case.name, case.config)["config"]
    nodes.append(node("layer", case.name, config, call(**passed, **case.called)))
    output = "layer"
    if (results := 2 if case.called.get("return_attention_scores") else case.results) > 1:
        output = "all"
        nodes += [node(f"flat_{i}", "Flatten", {}, call(of("layer", i))) for i in range(results)]
        nodes.append(node("all", "Concatenate", {}, call([of(f"flat_{i}", 0) for i in range(results)])))
    inputs = [[name, 0, 0] for name in given]
    config = {"name": "model", "layers": nodes, "input_layers": inputs, "output_layers": [[output, 0, 0]]}
    return {"module": "keras", "class_name": "Model", "config": config, "registered_name": None}


def rows(name: str, *shapes: tuple[int, ...], configs: list[dict[str, Any]], **rest: Any) -> list[Case]:
    return [Case(name, config, shapes, **rest) for config in configs]


def each(**axes: list[Any]) -> list[dict[str, Any]]:
    """The defaults alone, and one configuration for each value of each argument, the others at their defaults."""
    return [{}, *({key: value} for key, values in axes.items() for value in values)]


def plus(base: dict[str, Any], **axes: list[Any]) -> list[dict[str, Any]]:
    return [{**base, **more} for more in each(**axes)]


# Without sparsemax: Keras' does not sum to one (it adds up all cumulative sums where it should take the last one).
ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus "
    "sparse_sigmoid squareplus swish tanh tanh_shrink"
).split()


def core() -> list[Case]:
    return [
        *rows("Dense", (4, 6), configs=plus({"units": 3}, activation=["relu", "softmax", "gelu"], use_bias=[False])),
        *rows("Dense", (4, 6), configs=[{"units": 3, "lora_rank": 2}]),
        *rows("Embedding", (3, 5), below=7, configs=[{"input_dim": 7, "output_dim": 4, "lora_rank": 2}]),
        *rows(
            "EinsumDense",
            (2, 3, 4),
            configs=[{"equation": "ntf,fau->ntau", "output_shape": [None, 2, 3], "lora_rank": 2, "lora_alpha": 3}],
        ),
        *rows("Dense", (2, 3, 4, 6), configs=[{"units": 5, "activation": "tanh"}]),
        *rows(
            "Dense",
            (4, 6),
            configs=[
                {"units": 3, "kernel_regularizer": "l1"},
                {"units": 3, "kernel_regularizer": "l2", "bias_regularizer": "L1L2"},
                {"units": 3, "activity_regularizer": "l2"},
            ],
        ),
        *rows("Activation", (4, 6), configs=[{"activation": name} for name in ACTIVATIONS]),
        *rows("ReLU", (4, 6), configs=each(max_value=[0.5], negative_slope=[0.1], threshold=[0.2])),
        *rows("LeakyReLU", (4, 6), configs=each(negative_slope=[0.05])),
        *rows("ELU", (4, 6), configs=each(alpha=[0.5])),
        *rows("PReLU", IMAGE, configs=each(shared_axes=[[1, 2]])),
        *rows("Softmax", (4, 6), configs=each(axis=[0])),
        *rows("Softmax", IMAGE, configs=[{"axis": [1, 2]}]),
        *rows("Identity", (4, 6), configs=[{}]),
        *rows("ActivityRegularization", (4, 6), configs=[{"l1": 0.1, "l2": 0.2}]),
        *rows("Rescaling", IMAGE, configs=[{"scale": 0.5}, {"scale": 0.5, "offset": -1.0}]),
        *rows(
            "Embedding",
            SENTENCE,
            below=7,
            configs=plus({"input_dim": 7, "output_dim": 4}, embeddings_regularizer=["l2"]),
        ),
        *rows(
            "ReversibleEmbedding",
            SENTENCE,
            below=7,
            configs=plus({"input_dim": 7, "output_dim": 4}, tie_weights=[False], logit_soft_cap=[2.0]),
        ),
        *rows("Masking", SIGNAL, configs=each(mask_value=[1.0])),
    ]


def einsum(equation: str, output_shape: Any, **more: Any) -> dict[str, Any]:
    return {"equation": equation, "output_shape": output_shape, **more}


def products() -> list[Case]:
    return [
        *rows(
            "EinsumDense",
            (4, 5, 6),
            configs=[
                *plus(
                    einsum("abc,cd->abd", [None, 3], bias_axes="d"),
                    activation=["relu"],
                    kernel_regularizer=["l2"],
                    bias_regularizer=["l1"],
                ),
                einsum("abc,cd->abd", [None, 3]),
                einsum("abc,cde->abde", [5, 2, 3], bias_axes="de"),
                einsum("abc,cde->abde", [None, 2, 3], bias_axes="d"),
                einsum("abc,bd->adc", [3, 6], bias_axes="c"),
                einsum("abc,bcd->ad", 3, bias_axes="d"),
                einsum("abc,bc->abc", [5, 6], bias_axes="bc"),
                einsum("...x,xy->...y", 3, bias_axes="y"),
                einsum("...bc,cd->...bd", [5, 3], bias_axes="b"),
                einsum("ab...,bc->ac...", 3, bias_axes="c"),
            ],
        ),
        *rows(
            "EinsumDense",
            IMAGE,
            configs=[
                einsum("...hc,hcd->...d", 3, bias_axes="d"),
                einsum("ab...,bc->ac...", 3, bias_axes="c", activation="tanh"),
                einsum("abcd,cde->abe", [7, 3], bias_axes="be"),
            ],
        ),
    ]


def wrapping() -> list[Case]:
    """Without what Keras gets wrong: in TimeDistributed it forgets activity regularizers, and it turns the output of a
    SpectralNormalization of an Embedding into whole numbers."""
    dense, conv = inner("Dense", units=4, kernel_regularizer="l2"), {"filters": 3, "kernel_size": 3}
    bare = inner("Dense", units=4, activation="tanh")
    return [
        *rows("TimeDistributed", (2, 5, 6), configs=[{"layer": dense}, {"layer": bare}]),
        *rows("TimeDistributed", (2, 5, 6), configs=[{"layer": inner("BatchNormalization")}]),
        *rows("TimeDistributed", (2, 5, 6), configs=[{"layer": inner("LayerNormalization")}], training=True),
        *rows(
            "TimeDistributed",
            (2, 3, 7, 6, 4),
            configs=[
                {"layer": inner("Conv2D", **conv, padding="same", strides=2)},
                {"layer": inner("MaxPooling2D")},
                {"layer": inner("Flatten")},
            ],
        ),
        *rows(
            "TimeDistributed", (2, 3, 4), below=7, configs=[{"layer": inner("Embedding", input_dim=7, output_dim=5)}]
        ),
        *rows("SpectralNormalization", (4, 6), training=True, configs=plus({"layer": bare}, power_iterations=[3])),
        *rows("SpectralNormalization", SIGNAL, training=True, configs=[{"layer": inner("Conv1D", **conv)}]),
        *rows(
            "SpectralNormalization",
            IMAGE,
            training=True,
            configs=[
                {"layer": inner("Conv2D", **conv, use_bias=False), "power_iterations": 2},
                {"layer": inner("Conv2DTranspose", **conv)},
                {"layer": inner("DepthwiseConv2D", kernel_size=3, depth_multiplier=2)},
            ],
        ),
    ]


def reshaping() -> list[Case]:
    return [
        *rows("Flatten", IMAGE, configs=each(data_format=["channels_first"])),
        *rows("Flatten", (4,), configs=[{}]),
        *rows(
            "Reshape",
            SIGNAL,
            configs=[{"target_shape": [6, 6]}, {"target_shape": [-1, 2]}, {"target_shape": [3, -1, 4]}],
        ),
        *rows("Permute", IMAGE, configs=[{"dims": [3, 1, 2]}, {"dims": [2, 1, 3]}]),
        *rows("RepeatVector", (4, 6), configs=[{"n": 3}]),
        *rows("ZeroPadding1D", SIGNAL, configs=each(padding=[2, [1, 3]])),
        *rows(
            "ZeroPadding2D", IMAGE, configs=each(padding=[2, [1, 3], [[1, 2], [0, 3]]], data_format=["channels_first"])
        ),
        *rows("ZeroPadding3D", VOLUME, configs=each(padding=[2, [1, 0, 2], [[1, 2], [0, 3], [1, 1]]])),
        *rows("Cropping1D", SIGNAL, configs=each(cropping=[2, [1, 3]])),
        *rows(
            "Cropping2D", IMAGE, configs=each(cropping=[1, [1, 2], [[1, 2], [0, 3]]], data_format=["channels_first"])
        ),
        *rows("Cropping3D", VOLUME, configs=each(cropping=[2, [1, 0, 2], [[1, 2], [0, 3], [1, 1]]])),
        *rows("UpSampling1D", SIGNAL, configs=each(size=[3])),
        *rows(
            "UpSampling2D",
            IMAGE,
            configs=each(size=[3, [1, 2]], interpolation=["bilinear"], data_format=["channels_first"]),
        ),
        *rows("UpSampling3D", VOLUME, configs=each(size=[[1, 2, 3]])),
    ]


def convolution() -> list[Case]:
    common = {"padding": ["same"], "use_bias": [False], "activation": ["relu"], "kernel_regularizer": ["l2"]}
    return [
        *rows(
            "Conv1D",
            SIGNAL,
            configs=plus(
                {"filters": 6, "kernel_size": 3},
                **{**common, "padding": ["same", "causal"]},
                strides=[2],
                dilation_rate=[2],
                groups=[2],
                data_format=["channels_first"],
            ),
        ),
        *rows("Conv1D", SIGNAL, configs=[{"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same"}]),
        *rows("Conv1D", SIGNAL, configs=[{"filters": 3, "kernel_size": 3, "dilation_rate": 2, "padding": "causal"}]),
        *rows(
            "Conv2D",
            IMAGE,
            configs=plus(
                {"filters": 6, "kernel_size": 3},
                **common,
                strides=[2, [1, 2]],
                dilation_rate=[2, [2, 1]],
                groups=[2],
            ),
        ),
        *rows("Conv2D", IMAGE, configs=[{"filters": 3, "kernel_size": k} for k in (1, [2, 3], [1, 5], [7, 6])]),
        *rows("Conv2D", IMAGE, configs=[{"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}]),
        *rows("Conv2D", IMAGE, configs=[{"filters": 3, "kernel_size": 2, "strides": [2, 3], "padding": "same"}]),
        *rows("Conv2D", IMAGE, configs=[{"filters": 3, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}]),
        *rows("Conv2D", (2, 4, 7, 6), configs=[{"filters": 3, "kernel_size": 3, "data_format": "channels_first"}]),
        *rows("Conv2D", (2, 8, 8, 1), configs=[{"filters": 3, "kernel_size": 3, "activation": "relu"}]),
        *rows(
            "Conv2D", IMAGE, configs=[{"filters": 4, "kernel_size": 3, "groups": 4, "strides": 2, "padding": "same"}]
        ),
        *rows("Conv3D", VOLUME, configs=plus({"filters": 4, "kernel_size": 2}, **common, strides=[2], groups=[2])),
        *rows("Conv3D", VOLUME, configs=[{"filters": 2, "kernel_size": [1, 3, 2], "dilation_rate": [1, 2, 1]}]),
        *rows("Conv3D", VOLUME, configs=[{"filters": 2, "kernel_size": 3, "strides": [1, 2, 2], "padding": "same"}]),
        *rows(
            "DepthwiseConv1D",
            SIGNAL,
            configs=plus({"kernel_size": 3}, padding=["same"], depth_multiplier=[2], strides=[2]),
        ),
        *rows(
            "DepthwiseConv2D",
            IMAGE,
            configs=plus(
                {"kernel_size": 3},
                padding=["same"],
                depth_multiplier=[2],
                strides=[2],
                dilation_rate=[2],
                use_bias=[False],
                activation=["relu"],
                depthwise_regularizer=["l2"],
            ),
        ),
        *rows(
            "DepthwiseConv2D",
            IMAGE,
            configs=[{"kernel_size": [3, 2], "strides": 2, "padding": "same", "depth_multiplier": 3}],
        ),
        *rows(
            "SeparableConv1D",
            SIGNAL,
            configs=plus({"filters": 5, "kernel_size": 3}, padding=["same"], depth_multiplier=[2], strides=[2]),
        ),
        *rows(
            "SeparableConv2D",
            IMAGE,
            configs=plus(
                {"filters": 5, "kernel_size": 3},
                padding=["same"],
                depth_multiplier=[2],
                strides=[2],
                dilation_rate=[2],
                use_bias=[False],
                activation=["relu"],
                pointwise_regularizer=["l2"],
            ),
        ),
        *transposed(),
    ]


def transposed() -> list[Case]:
    common = {"padding": ["same"], "strides": [2, 3], "use_bias": [False], "dilation_rate": [2], "activation": ["relu"]}
    both = [
        {"strides": 2, "padding": "same"},
        {"strides": 3, "padding": "valid"},
        {"strides": 3, "padding": "same"},
        {"strides": 2, "padding": "same", "output_padding": 0},
        {"strides": 2, "padding": "valid", "output_padding": 1},
        {"strides": 3, "padding": "same", "output_padding": 2},
    ]
    return [
        *rows("Conv1DTranspose", SIGNAL, configs=plus({"filters": 3, "kernel_size": 3}, **common)),
        *rows(
            "Conv1DTranspose",
            SIGNAL,
            configs=[{"filters": 3, "kernel_size": k, **more} for k in (2, 3, 4) for more in both],
        ),
        *rows("Conv2DTranspose", IMAGE, configs=plus({"filters": 3, "kernel_size": 3}, **common)),
        *rows("Conv2DTranspose", IMAGE, configs=[{"filters": 3, "kernel_size": [2, 3], **more} for more in both]),
        *rows(
            "Conv2DTranspose", IMAGE, configs=[{"filters": 3, "kernel_size": 4, "strides": [1, 2], "padding": "same"}]
        ),
        *rows("Conv3DTranspose", VOLUME, configs=[{"filters": 3, "kernel_size": 2}]),
        *rows("Conv3DTranspose", VOLUME, configs=[{"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}]),
    ]


def pooling() -> list[Case]:
    cases = []
    for rank, shape in ((1, SIGNAL), (2, IMAGE), (3, VOLUME)):
        window = [
            {"pool_size": 2},
            {"pool_size": 2, "padding": "same"},
            {"pool_size": 3, "strides": 2},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": 3, "strides": 1, "padding": "same"},
            {"pool_size": 2, "strides": 3},
        ]
        if rank == 2:
            window += [{"pool_size": [2, 3]}, {"pool_size": [3, 2], "strides": [1, 2], "padding": "same"}]
            window += [{"pool_size": 2, "data_format": "channels_first"}]
        for kind in ("Max", "Average"):
            cases += rows(f"{kind}Pooling{rank}D", shape, configs=window)
            cases += rows(
                f"Global{kind}Pooling{rank}D", shape, configs=each(keepdims=[True], data_format=["channels_first"])
            )
            sizes = [{"output_size": size} for size in (1, 2, 3, 4, list(range(2, 2 + rank)))]
            sizes += [{"output_size": 3, "data_format": "channels_first"}]
            cases += rows(f"Adaptive{kind}Pooling{rank}D", shape, configs=sizes)
        cases += rows(f"MaxPooling{rank}D", shape, configs=[{}])
    return cases


def normalization() -> list[Case]:
    batch = each(momentum=[0.5], epsilon=[0.1], center=[False], scale=[False], gamma_regularizer=["l2"])
    by_layer = each(epsilon=[0.1], center=[False], scale=[False])
    by_group = plus({"groups": 2}, epsilon=[0.1], center=[False], scale=[False])
    return [
        *rows("BatchNormalization", IMAGE, configs=batch, training=True),
        *rows("BatchNormalization", IMAGE, configs=batch),
        *rows("BatchNormalization", (8, 5), configs=[{}], training=True),
        *rows("BatchNormalization", SIGNAL, configs=[{"axis": 1}], training=True),
        *rows("BatchNormalization", SIGNAL, configs=[{"axis": 1}]),
        *rows(
            "LayerNormalization",
            IMAGE,
            configs=by_layer + [{"axis": axis} for axis in (1, [1, 2], [-2, -1], [1, 2, 3])],
        ),
        *rows("LayerNormalization", (8, 5), configs=[{}], training=True),
        *rows("GroupNormalization", IMAGE, configs=by_group + [{"groups": g} for g in (1, 4, -1)]),
        *rows("GroupNormalization", (2, 4, 5, 6), configs=[{"groups": 2, "axis": 1}]),
        *rows("GroupNormalization", SIGNAL, configs=[{"groups": 2}], training=True),
        *rows("RMSNormalization", SIGNAL, configs=each(epsilon=[0.1])),
        *rows("UnitNormalization", SIGNAL, configs=each(axis=[1])),
    ]


def regularization() -> list[Case]:
    """What is random cannot be compared number by number; at rest, or at rate zero, it must let everything through."""
    return [
        *rows("Dropout", SIGNAL, configs=[{"rate": 0.5}]),
        *rows("Dropout", SIGNAL, configs=[{"rate": 0.0}], training=True),
        *rows("SpatialDropout1D", SIGNAL, configs=[{"rate": 0.5}]),
        *rows("SpatialDropout2D", IMAGE, configs=[{"rate": 0.5}]),
        *rows("SpatialDropout3D", VOLUME, configs=[{"rate": 0.5}]),
        *rows("GaussianNoise", SIGNAL, configs=[{"stddev": 0.5}]),
        *rows("GaussianNoise", SIGNAL, configs=[{"stddev": 0.0}], training=True),
        *rows("GaussianDropout", SIGNAL, configs=[{"rate": 0.5}]),
        *rows("AlphaDropout", SIGNAL, configs=[{"rate": 0.5}]),
    ]


def merging() -> list[Case]:
    same, three = (IMAGE, IMAGE), (SIGNAL, SIGNAL, SIGNAL)
    cases = []
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
        cases += [Case(name, {}, same), Case(name, {}, three), Case(name, {}, ((4, 5, 6), (4, 1, 6)))]
    return [
        *cases,
        *rows("Subtract", *same, configs=[{}]),
        *rows("Concatenate", *three, configs=[{}]),
        *rows("Concatenate", (2, 3, 4), (2, 5, 4), configs=[{"axis": 1}]),
        *rows("Dot", (4, 6), (4, 6), configs=[{"axes": 1}, {"axes": -1, "normalize": True}]),
        *rows("Dot", (4, 5, 6), (4, 6, 3), configs=[{"axes": [2, 1]}]),
        *rows("Dot", (4, 5, 6), (4, 3, 6), configs=[{"axes": 2}, {"axes": 2, "normalize": True}]),
        *rows("Dot", (4, 5, 6), (4, 5, 3), configs=[{"axes": 1}]),
    ]


def spectrograms() -> list[Case]:
    modes = ["magnitude", "psd", "real", "imag", "angle", "stft"]
    frames = {"frame_length": 8}
    settings = plus(frames, mode=modes, frame_step=[3], fft_length=[16], window=["hamming", None], periodic=[True],
                    scaling=["spectrum", None], padding=["same"], expand_dims=[True])  # fmt: skip
    bands = {"fft_length": 32, "sequence_stride": 8, "num_mel_bins": 5, "sampling_rate": 1000}
    return [
        *rows("STFTSpectrogram", (2, 21, 3), configs=settings),
        *rows("STFTSpectrogram", (2, 3, 21), configs=plus(frames | {"data_format": "channels_first"},
                                                          expand_dims=[True])),
        *rows("MelSpectrogram", (1, 70), configs=plus(bands, sequence_length=[20], window=["hamming", None],
              min_freq=[50.0], max_freq=[300.0], power_to_db=[False], top_db=[6.0], mag_exp=[1.0], ref_power=[3.0])),
        *rows("MelSpectrogram", (70,), configs=[bands]),
        *rows("MelSpectrogram", (3, 70), configs=[bands]),
    ]  # fmt: skip


def augmentation() -> list[Case]:
    """What is drawn is pinned by a range of one number; where that cannot be, layers are compared at rest."""
    picture, one, span = (2, 7, 6, 3), (1, 7, 6, 3), {"value_range": [-3, 3]}
    warps = [{}, {"interpolation": "nearest"}, *({"fill_mode": mode} for mode in ("constant", "nearest", "wrap"))]
    sizes = [{"height": 5, "width": 9}, {"height": 3, "width": 4}, {"height": 12, "width": 10}]
    kernels = ("nearest", "bicubic", "lanczos3", "lanczos5")
    at_rest: dict[str, dict[str, Any]] = {
        "RandomFlip": {},
        "RandomPerspective": {},
        "RandomElasticTransform": {},
        "RandomErasing": {},
        "RandAugment": {},
        "AugMix": {},
        "MixUp": {},
        "CutMix": {},
        "RandomContrast": {"factor": 0.5},
    }

    def pinned(name: str, shape: tuple[int, ...] = picture, **settings: Any) -> list[Case]:
        return rows(name, shape, configs=[settings], training=True)

    def warped(name: str, **settings: Any) -> list[Case]:
        return rows(name, picture, configs=[{**settings, **warp} for warp in warps], training=True)

    resized = [
        *sizes,
        *({**size, "interpolation": kernel} for size in sizes[:2] for kernel in kernels),
        *({**size, "antialias": True} for size in sizes),
        {**sizes[1], "antialias": True, "interpolation": "lanczos3"},
        *({**size, "crop_to_aspect_ratio": True} for size in sizes),
        *({**size, "pad_to_aspect_ratio": True, "fill_value": 0.5} for size in sizes),
        {**sizes[0], "data_format": "channels_first"},
    ]
    return [
        *rows("Resizing", picture, configs=resized),
        *rows("CenterCrop", picture, configs=[*sizes, {"height": 4, "width": 3}, {"height": 7, "width": 6}]),
        *pinned("RandomCrop", height=7, width=6),
        *warped("RandomRotation", factor=[0.1, 0.1]),
        *pinned("RandomRotation", factor=[-0.35, -0.35], fill_mode="constant", fill_value=0.5),
        *warped("RandomZoom", height_factor=[0.3, 0.3], width_factor=[-0.21, -0.21]),
        *pinned("RandomZoom", height_factor=[-0.3, -0.3]),
        *warped("RandomTranslation", height_factor=[0.2, 0.2], width_factor=[-0.33, -0.33]),
        *pinned("RandomShear", x_factor=0.0, y_factor=0.0),
        *pinned("RandomPerspective", factor=[1.0, 1.0], scale=0.0),
        *pinned("RandomBrightness", factor=[0.2, 0.2], **span),
        *pinned("RandomBrightness", factor=[-0.3, -0.3], **span),
        *pinned("RandomContrast", factor=[0.0, 0.0], **span),
        *pinned("RandomInvert", factor=[1.0, 1.0], **span),
        *pinned("RandomHue", factor=[1.0, 1.0], **span),
        *pinned("RandomHue", factor=[0.0, 0.0], **span),
        *pinned("RandomSaturation", factor=[0.3, 0.3], value_range=[0, 1]),
        *pinned("RandomColorJitter", brightness_factor=[0.1, 0.1], hue_factor=[1.0, 1.0], **span),
        *pinned("RandomGrayscale", factor=1.0),
        *pinned("RandomGrayscale", factor=0.0),
        *pinned("RandomColorDegeneration", factor=[0.7, 0.7], **span),
        *pinned("RandomColorDegeneration", factor=[-0.4, -0.4], **span),
        *pinned("RandomGaussianBlur", factor=[1.0, 1.0], sigma=[0.7, 0.7], kernel_size=[3, 5], **span),
        *pinned("RandomSharpness", factor=[0.1, 0.1], **span),
        *pinned("RandomSharpness", factor=[0.9, 0.9], **span),
        *pinned("AutoContrast"),
        *pinned("AutoContrast", **span),
        *pinned("Equalization", one, value_range=[-3, 3]),
        *pinned("Equalization", one, bins=16, value_range=[-3, 3]),
        *pinned("ContrastLimitedAdaptiveHistogramEqualization", **span, tile_grid_size=[2, 3]),
        *pinned("ContrastLimitedAdaptiveHistogramEqualization", **span, tile_grid_size=[4, 1], clip_limit=0.0),
        *pinned("Solarization", value_range=[-3, 3]),
        *pinned("RandomPosterization", factor=[3, 3], value_range=[-5, 5]),
        *(Case(name, config, (picture,)) for name, config in at_rest.items()),
    ]


def attention() -> list[Case]:
    query, value, cross = (2, 5, 4), (2, 7, 4), (2, 7, 6)
    three = ((2, 5, 4), (2, 7, 3), (2, 7, 4))
    scores = {"return_attention_scores": True}
    plain = [
        *rows("Attention", query, value, configs=each(use_scale=[True])),
        *rows("Attention", *three, configs=plus({"score_mode": "concat"}, use_scale=[True])),
        *rows("AdditiveAttention", *three, configs=each(use_scale=[False])),
    ]

    def heads(name: str, config: dict[str, Any], *shapes: tuple[int, ...], **rest: Any) -> Case:
        arguments = ("query", "value", *rest.pop("also", ()))
        return Case(name, config, shapes, arguments=arguments, **rest)

    def multi(*shapes: tuple[int, ...], config: dict[str, Any] | None = None, **rest: Any) -> Case:
        return heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, **(config or {})}, *shapes, **rest)

    def grouped(*shapes: tuple[int, ...], config: dict[str, Any] | None = None, **rest: Any) -> Case:
        sizes = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
        return heads("GroupQueryAttention", {**sizes, **(config or {})}, *shapes, **rest)

    causal = {"use_causal_mask": True}
    return [
        *plain,
        multi(query, value),
        multi(query, cross, (2, 7, 5), also=("key",), config={"value_dim": 5, "output_shape": 7}, called=scores),
        multi(query, query, called=causal),
        multi(query, value, (2, 7), (2, 5, 7), also=("value_mask", "attention_mask"), called={**scores, **causal}),
        multi(query, query, config={"sliding_window": 2, "use_gate": True}, called=causal),
        multi(query, value, (2, 5, 7), also=("attention_mask",), config={"use_bias": False}),
        multi(query, value, config={"kernel_regularizer": "l2"}),
        multi((2, 3, 4, 5), (2, 3, 2, 5), config={"attention_axes": [2]}, called=scores),
        multi((2, 3, 4, 5), (2, 2, 3, 5), config={"output_shape": [2, 3]}, called=scores),
        multi((2, 3, 4, 5), (2, 5, 4, 5), (2, 3, 5), also=("attention_mask",), config={"attention_axes": [1]}),
        grouped(query, value, called=scores),
        grouped(query, query, config={"use_gate": True}, called=causal),
        grouped(query, value, (2, 7, 5), (2, 7), also=("key", "value_mask"), config={"use_bias": False}),
    ]


def recurrent() -> list[Case]:
    """Masks, states and both directions. Keras' oracle has no `reset_state`: stateful layers are tested elsewhere."""
    sequence, units, whole = (2, 4, 3), {"units": 2}, {"units": 2, "return_sequences": True}
    masked, backwards = ("sequences", "mask"), {**whole, "go_backwards": True}
    odd = {"activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}
    penalty = {"kernel_regularizer": "l2", "recurrent_regularizer": "l1", "bias_regularizer": "l2"}
    cases = []
    for name, states in (("SimpleRNN", 1), ("LSTM", 2), ("GRU", 1)):
        own = {key: odd[key] for key in odd if name != "SimpleRNN" or key != "recurrent_activation"}
        begun = tuple(f"initial_state.{i}" for i in range(states))
        first = "sequence" if name == "SimpleRNN" else "inputs"  # as Keras calls it
        cases += [
            *rows(name, sequence, configs=[{**units, **penalty}, {**backwards, **own}]),
            Case(name, {**whole, "dropout": 0.5, "recurrent_dropout": 0.5}, (sequence, (2, 4)), arguments=masked),
            Case(name, backwards, (sequence, (2, 4)), arguments=masked),
            Case(name, {**whole, **own}, (sequence, (2, 4)), arguments=masked),
            Case(name, {**units, "return_state": True, "zero_output_for_mask": True},
                 (sequence, (2, 4), *[(2, 2)] * states), arguments=(*masked, *begun), results=1 + states),
            Case(f"{name}Cell", units, ((2, 3), *[(2, 2)] * states),
                 arguments=(first, *(f"states.{i}" for i in range(states))), results=1 + states),
        ]  # fmt: skip
    return [
        *cases,
        *rows("GRU", sequence, configs=[{**whole, "reset_after": False}]),
        Case("GRU", {**backwards, "reset_after": False}, (sequence, (2, 4)), arguments=masked),
        Case("GRU", {**whole, "reset_after": False, "activation": "relu"}, (sequence, (2, 4)), arguments=masked),
        *rows("LSTM", sequence, configs=[{**units, "unroll": True, "unit_forget_bias": False}]),
        *stacked(),
        *both_directions(),
        *convolutional(),
    ]


def stacked() -> list[Case]:
    """Without a mask: Keras gives the output of the last cell a mask that broadcasts over states of other cells."""
    cells = [inner("LSTMCell", units=3), inner("GRUCell", units=2)]
    stack = inner("StackedRNNCells", cells=cells)
    return [
        *rows("RNN", (2, 4, 3), configs=[{"cell": stack, "return_sequences": True}, {"cell": cells}]),
        Case("RNN", {"cell": cells[1], "return_sequences": True, "zero_output_for_mask": True}, ((2, 4, 3), (2, 4)),
             arguments=("sequences", "mask")),
        Case("StackedRNNCells", {"cells": [inner("SimpleRNNCell", units=2)] * 2}, ((2, 3), (2, 2), (2, 2)),
             arguments=("inputs", "states.0", "states.1"), results=3),
    ]  # fmt: skip


def both_directions() -> list[Case]:
    lstm, gru = inner("LSTM", units=2, return_sequences=True), inner("GRU", units=2)
    shapes, masked = ((2, 4, 3), (2, 4)), ("sequences", "mask")
    other = inner("LSTM", units=2, return_sequences=True, go_backwards=True, activation="relu")
    return [
        *(Case("Bidirectional", {"layer": lstm, "merge_mode": mode}, shapes, arguments=masked)
          for mode in ("concat", "sum", "mul", "ave")),
        Case("Bidirectional", {"layer": lstm, "merge_mode": None}, shapes, arguments=masked, results=2),
        Case("Bidirectional", {"layer": gru}, shapes, arguments=masked),
        *rows("Bidirectional", (2, 4, 3), configs=[{"layer": lstm, "backward_layer": other}]),
        Case("Bidirectional", {"layer": inner("GRU", units=2, return_state=True)}, ((2, 4, 3), (2, 2), (2, 2)),
             arguments=("sequences", "initial_state.0", "initial_state.1"), results=3),
    ]  # fmt: skip


def convolutional() -> list[Case]:
    window = {"filters": 2, "kernel_size": 3}
    film = (2, 3, 6, 5, 2)
    return [
        *rows("ConvLSTM1D", (2, 3, 6, 2), configs=[{**window, "padding": "same", "dilation_rate": 2}]),
        *rows(
            "ConvLSTM2D",
            film,
            configs=[
                {**window, "return_sequences": True, "strides": 2, "padding": "same"},
                {**window, "go_backwards": True, "recurrent_activation": "hard_sigmoid"},
            ],
        ),
        *rows("ConvLSTM2D", (2, 3, 2, 6, 5), configs=[{**window, "data_format": "channels_first"}]),
        *rows("ConvLSTM3D", (1, 2, 3, 3, 3, 2), configs=[{**window, "kernel_size": 2}]),
    ]


CASES = [
    *core(), *products(), *wrapping(), *reshaping(), *convolution(), *pooling(), *normalization(), *regularization(),
    *merging(), *recurrent(), *augmentation(), *attention(), *spectrograms(),
]  # fmt: skip
