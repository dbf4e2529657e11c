"""Asks Keras on TensorFlow about every case of `preprocessing_table.py` and writes `preprocessing_answers.json`.

Run it with an interpreter that has Keras 3.15 and TensorFlow, after a change of the table:
`python tests/peers/preprocessing_answers.py`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
ANSWERS = HERE / "preprocessing_answers.json"


def main() -> None:
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    keras = importlib.import_module("keras")
    table = importlib.import_module("preprocessing_table")
    answers = {str(case): answer(keras.layers, case) for case in table.CASES}
    if len(answers) != len(table.CASES):
        sys.exit("two cases have one title")
    lines = (f"{json.dumps(title)}: {json.dumps(value)}" for title, value in answers.items())
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def answer(layers: Any, case: Any) -> dict[str, Any]:
    """The output, and what was learnt."""
    config = {key: tuple(value) if key == "ngrams" and isinstance(value, list) else value
              for key, value in case.config.items()}  # fmt: skip
    layer = getattr(layers, case.name)(**config)
    if case.adapt is not None:
        layer.adapt(np.array(case.adapt))
    if case.batches is not None:
        layer.adapt(np.array(batch) for batch in case.batches)
    inputs = (
        tuple(np.array(column) for column in case.inputs) if case.name == "HashedCrossing" else np.array(case.inputs)
    )
    more = {} if case.count_weights is None else {"count_weights": np.array(case.count_weights)}
    output = plain(layer(inputs, **more))
    learnt = {}
    if hasattr(layer, "get_vocabulary"):
        learnt["vocabulary"] = plain(layer.get_vocabulary())
    if case.name == "Discretization":
        learnt["boundaries"] = plain(layer.bin_boundaries)
    if case.name == "Normalization":
        learnt |= {"mean": plain(layer.mean), "variance": plain(layer.variance)}
    return {"output": output, **learnt}


def plain(value: Any) -> Any:
    """Arrays as lists, floats in as many digits as a float32 has, bytes as text."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.9g}")
    return int(value) if isinstance(value, np.integer) else plain(np.asarray(value).tolist())


if __name__ == "__main__":
    main()
