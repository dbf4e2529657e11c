"""The record of a step that was not made: everything that is needed to make it again.

A folder with story.txt and story.json; step.archive, which holds the state before the step and the batch; and
model.lamina, if the model can be written down. Nothing in it is code.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from ...core import FileFormatError, LaminaError, NonFiniteError, bound, get_random_state, set_random_state
from ...core.archive import read_archive, write_archive
from ...core.files import write_whole
from ...core.tensor_file import load_tensors
from ..checkpoint.codec import pack, unpack
from .rerun import rerun
from .story import UNKNOWN, Story

ARRAYS, BATCH = "arrays.safetensors", "batch.json"
STEP, STORY, TEXT, MODEL = "step.archive", "story.json", "story.txt", "model.lamina"
DIVERGENCE = "divergence"  # the folder of the record, in that of the run
_STATE, _BATCH = "state/", "batch/"


def investigate(
    model: Any, program: Any, batch: Any, epoch: int, step: int, data_rows: Any = (), folder: Path | None = None
) -> NonFiniteError:
    """The error that ends a run before the step on `batch` spoils it; with the run's folder, a record is in there.

    The arguments are those of `rerun`.
    """
    try:
        story = rerun(model, program, batch, epoch, step, data_rows)
    except Exception as failure:  # a step of the user's own may run only when it is compiled
        advice = "Let the step run with compile(run_eagerly=True), then it can be looked at"
        story = Story(epoch, step, UNKNOWN, note=f"run op by op, the step fails: {failure!r}", remedy=advice)
    error = story.error()
    if folder is not None:
        error.add_note(_written(folder, story, model, program, batch, data_rows))
    return error


def _written(folder: Path, story: Story, *step: Any) -> str:
    """Write the record, and say where; that it cannot be written must not hide what happened."""
    try:
        write_record(folder / DIVERGENCE, story, *step)
    except OSError as failure:
        return f"The record of the step could not be written: {failure}"
    return f"State, batch and story are in {folder / DIVERGENCE}. See the step again with: lamina replay {folder}"


def write_record(folder: str | Path, story: Story, model: Any, program: Any, batch: Any, data_rows: Any = ()) -> None:
    """Write what `replay` needs into `folder`.

    Args:
        folder: made if it does not exist; an older record in it is replaced.
        story: what was found.
        model: in the state before the step.
        program: its `Program` for training.
        batch: (x, y, sample_weight) of the step.
        data_rows: numbers of the batch's rows in the whole data; () if they have none.
    """
    folder = Path(folder)
    variables = [*program.written, *program.read]
    arrays = {f"{_STATE}{i}": v.numpy() for i, v in enumerate(variables)}
    kept = {"batch": list(batch), "random": list(get_random_state()), "rows": np.asarray(data_rows, np.int32).tolist()}
    tree = pack(kept, arrays, _BATCH)
    parts = {ARRAYS: save_tensors(arrays), BATCH: json.dumps(tree, allow_nan=False).encode()}
    write_archive(folder / STEP, parts, {"variables": [v.path for v in variables]})
    write_whole(folder / STORY, f"{story.as_json()}\n".encode())
    write_whole(folder / TEXT, f"{story.text()}\n".encode())
    try:
        model.save(folder / MODEL)
    except LaminaError:  # a class without a name for files: replay needs the program that made the model
        (folder / MODEL).unlink(missing_ok=True)


def read_story(folder: str | Path) -> Story:
    """The story in a folder that `write_record` has written.

    Raises:
        FileFormatError: it is damaged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     told = Story(epoch=0, step=4, phase="data", layer="x")
        ...     write_whole(f"{folder}/story.json", told.as_json().encode())
        ...     read_story(folder) == told
        True
    """
    path = Path(folder) / STORY
    try:
        return Story.from_json(path.read_text("utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise _refuse(path, "the story cannot be read", "the file as it was written", error) from error


def replay(model: Any, folder: str | Path) -> Story:
    """Make the step of a record again, op by op; the model's own state stays as it is.

    Args:
        model: built and compiled as when the record was written.
        folder: where that is: `divergence` in the run's folder.

    Returns:
        What was found this time; `text()` and `lines` tell it.

    Raises:
        FileFormatError: the record is damaged, or of another model.

    Example:
        >>> import lamina, tempfile
        >>> model = lamina.Sequential([lamina.layers.Dense(1, name="out")])
        >>> model.compile(lamina.optimizers.SGD(3e38), "mse")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     try:
        ...         model.fit(np.ones((4, 2)), np.full((4, 1), 9.0), run=folder, verbose=0)
        ...     except NonFiniteError as error:
        ...         story = replay(model, f"{folder}/divergence")
        >>> story.phase, story.op, story.layer
        ('optimizer', 'SGD.update', 'out/kernel, out/bias')
    """
    folder = Path(folder)
    told = read_story(folder)
    parts, metadata = read_archive(folder / STEP, [ARRAYS, BATCH])
    arrays: dict[str, np.ndarray] = load_tensors(str(folder / STEP), parts[ARRAYS])
    kept = unpack(json.loads(parts[BATCH]), arrays)
    batch, random = tuple(kept["batch"]), get_random_state()
    program = model._program("train", batch)
    variables = [*program.written, *program.read]
    values = [arrays[f"{_STATE}{i}"] for i in range(len(metadata["variables"]))]
    if [v.shape for v in variables] != [a.shape for a in values]:
        here, there = (sum(np.prod(shape, dtype=int) for shape in shapes) for shapes in _shapes(variables, values))
        received = f"one with {len(variables)} variables of {here:,} numbers"
        expected = f"a model, optimizer and loss with {len(values)} variables of {there:,} numbers"
        raise _refuse(folder / STEP, "the state belongs to another model", expected, received)
    try:
        set_random_state(kept["random"])
        with bound(variables, [v._array for v in variables]):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            return rerun(model, program, batch, told.epoch, told.step, kept["rows"])
    finally:
        set_random_state(random)


def _shapes(variables: Any, values: Any) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    return [v.shape for v in variables], [a.shape for a in values]


def _refuse(path: Path, rule: str, expected: Any, received: Any) -> FileFormatError:
    remedy = "Build and compile the model as when the record was written"
    return FileFormatError(str(path), rule, expected=expected, received=received, remedy=remedy)
