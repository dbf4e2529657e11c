"""Keras' own answers: a process that runs inside Keras' environment and never sees Lamina.

One JSON line in, one JSON line out; the arrays of both travel as .npz files in a folder that the asker owns. A request
is `{"kind", "arrays", "answer", ...}`: the name of a function below, the file to read, the file to write, and what that
function wants besides. The reply is `{}` or `{"error": text}`. Everything that is to be the same on both sides
(weights, incoming gradients) is drawn here.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import traceback

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import keras
import numpy as np


def layer(arrays: dict, name: str, config: dict, training: bool, seed: int) -> dict:
    """Output, state after the call, penalty, and the gradients of sum(output · cotangent) + penalty."""
    made = getattr(keras.layers, name)(**config)
    inputs = [arrays[f"input_{i}"] for i in range(len(arrays))]
    output = made(inputs if len(inputs) > 1 else inputs[0], training=False)
    weights = draw_weights(made, seed)
    cotangent = np.random.default_rng(seed + 1).normal(size=output.shape).astype("float32")

    mode = {"training": training} if "training" in inspect.signature(made.call).parameters else {}
    floating = [np.issubdtype(value.dtype, np.floating) for value in inputs]

    def objective(trainable, differentiable):
        rest = iter(differentiable)
        values = [next(rest) if is_float else value for value, is_float in zip(inputs, floating, strict=True)]
        output, state, losses = made.stateless_call(
            trainable,
            [v.value for v in made.non_trainable_variables],
            values if len(values) > 1 else values[0],
            return_losses=True,
            **mode,
        )
        penalty = sum(losses, start=np.float32(0))
        return (output * cotangent).sum() + penalty, (output, state, penalty)

    run = jax.jit(jax.value_and_grad(objective, argnums=(0, 1), has_aux=True))
    trainable = [v.value for v in made.trainable_variables]
    (_, (output, state, penalty)), (by_weight, by_input) = run(
        trainable, [value for value, is_float in zip(inputs, floating, strict=True) if is_float]
    )
    for variable, value in zip(made.non_trainable_variables, state, strict=True):
        variable.assign(value)
    return {
        "output": output,
        "cotangent": cotangent,
        "penalty": penalty,
        **numbered("weight", weights),
        **numbered("after", made.get_weights()),
        **numbered("weight_gradient", by_weight),
        **numbered("input_gradient", by_input),
    }


def loss(arrays: dict, name: str, config: dict) -> dict:
    """The loss and its gradient with respect to the prediction (of the sum, where nothing is reduced)."""
    made = getattr(keras.losses, name)(**config)

    def value(y_pred):
        return made(arrays["y_true"], y_pred, sample_weight=arrays.get("sample_weight"))

    result, pullback = jax.vjp(value, arrays["y_pred"])
    return {"value": result, "gradient": pullback(np.ones_like(result))[0]}


def metric(arrays: dict, name: str, config: dict, updates: int) -> dict:
    """The result after each update."""
    made = getattr(keras.metrics, name)(**config)
    results = []
    for i in range(updates):
        parts = [arrays[f"{part}_{i}"] for part in ("y_true", "y_pred") if f"{part}_{i}" in arrays]
        made.update_state(*parts, sample_weight=arrays.get(f"sample_weight_{i}"))
        results.append(made.result())
    return numbered("result", results)


def optimizer(arrays: dict, name: str, config: dict, steps: int, variables: int) -> dict:
    """The variables after every step, for given gradients."""
    if isinstance(rate := config.get("learning_rate"), dict):
        config["learning_rate"] = keras.optimizers.schedules.deserialize(rate)
    made = getattr(keras.optimizers, name)(**config)
    held = [keras.Variable(arrays[f"start_{i}"]) for i in range(variables)]
    made.build(held)
    path = {}
    for step in range(steps):
        made.apply([arrays[f"gradient_{step}_{i}"] for i in range(variables)], held)
        path |= {f"step_{step}_{i}": np.asarray(v) for i, v in enumerate(held)}
    return path


def call(arrays: dict, room: str, name: str, config: dict) -> dict:
    """A function of the arrays, or an object made from `config` and called with them."""
    found = getattr(getattr(keras, room), name)
    values = [arrays[f"input_{i}"] for i in range(len(arrays))]
    return {"value": found(**config)(*values) if isinstance(found, type) else found(*values, **config)}


def fit(arrays: dict, layers: list, compiled: dict, fitted: dict, seed: int) -> dict:
    """A Sequential model's weights before and after `fit`, its history, and what it evaluates to and predicts then."""
    model = keras.Sequential([getattr(keras.layers, name)(**config) for name, config in layers])
    model(arrays["x"][:1])
    before = draw_weights(model, seed)
    settings = dict(compiled)
    optimizer_name, optimizer_config = settings.pop("optimizer")
    loss_name, loss_config = settings.pop("loss")
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer_name)(**optimizer_config),
        loss=getattr(keras.losses, loss_name)(**loss_config),
        **settings,
    )
    options = dict(fitted)
    if "class_weight" in options:
        options["class_weight"] = {int(label): weight for label, weight in options["class_weight"].items()}
    if "x_val" in arrays:
        options["validation_data"] = (arrays["x_val"], arrays["y_val"])
    history = model.fit(
        arrays["x"], arrays["y"], sample_weight=arrays.get("sample_weight"), shuffle=False, verbose=0, **options
    ).history
    return {
        **numbered("weight", before),
        **numbered("after", model.get_weights()),
        **{f"history_{key}": np.asarray(values) for key, values in history.items()},
        **{
            f"evaluate_{k}": v for k, v in model.evaluate(arrays["x"], arrays["y"], verbose=0, return_dict=True).items()
        },
        "prediction": model.predict(arrays["x"], verbose=0),
    }


def draw_weights(made: keras.layers.Layer, seed: int) -> list[np.ndarray]:
    """Give a layer or model random weights in Keras' order (variances positive) and return them."""
    rng = np.random.default_rng(seed)
    weights = [
        rng.uniform(0.5, 1.5, w.shape) if "variance" in w.name else rng.normal(size=w.shape) * 0.3 for w in made.weights
    ]
    weights = [w.astype("float32") for w in weights]
    made.set_weights(weights)
    return weights


def numbered(name: str, values: list) -> dict:
    return {f"{name}_{i}": np.asarray(value) for i, value in enumerate(values)}


KINDS = {f.__name__: f for f in (layer, loss, metric, optimizer, call, fit)}


def answer(line: str) -> dict:
    request = json.loads(line)
    kind, source, target = request.pop("kind"), request.pop("arrays"), request.pop("answer")
    try:
        with np.load(source) as file:
            arrays = dict(file)
        np.savez(target, **{key: np.asarray(value) for key, value in KINDS[kind](arrays, **request).items()})
    except Exception as error:  # any failure of Keras is an answer too: the test shows it
        return {"error": "".join(traceback.format_exception_only(error)) + traceback.format_exc(limit=-4)}
    return {}


if __name__ == "__main__":
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever Keras prints must not end up between the replies
    for line in sys.stdin:
        print(json.dumps(answer(line)), file=replies)
