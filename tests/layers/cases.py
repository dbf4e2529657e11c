"""Every layer in several configurations, with what Keras 3.15 makes of each: output shape and weights."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import lamina

Shape = tuple[Any, ...]
SIGNAL, IMAGE, VOLUME = (2, 7, 4), (2, 6, 5, 4), (2, 4, 5, 4, 2)


@dataclass(frozen=True)
class Case:
    """A layer, its arguments, its inputs, and what must come of them.

    Attributes:
        shapes: of the inputs, batch first; more than one for merging layers.
        output: shape of the output.
        weights: name to shape, in Keras' order; a name may begin with a path, to set it apart.
        frozen: how many of the last weights no optimizer changes.
        below: inputs are whole numbers under it; 0 for floats.
        random: whether training mode draws random numbers.
        by_phase: whether training mode computes something else.
        loose: input and output shape when the space is unknown, for layers that allow it.
    """

    name: str
    config: dict[str, Any]
    shapes: tuple[Shape, ...]
    output: Shape
    weights: dict[str, Shape] = field(default_factory=dict)
    frozen: int = 0
    below: int = 0
    random: bool = False
    by_phase: bool = False
    loose: tuple[Shape, Shape] | None = None

    def __str__(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.config.items())
        return f"{self.name}({settings}){list(self.shapes[0])}".replace(" ", "")

    def layer(self, **more: Any) -> lamina.layers.Layer:
        config = {**self.config, **more}
        for key in {"layer", "block", "cell"} & set(config if "dtype" in more else ()):  # whose types are its own
            config[key] = inner(config[key]["class_name"], **config[key]["config"], dtype=more["dtype"])
        return getattr(lamina.layers, self.name)(**config)

    def arrays(self, seed: int = 0) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        if self.below:
            return [rng.integers(0, self.below, shape) for shape in self.shapes]
        return [rng.normal(size=shape) for shape in self.shapes]

    def inputs(self, dtype: str = "float32", seed: int = 0) -> Any:
        tensors = [lamina.Tensor(a, "int32" if self.below else dtype) for a in self.arrays(seed)]
        return tensors if len(tensors) > 1 else tensors[0]


def inner(name: str, **config: Any) -> dict[str, Any]:
    """A layer inside another one's config."""
    return {"class_name": name, "config": config}


def case(name: str, shape: Shape, output: Shape, config: dict[str, Any] | None = None, **rest: Any) -> Case:
    shapes = shape if isinstance(shape[0], tuple) else (shape,)
    return Case(name, config or {}, shapes, output, **rest)


def core() -> list[Case]:
    return [
        case("InputLayer", (2, 3), (2, 3), {"shape": (3,)}),
        case("Dense", (2, 3), (2, 4), {"units": 4}, weights={"kernel": (3, 4), "bias": (4,)}),
        case(
            "Dense",
            (2, 3),
            (2, 4),
            {"units": 4, "activation": "softmax", "use_bias": False},
            weights={"kernel": (3, 4)},
        ),
        case(
            "Dense",
            (2, 5, 3),
            (2, 5, 4),
            {"units": 4, "activation": "tanh", "kernel_initializer": "he_normal", "bias_initializer": "ones"},
            weights={"kernel": (3, 4), "bias": (4,)},
            loose=((None, None, 3), (None, None, 4)),
        ),
        case(
            "Dense",
            (2, 3),
            (2, 2),
            {"units": 2, "kernel_regularizer": "l2", "kernel_constraint": "non_neg", "activity_regularizer": "l1"},
            weights={"kernel": (3, 2), "bias": (2,)},
        ),
        case("Activation", (2, 3), (2, 3), {"activation": "tanh"}),
        case("Activation", (2, 3), (2, 3), {"activation": "softmax"}),
        case("ReLU", (2, 3), (2, 3)),
        case("ReLU", (2, 3), (2, 3), {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}),
        case("LeakyReLU", (2, 3), (2, 3)),
        case("LeakyReLU", (2, 3), (2, 3), {"negative_slope": 0.01}),
        case("ELU", (2, 3), (2, 3)),
        case("ELU", (2, 3), (2, 3), {"alpha": 0.5}),
        case("PReLU", (2, 3), (2, 3), {"alpha_initializer": "ones"}, weights={"alpha": (3,)}),
        case(
            "PReLU",
            IMAGE,
            IMAGE,
            {"shared_axes": [1, 2]},
            weights={"alpha": (1, 1, 4)},
            loose=((None, None, None, 4),) * 2,
        ),
        case("Softmax", (2, 3), (2, 3)),
        case("Softmax", (2, 3, 4), (2, 3, 4), {"axis": [1, 2]}),
        case("Identity", (2, 3), (2, 3)),
        case("Masking", (2, 3, 4), (2, 3, 4)),
        case("Rescaling", (2, 3), (2, 3), {"scale": 0.5, "offset": -1.0}),
        case("Rescaling", IMAGE, IMAGE, {"scale": [1.0, 2.0, 3.0, 4.0]}),
        case(
            "Embedding", (2, 3), (2, 3, 4), {"input_dim": 7, "output_dim": 4}, below=7, weights={"embeddings": (7, 4)}
        ),
        case(
            "Embedding",
            (5,),
            (5, 2),
            {"input_dim": 3, "output_dim": 2, "weights": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]},
            below=3,
            weights={"embeddings": (3, 2)},
        ),
        case(
            "ReversibleEmbedding",
            (2, 3),
            (2, 3, 4),
            {"input_dim": 7, "output_dim": 4},
            below=7,
            weights={"embeddings": (7, 4)},
        ),
        case(
            "ReversibleEmbedding",
            (5,),
            (5, 2),
            {
                "input_dim": 3,
                "output_dim": 2,
                "tie_weights": False,
                "logit_soft_cap": 5.0,
                "embeddings_regularizer": "l2",
            },
            below=3,
            weights={"embeddings": (3, 2), "reverse_embeddings": (2, 3)},
        ),
    ]


def products() -> list[Case]:
    def weights(kernel: Shape, *bias: int) -> dict[str, Shape]:
        return {"kernel": kernel, "bias": bias} if bias else {"kernel": kernel}

    def einsum(equation: str, sizes: Any, bias_axes: str | None = None, **more: Any) -> dict[str, Any]:
        return {"equation": equation, "output_shape": sizes, "bias_axes": bias_axes, **more}

    return [
        case("EinsumDense", (2, 3), (2, 4), einsum("ab,bc->ac", 4, "c", activation="tanh"), weights=weights((3, 4), 4)),
        case(
            "EinsumDense",
            (2, 5, 3),
            (2, 5, 2, 4),
            einsum("abc,cde->abde", (None, 2, 4), "e", kernel_regularizer="l2"),
            weights=weights((3, 2, 4), 4),
            loose=((None, None, 3), (None, None, 2, 4)),
        ),
        case("EinsumDense", (2, 5, 3), (2, 4, 5), einsum("abc,cd->adb", [4, None], "d"), weights=weights((3, 4), 4, 1)),
        case("EinsumDense", (2, 5, 3, 2), (2, 5, 4), einsum("...cd,cde->...e", 4, "e"), weights=weights((3, 2, 4), 4)),
        case(
            "EinsumDense",
            (2, 3, 5, 2),
            (2, 4, 5, 2),
            einsum("ab..., bc->ac...", 4, "c"),
            weights=weights((3, 4), 4, 1, 1),
        ),
        case("EinsumDense", (2, 5, 3), (2, 5, 3), einsum("abc,bc->abc", (None, 3)), weights=weights((5, 3))),
    ]


def wrapping() -> list[Case]:
    dense = {"kernel": (3, 4), "bias": (4,)}
    converged = {"power_iterations": 40}  # only then is the constant u what central differences see
    image, video = {"filters": 3, "kernel_size": 2}, (2, 3, 4, 5, 2)
    return [
        case("Wrapper", (2, 3), (2, 4), {"layer": inner("Dense", units=4, activation="tanh")}, weights=dense),
        case(
            "TimeDistributed",
            (2, 5, 3),
            (2, 5, 4),
            {"layer": inner("Dense", units=4)},
            weights=dense,
            loose=((None, None, 3), (None, None, 4)),
        ),
        case(
            "TimeDistributed",
            video,
            (2, 3, 3, 4, 3),
            {"layer": inner("Conv2D", **image, activation="relu")},
            weights={"kernel": (2, 2, 2, 3), "bias": (3,)},
            loose=((None, None, None, None, 2), (None, None, None, None, 3)),
        ),
        case("TimeDistributed", video, (2, 3, 40), {"layer": inner("Flatten")}),
        case(
            "TimeDistributed",
            (2, 3, 4),
            (2, 3, 4, 5),
            {"layer": inner("Embedding", input_dim=7, output_dim=5)},
            below=7,
            weights={"embeddings": (7, 5)},
        ),
        case(
            "TimeDistributed",
            (2, 5, 3),
            (2, 5, 3),
            {"layer": inner("BatchNormalization")},
            weights=dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (3,)),
            frozen=2,
            by_phase=True,
        ),
        case("TimeDistributed", ((2, 5, 3), (2, 5, 2)), (2, 5, 5), {"layer": inner("Concatenate")}),
        case(
            "SpectralNormalization",
            (2, 3),
            (2, 4),
            {"layer": inner("Dense", units=4, use_bias=False), **converged},
            weights={"kernel": (3, 4), "vector_u": (1, 4)},
            frozen=1,
        ),
        case(
            "SpectralNormalization",
            IMAGE,
            (2, 5, 4, 3),
            {"layer": inner("Conv2D", **image, use_bias=False, activation="tanh"), **converged},
            weights={"kernel": (2, 2, 4, 3), "vector_u": (1, 3)},
            frozen=1,
            loose=((None, None, None, 4), (None, None, None, 3)),
        ),
        case(
            "SpectralNormalization",
            (2, 3),
            (2, 3, 4),
            {"layer": inner("Embedding", input_dim=7, output_dim=4), **converged},
            below=7,
            weights={"embeddings": (7, 4), "vector_u": (1, 4)},
            frozen=1,
        ),
        case("Lambda", (2, 3), (2, 3), {"function": "tanh"}),
        case(
            "Lambda",
            (2, 3),
            (2, 1),
            {"function": "sum", "output_shape": [1], "arguments": {"axis": 1, "keepdims": True}},
        ),
    ]


def reshaping() -> list[Case]:
    first = {"data_format": "channels_first"}
    free = (None, None, None, 4)
    return [
        case("Flatten", IMAGE, (2, 120)),
        case("Flatten", (2,), (2, 1)),
        case("Flatten", IMAGE, (2, 120), first),
        case("Reshape", (2, 6), (2, 3, 2), {"target_shape": (3, 2)}),
        case("Reshape", (2, 6, 2), (2, 4, 3), {"target_shape": [4, -1]}),
        case("Permute", (2, 3, 4), (2, 4, 3), {"dims": (2, 1)}, loose=((None, None, 4), (None, 4, None))),
        case("Permute", IMAGE, (2, 4, 6, 5), {"dims": [3, 1, 2]}),
        case("RepeatVector", (2, 3), (2, 4, 3), {"n": 4}),
        case("ZeroPadding1D", SIGNAL, (2, 9, 4), loose=((None, None, 4), (None, None, 4))),
        case("ZeroPadding1D", SIGNAL, (2, 10, 4), {"padding": (1, 2)}),
        case("ZeroPadding2D", IMAGE, (2, 10, 9, 4), {"padding": 2}, loose=(free, free)),
        case("ZeroPadding2D", IMAGE, (2, 9, 8, 4), {"padding": [[1, 2], [0, 3]]}),
        case("ZeroPadding2D", IMAGE, (2, 6, 7, 8), {"padding": (1, 2), **first}),
        case("ZeroPadding3D", VOLUME, (2, 6, 5, 8, 2), {"padding": (1, 0, 2)}),
        case("Cropping1D", SIGNAL, (2, 5, 4), loose=((None, None, 4), (None, None, 4))),
        case("Cropping1D", SIGNAL, (2, 6, 4), {"cropping": (0, 1)}),
        case("Cropping2D", IMAGE, IMAGE),
        case("Cropping2D", IMAGE, (2, 3, 2, 4), {"cropping": ((1, 2), (0, 3))}, loose=(free, free)),
        case("Cropping2D", IMAGE, (2, 6, 3, 2), {"cropping": 1, **first}),
        case("Cropping3D", VOLUME, (2, 2, 3, 2, 2)),
        case("UpSampling1D", SIGNAL, (2, 14, 4), loose=((None, None, 4), (None, None, 4))),
        case("UpSampling2D", IMAGE, (2, 12, 15, 4), {"size": (2, 3)}, loose=(free, free)),
        case("UpSampling2D", IMAGE, (2, 12, 10, 4), {"interpolation": "bilinear"}),
        case("UpSampling2D", IMAGE, (2, 6, 10, 8), first),
        case("UpSampling3D", VOLUME, (2, 4, 10, 12, 2), {"size": [1, 2, 3]}),
    ]


def convolution() -> list[Case]:
    first, free = {"data_format": "channels_first"}, (None, None, None, 4)

    def weights(kernel: Shape, bias: int) -> dict[str, Shape]:
        return {"kernel": kernel, "bias": (bias,)}

    def separate(depthwise: Shape, pointwise: Shape, bias: int) -> dict[str, Shape]:
        return {"depthwise_kernel": depthwise, "pointwise_kernel": pointwise, "bias": (bias,)}

    return [
        case("Conv1D", SIGNAL, (2, 6, 6), {"filters": 6, "kernel_size": 2}, weights=weights((2, 4, 6), 6)),
        case(
            "Conv1D",
            SIGNAL,
            (2, 7, 6),
            {"filters": 6, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
            weights=weights((2, 4, 6), 6),
            loose=((None, None, 4), (None, None, 6)),
        ),
        case("Conv1D", SIGNAL, (2, 3, 3), {"filters": 3, "kernel_size": 2, **first}, weights=weights((2, 7, 3), 3)),
        case(
            "Conv2D",
            IMAGE,
            (2, 4, 3, 6),
            {"filters": 6, "kernel_size": 3, "activation": "relu"},
            weights=weights((3, 3, 4, 6), 6),
            loose=(free, (None, None, None, 6)),
        ),
        case(
            "Conv2D",
            IMAGE,
            (2, 3, 5, 6),
            {"filters": 6, "kernel_size": [2, 1], "strides": (2, 1), "padding": "same", "groups": 2, "use_bias": False},
            weights={"kernel": (2, 1, 2, 6)},
        ),
        case(
            "Conv2D",
            (2, 4, 6, 5),
            (2, 3, 4, 4),
            {"filters": 3, "kernel_size": 2, "dilation_rate": (2, 1), **first},
            weights=weights((2, 2, 4, 3), 3),
        ),
        case(
            "Conv3D",
            VOLUME,
            (2, 4, 4, 3, 3),
            {"filters": 3, "kernel_size": (1, 2, 2)},
            weights=weights((1, 2, 2, 2, 3), 3),
        ),
        case(
            "Conv3D",
            VOLUME,
            (2, 2, 3, 2, 2),
            {"filters": 2, "kernel_size": (2, 1, 2), "strides": 2, "padding": "same"},
            weights=weights((2, 1, 2, 2, 2), 2),
        ),
        case("Conv1DTranspose", SIGNAL, (2, 9, 3), {"filters": 3, "kernel_size": 3}, weights=weights((3, 3, 4), 3)),
        case(
            "Conv1DTranspose",
            SIGNAL,
            (2, 14, 3),
            {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
            weights=weights((3, 3, 4), 3),
            loose=((None, None, 4), (None, None, 3)),
        ),
        case(
            "Conv2DTranspose",
            IMAGE,
            (2, 12, 10, 3),
            {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"},
            weights=weights((3, 3, 3, 4), 3),
        ),
        case(
            "Conv2DTranspose",
            IMAGE,
            (2, 13, 5, 3),
            {"filters": 3, "kernel_size": (2, 1), "strides": (2, 1), "output_padding": (1, 0), "use_bias": False},
            weights={"kernel": (2, 1, 3, 4)},
        ),
        case(
            "Conv2DTranspose",
            (2, 4, 3, 3),
            (2, 2, 4, 4),
            {"filters": 2, "kernel_size": 2, **first},
            weights=weights((2, 2, 2, 4), 2),
        ),
        case(
            "Conv3DTranspose",
            VOLUME,
            (2, 5, 5, 5, 3),
            {"filters": 3, "kernel_size": (2, 1, 2)},
            weights=weights((2, 1, 2, 3, 2), 3),
        ),
        case("DepthwiseConv1D", SIGNAL, (2, 6, 4), {"kernel_size": 2}, weights=weights((2, 4, 1), 4)),
        case(
            "DepthwiseConv1D",
            SIGNAL,
            (2, 4, 8),
            {"kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2, "use_bias": False},
            weights={"kernel": (3, 4, 2)},
        ),
        case(
            "DepthwiseConv2D",
            IMAGE,
            (2, 5, 4, 8),
            {"kernel_size": (2, 2), "depth_multiplier": 2, "activation": "tanh"},
            weights=weights((2, 2, 4, 2), 8),
            loose=(free, (None, None, None, 8)),
        ),
        case(
            "DepthwiseConv2D", IMAGE, (2, 6, 5, 3), {"kernel_size": (1, 2), **first}, weights=weights((1, 2, 6, 1), 6)
        ),
        case(
            "SeparableConv1D",
            SIGNAL,
            (2, 6, 3),
            {"filters": 3, "kernel_size": 2},
            weights=separate((2, 4, 1), (1, 4, 3), 3),
        ),
        case(
            "SeparableConv2D",
            IMAGE,
            (2, 3, 3, 3),
            {"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same", "depth_multiplier": 2},
            weights=separate((2, 2, 4, 2), (1, 1, 8, 3), 3),
            loose=(free, (None, None, None, 3)),
        ),
        case(
            "SeparableConv2D",
            (2, 3, 6, 5),
            (2, 2, 4, 5),
            {"filters": 2, "kernel_size": (2, 1), "dilation_rate": 2, "activation": "relu", **first},
            weights=separate((2, 1, 3, 1), (1, 1, 3, 2), 2),
        ),
    ]


def pooling() -> list[Case]:
    first, free = {"data_format": "channels_first"}, (None, None, None, 4)
    cases = []
    for kind in ("Max", "Average"):
        cases += [
            case(f"{kind}Pooling1D", SIGNAL, (2, 3, 4), {"pool_size": 2}, loose=((None, None, 4), (None, None, 4))),
            case(f"{kind}Pooling1D", SIGNAL, (2, 4, 4), {"pool_size": 3, "strides": 2, "padding": "same"}),
            case(f"{kind}Pooling2D", IMAGE, (2, 3, 2, 4), {"pool_size": (2, 2)}, loose=(free, free)),
            case(f"{kind}Pooling2D", IMAGE, (2, 6, 3, 4), {"pool_size": [3, 2], "strides": (1, 2), "padding": "same"}),
            case(f"{kind}Pooling2D", IMAGE, (2, 6, 2, 2), {"pool_size": 2, **first}),
            case(f"{kind}Pooling3D", VOLUME, (2, 2, 2, 2, 2), {"pool_size": 2}),
            case(f"Global{kind}Pooling1D", SIGNAL, (2, 4), loose=((None, None, 4), (None, 4))),
            case(f"Global{kind}Pooling1D", SIGNAL, (2, 7), first),
            case(f"Global{kind}Pooling2D", IMAGE, (2, 1, 1, 4), {"keepdims": True}),
            case(f"Global{kind}Pooling2D", IMAGE, (2, 6, 1, 1), {"keepdims": True, **first}),
            case(f"Global{kind}Pooling3D", VOLUME, (2, 2)),
            case(
                f"Adaptive{kind}Pooling1D", SIGNAL, (2, 3, 4), {"output_size": 3}, loose=((None, None, 4), (None, 3, 4))
            ),
            case(f"Adaptive{kind}Pooling1D", SIGNAL, (2, 7, 3), {"output_size": [3], **first}),
            case(f"Adaptive{kind}Pooling2D", IMAGE, (2, 3, 5, 4), {"output_size": (3, 5)}),
            case(f"Adaptive{kind}Pooling2D", IMAGE, (2, 4, 4, 4), {"output_size": 4}, loose=(free, (None, 4, 4, 4))),
            case(f"Adaptive{kind}Pooling2D", IMAGE, (2, 6, 3, 3), {"output_size": 3, **first}),
            case(f"Adaptive{kind}Pooling3D", VOLUME, (2, 3, 5, 2, 2), {"output_size": (3, 5, 2)}),
        ]
    return cases


def normalization() -> list[Case]:
    free = (None, None, None, 4)
    both = {"gamma": (4,), "beta": (4,)}
    moving = {"moving_mean": (4,), "moving_variance": (4,)}
    return [
        case("BatchNormalization", IMAGE, IMAGE, weights=both | moving, frozen=2, by_phase=True, loose=(free, free)),
        case(
            "BatchNormalization",
            (5, 4, 3),
            (5, 4, 3),
            {"axis": 1, "momentum": 0.5, "scale": False},
            weights={"beta": (4,)} | moving,
            frozen=2,
            by_phase=True,
        ),
        case(
            "BatchNormalization",
            (5, 4),
            (5, 4),
            {"center": False, "scale": False},
            weights=moving,
            frozen=2,
            by_phase=True,
        ),
        case("LayerNormalization", (3, 4), (3, 4), weights=both),
        case(
            "LayerNormalization",
            IMAGE,
            IMAGE,
            {"axis": [1, -1], "epsilon": 0.1, "center": False},
            weights={"gamma": (6, 4)},
            loose=((None, 6, None, 4),) * 2,
        ),
        case("GroupNormalization", IMAGE, IMAGE, {"groups": 2}, weights=both, loose=(free, free)),
        case(
            "GroupNormalization",
            (2, 4, 3),
            (2, 4, 3),
            {"groups": -1, "axis": 1, "scale": False},
            weights={"beta": (4,)},
        ),
        case("RMSNormalization", (3, 4), (3, 4), weights={"scale": (4,)}),
        case("RMSNormalization", SIGNAL, SIGNAL, {"axis": (1, 2), "epsilon": 0.1}, weights={"scale": (7, 4)}),
        case("UnitNormalization", (3, 4), (3, 4)),
        case("UnitNormalization", SIGNAL, SIGNAL, {"axis": (1, 2)}),
    ]


def regularization() -> list[Case]:
    noisy = {"random": True, "by_phase": True}
    return [
        case("Dropout", SIGNAL, SIGNAL, {"rate": 0.5}, **noisy),
        case("Dropout", SIGNAL, SIGNAL, {"rate": 0.4, "noise_shape": (None, 1, None), "seed": 3}, **noisy),
        case("Dropout", SIGNAL, SIGNAL, {"rate": 0.0}),
        case("SpatialDropout1D", SIGNAL, SIGNAL, {"rate": 0.5}, **noisy),
        case("SpatialDropout2D", IMAGE, IMAGE, {"rate": 0.5}, **noisy),
        case("SpatialDropout2D", IMAGE, IMAGE, {"rate": 0.5, "data_format": "channels_first"}, **noisy),
        case("SpatialDropout3D", VOLUME, VOLUME, {"rate": 0.5}, **noisy),
        case("GaussianNoise", SIGNAL, SIGNAL, {"stddev": 0.5}, **noisy),
        case("GaussianNoise", SIGNAL, SIGNAL, {"stddev": 0}),
        case("GaussianDropout", SIGNAL, SIGNAL, {"rate": 0.5}, **noisy),
        case("AlphaDropout", SIGNAL, SIGNAL, {"rate": 0.5, "seed": 1}, **noisy),
        case("AlphaDropout", SIGNAL, SIGNAL, {"rate": 0.5, "noise_shape": (None, 1, None)}, **noisy),
        case("ActivityRegularization", (2, 3), (2, 3), {"l1": 0.1, "l2": 0.2}),
    ]


def merging() -> list[Case]:
    cases = []
    for name in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
        cases += [
            case(name, ((2, 3, 4),) * 3, (2, 3, 4)),
            case(name, ((2, 3, 4), (2, 4), (2, 1, 4)), (2, 3, 4)),
        ]
    return [
        *cases,
        case("Subtract", ((2, 3), (2, 3)), (2, 3)),
        case("Concatenate", ((2, 3, 4), (2, 3, 1)), (2, 3, 5)),
        case("Concatenate", ((2, 3, 4), (2, 1, 4), (2, 2, 4)), (2, 6, 4), {"axis": 1}),
        case("Dot", ((2, 3), (2, 3)), (2, 1), {"axes": 1}),
        case("Dot", ((2, 3, 4), (2, 4, 5)), (2, 3, 5), {"axes": (2, 1)}),
        case("Dot", ((2, 3, 4), (2, 5, 4)), (2, 3, 5), {"axes": -1, "normalize": True}),
        case("Dot", ((2, 3, 4), (2, 3)), (2, 4), {"axes": 1}),
    ]


def attention() -> list[Case]:
    pair, three = ((2, 3, 4), (2, 5, 4)), ((2, 3, 4), (2, 5, 2), (2, 5, 4))
    drawn = {"random": True, "by_phase": True}

    def projections(heads: int, key_heads: int, size: int) -> dict[str, Shape]:
        """Kernels and biases of self-attention over 4 features."""
        into = {"query": (heads, size), "key": (key_heads, size), "value": (key_heads, size)}
        found: dict[str, Shape] = {}
        for name, sizes in into.items():
            found |= {f"{name}/kernel": (4, *sizes), f"{name}/bias": sizes}
        return found | {"output/kernel": (heads, size, 4), "output/bias": (4,)}

    heads, grouped = {"num_heads": 2, "key_dim": 3}, {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
    return [
        case("Attention", pair, (2, 3, 4)),
        case("Attention", three, (2, 3, 2), {"use_scale": True, "dropout": 0.5}, weights={"scale": ()}, **drawn),
        case("AdditiveAttention", three, (2, 3, 2), weights={"scale": (4,)}),
        case(
            "MultiHeadAttention", (2, 3, 4), (2, 3, 4), {**heads, "dropout": 0.5}, weights=projections(2, 2, 3), **drawn
        ),
        case(
            "MultiHeadAttention",
            (2, 3, 2, 4),
            (2, 3, 2, 5),
            {**heads, "use_bias": False, "attention_axes": 1, "output_shape": 5, "flash_attention": True},
            weights={"q/kernel": (4, 2, 3), "k/kernel": (4, 2, 3), "v/kernel": (4, 2, 3), "o/kernel": (2, 3, 5)},
            loose=((None, None, None, 4), (None, None, None, 5)),
        ),
        case(
            "GroupQueryAttention", (2, 3, 4), (2, 3, 4), {**grouped, "sliding_window": 2}, weights=projections(4, 2, 3)
        ),
    ]


def recurrent() -> list[Case]:
    """A few of each kind: their programs are the slowest to compile. The cells are in recurrent/test_cells.py."""
    signal, drawn = (2, 3, 4), {"random": True, "by_phase": True}
    film, window = (1, 2, 3, 4, 2), {"filters": 2, "kernel_size": 2}

    def weights(gates: int, *bias: int, prefix: str = "") -> dict[str, Shape]:
        found = {"kernel": (4, 2 * gates), "recurrent_kernel": (2, 2 * gates), "bias": (*bias, 2 * gates)}
        return {prefix + name: shape for name, shape in found.items()}

    def conv(*k: int) -> dict[str, Shape]:
        return {"kernel": (*k, 2, 8), "recurrent_kernel": (*k, 2, 8), "bias": (8,)}

    units, sequence = {"units": 2}, {"units": 2, "return_sequences": True}
    any_length = ((None, None, 4), (None, None, 2))
    gru = inner("GRU", units=2, return_sequences=True)
    return [
        case("SimpleRNN", signal, (2, 2), {**units, "recurrent_dropout": 0.5}, weights=weights(1), **drawn),
        case("LSTM", signal, (2, 3, 2), {**sequence, "dropout": 0.5}, weights=weights(4), loose=any_length, **drawn),
        case("GRU", signal, (2, 3, 2), {**sequence, "go_backwards": True}, weights=weights(3, 2), loose=any_length),
        case("GRU", signal, (2, 2), {**units, "reset_after": False, "activation": "elu"}, weights=weights(3)),
        case("RNN", signal, (2, 3, 2), {"cell": inner("LSTMCell", units=2), "return_sequences": True},
             weights=weights(4), loose=any_length),
        case("Bidirectional", signal, (2, 3, 4), {"layer": gru},
             weights=weights(3, 2, prefix="forward/") | weights(3, 2, prefix="backward/")),
        case("ConvLSTM1D", (2, 2, 4, 2), (2, 2, 3, 2), {**window, "return_sequences": True}, weights=conv(2)),
        case("ConvLSTM2D", film, (1, 3, 4, 2), {**window, "padding": "same"}, weights=conv(2, 2)),
        case("ConvLSTM3D", (1, 2, 2, 3, 2, 2), (1, 1, 2, 1, 2), window, weights=conv(2, 2, 2)),
    ]  # fmt: skip


def positions() -> list[Case]:
    return [
        case("PositionEmbedding", (2, 3, 4), (2, 3, 4), {"sequence_length": 5}, weights={"embeddings": (5, 4)}),
        case("SinePositionEncoding", (2, 3, 5), (2, 3, 5)),
        case("RotaryEmbedding", (2, 3, 2, 4), (2, 3, 2, 4)),
        case("RotaryEmbedding", (2, 4, 3), (2, 4, 3), {"sequence_axis": 2, "feature_axis": 1, "scaling_factor": 2.0}),
    ]


def repeated() -> list[Case]:
    return [
        case("Repeat", (2, 3), (2, 3), {"block": inner("Dense", units=3), "n": 4},
             weights={"kernel": (4, 3, 3), "bias": (4, 3)}),
        case("Repeat", (4, 3), (4, 3), {"block": inner("BatchNormalization"), "n": 2, "checkpoint": True},
             weights=dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (2, 3)),
             frozen=2, by_phase=True),
    ]  # fmt: skip


def augmentation() -> list[Case]:
    picture, batch, span = (2, 6, 5, 3), (4, 6, 5, 3), {"value_range": (-4, 4)}
    drawn = {"random": True, "by_phase": True}
    fixed = {"by_phase": True}
    cut = {"height": 4, "width": 3}

    def on(name: str, config: dict[str, Any], **rest: Any) -> Case:
        return case(name, picture, picture, config, **rest)

    return [
        case("Resizing", (2, 6, 5, 4), (2, 4, 8, 4), {"height": 4, "width": 8, "interpolation": "bicubic"}),
        case(
            "Resizing",
            (2, 3, 6, 5),
            (2, 3, 4, 4),
            {"height": 4, "width": 4, "pad_to_aspect_ratio": True, "data_format": "channels_first"},
            loose=((None, 3, None, None), (None, 3, 4, 4)),
        ),
        case("CenterCrop", picture, (2, 4, 3, 3), cut, loose=((None, None, None, 3), (None, 4, 3, 3))),
        case("CenterCrop", picture, (2, 8, 4, 3), {"height": 8, "width": 4}),
        case("RandomCrop", picture, (2, 4, 3, 3), cut, loose=((None, None, None, 3), (None, 4, 3, 3)), **drawn),
        on("RandomFlip", {}, **drawn),
        on("RandomRotation", {"factor": 0.2}, **drawn),
        on("RandomZoom", {"height_factor": 0.3, "fill_mode": "constant"}, **drawn),
        on("RandomTranslation", {"height_factor": 0.3, "width_factor": (0.1, 0.2), "fill_mode": "wrap"}, **drawn),
        on("RandomShear", {"x_factor": 0.3, "y_factor": (0.1, 0.2)}, **drawn),
        on("RandomPerspective", {"factor": (1.0, 1.0), "scale": 0.4}, **drawn),
        on("RandomElasticTransform", {"factor": (1.0, 1.0), "scale": (0.8, 1.0), **span}, **drawn),
        on("RandomBrightness", {"factor": 0.2, **span}, **drawn),
        on("RandomContrast", {"factor": 0.5, **span, "seed": 3}, **drawn),
        on("RandomInvert", {**span, "seed": 3}, **drawn),
        on("RandomHue", {"factor": 0.5, **span}, **drawn),
        on("RandomSaturation", {"factor": (0.2, 0.8)}, **drawn),
        on("RandomColorJitter", {"brightness_factor": 0.1, "hue_factor": 0.3, **span}, **drawn),
        on("RandomGrayscale", {"seed": 4}, **drawn),
        on("RandomColorDegeneration", {"factor": 0.5, **span}, **drawn),
        on("RandomGaussianBlur", {"factor": (1.0, 1.0), "kernel_size": (3, 5), "sigma": (0.5, 1.0), **span}, **drawn),
        on("RandomSharpness", {"factor": 0.4, **span}, **drawn),
        on("AutoContrast", {}),
        on("Equalization", {"bins": 3, **span}, **fixed),
        on("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (2, 3), **span}),
        on("Solarization", {"addition_factor": (0.1, 0.3), "threshold_factor": (0.5, 0.5), **span}, **drawn),
        on("RandomPosterization", {"factor": 1, **span}, **fixed),
        on("RandomErasing", {"factor": (1.0, 1.0), "scale": (0.2, 0.6), **span}, **drawn),
        case("MixUp", batch, batch, {"alpha": 1.0}, **drawn),
        case("CutMix", batch, batch, **drawn),
        on("RandAugment", {"num_ops": 1, "seed": 29, **span}, **drawn),
        on("AugMix", {"num_chains": 2, "chain_depth": 1, "all_ops": False, **span}, **drawn),
        on("Pipeline", {"layers": [{"class_name": "RandomFlip", "config": {}}]}, **drawn),
    ]


def spectrograms() -> list[Case]:
    kernels = {"real_kernel": (8, 1, 5), "imag_kernel": (8, 1, 5)}
    frames = {"frame_length": 8, "frame_step": 3}
    bands = {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 3, "sampling_rate": 1000}
    return [
        case("STFTSpectrogram", (2, 14, 3), (2, 3, 15), frames, weights=kernels),
        case(
            "STFTSpectrogram",
            (2, 3, 14),
            (2, 3, 5, 10),
            {**frames, "mode": "stft", "expand_dims": True, "padding": "same", "data_format": "channels_first"},
            weights=kernels,
        ),
        case("MelSpectrogram", (2, 21), (2, 3, 6), bands),
        case("MelSpectrogram", (2, 21), (2, 3, 6), {**bands, "power_to_db": False, "mag_exp": 1.0}),
    ]


CASES = [
    *core(), *products(), *wrapping(), *reshaping(), *convolution(), *pooling(), *normalization(), *regularization(),
    *merging(), *recurrent(), *attention(), *positions(), *repeated(), *augmentation(), *spectrograms(),
]  # fmt: skip
