"""`compile`, `fit`, `evaluate`, `predict`: the methods by which a model meets data."""

import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from .. import optimizers
from ..callbacks import CallbackList, History
from ..callbacks.messages import say
from ..core import NotBuiltError, Variable, get_seed, no_grad
from ..data import ArrayData, as_array_data, as_batches, is_stream, validation_split
from ..training import Forward, Objective, Program, test_step, train_step
from ..training.checkpoint.keeper import Keeper
from ..training.checkpoint.verifier import Verifier
from ..training.doctor.plan import watched
from ..training.epoch import Feed, run_epoch
from ..training.feed import ArrayFeed, StreamFeed
from ..training.interrupt import Interrupt, safe_interrupt
from ..training.steps import STEP_ONLY
from ..training.weights import weigh_classes
from .check import warn_before_training
from .fitting import Fitting


class Trainer:
    """What a model can do with data; mixed into `lamina.Model`.

    Attributes:
        optimizer: changes the weights; None before `compile`.
        objective: losses and metrics; None before `compile`.
        stop_training: set by a callback to end `fit` after the epoch.
        epochs_done: epochs trained so far; it numbers the shuffles.
        at_first_loss: told the results of the first step, once.
    """

    optimizer: Any = None
    objective: Any = None
    stop_training = False
    run_eagerly = False
    check_finite = True
    epochs_done = 0
    at_first_loss: Callable[[dict[str, float]], None] | None = None
    _forward: Forward | None = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        check_finite: bool = True,
    ) -> None:
        """Say how the model is trained.

        Args:
            optimizer: an optimizer or its name.
            loss: a loss, its name, or a list or dict of them for several outputs.
            loss_weights: factors of the losses of several outputs.
            metrics: list of metrics or names; "accuracy" takes its meaning from loss and shapes.
            weighted_metrics: the same, computed with the sample weights.
            run_eagerly: run every step op by op, for looking inside; slow.
            check_finite: let `fit` stop before a step that would make losses or weights NaN or infinite, and say which
                op, layer and rows made the first such value. It keeps a second copy of weights and optimizer state.

        Raises:
            UnknownNameError: no optimizer, loss or metric of that name; the nearest one is suggested.

        Example:
            >>> import lamina
            >>> model = lamina.Sequential([lamina.layers.Dense(1)])
            >>> model.compile("adam", "mse", metrics=["mae"])
        """
        self.optimizer = optimizers.get(optimizer)
        self.objective = Objective(loss, loss_weights, metrics, weighted_metrics, getattr(self, "output_names", ()))
        self.objective.check_names()
        self.run_eagerly, self.check_finite = run_eagerly, check_finite
        self.seed = Variable(np.uint32(get_seed()), name="seed", trainable=False)
        self.epochs_done = 0
        self._programs: dict[str, tuple[Any, Program]] = {}

    # -- steps ----------------------------------------------------------------------------------
    def train_step(self, x: Any, y: Any = None, sample_weight: Any = None) -> dict[str, Any]:
        """One step of training; a subclass may write its own (a GAN, say), with any ops and optimizers.

        Returns:
            Scalars by name; they are reported for every step.
        """
        return train_step(self, x, y, sample_weight)

    def test_step(self, x: Any, y: Any = None, sample_weight: Any = None) -> dict[str, Any]:
        """One step of evaluation; a subclass may write its own."""
        return test_step(self, x, y, sample_weight)

    def _program(self, kind: str, example: Any) -> Program:
        """The compiled form of a step; made anew when layers have been frozen or freed since."""
        step = getattr(self, f"{kind}_step")
        state = [v.trainable for v in self.variables], jax.tree.structure(example)  # type: ignore[attr-defined]
        known = self._programs.get(kind)
        if known is None or known[0] != state:
            program = Program(step, example, f"{kind}_step", eager=self.run_eagerly, reset=self.objective.reset)
            state = [v.trainable for v in self.variables], state[1]  # type: ignore[attr-defined]
            self._programs[kind] = known = state, program
        return known[1]

    def _require_compiled(self, who: str) -> None:
        if self.objective is None:
            raise NotBuiltError(
                f"{type(self).__name__}.{who}",
                "the model must be told how it is trained",
                expected="model.compile(optimizer, loss) before",
                received="no compile",
                remedy='For example model.compile("adam", "mse")',
            )

    # -- training -------------------------------------------------------------------------------
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        split_mode: str = "tail",
        run: Any = None,
        resume: bool | str | Mapping[str, Any] = False,
    ) -> History:
        """Train the model.

        Args:
            x: inputs (N, ...): array, list, frame, dict or tuple of arrays for several inputs; or a stream of
                batches (x, y[, sample_weight]): a Dataset, generator or list of tuples.
            y: targets (N, ...), in the form of the outputs.
            batch_size: rows a step; 32 by default. Not for streams, which have theirs.
            epochs: number of the last epoch.
            verbose: 0 silent, 1 progress bar, 2 a line an epoch, "auto" one of the latter two.
            callbacks: see `lamina.callbacks`.
            validation_split: share of the rows set apart for validation, before shuffling.
            validation_data: (x, y) or (x, y, sample_weight), or a stream.
            shuffle: give each epoch its own order, a function of (seed, epoch).
            class_weight: factor of the loss by class number.
            sample_weight: factor of the loss by row, (N,).
            initial_epoch: number of epochs done before, when training goes on.
            steps_per_epoch: most steps in an epoch; needed for endless streams.
            validation_steps, validation_batch_size, validation_freq: the same for validation; how often.
            split_mode: "tail" (Keras), "random", "stratified" or "time"; see `lamina.data.validation_split`.
            run: a folder in which the state of the run is kept while it trains, or `lamina.training.Checkpoints`, which
                says how often. After Ctrl-C, SIGTERM or a crash the run can go on from there.
            resume: go on from the newest state in the folder of `run`, if there is one, as if the run had never
                stopped: to the last bit. {"learning_rate": 0.001} goes on with another one. "verify" trains a random
                stretch between two kept states again, and raises `ReproductionError` if it comes out differently.

        Returns:
            `History`: its `.history` holds one list of numbers per logged name.

        Raises:
            DataError, ShapeError, DTypeError: the data cannot be used; nothing has been trained then.
            NonFiniteError: a step would have made losses or weights NaN or infinite. They are as before that step.
            NotBuiltError: `compile` has not been called.

        Example:
            >>> import lamina, numpy as np
            >>> x = np.linspace(-1, 1, 64)[:, None]
            >>> model = lamina.Sequential([lamina.layers.Dense(1)])
            >>> model.compile(lamina.optimizers.SGD(0.5), "mse")
            >>> history = model.fit(x, 3 * x + 1, epochs=40, verbose=0)
            >>> bool(history.history["loss"][-1] < 1e-3)
            True

        Keras differs: NaN in the data is trained on there, and the split's mode is fixed and unsaid.
        """
        self._require_compiled("fit")
        notes: list[str] = []
        validation: Any = None
        with contextlib.ExitStack() as stack:
            keeper = None if run is None else stack.enter_context(_keeper(run, resume))
            if is_stream(x):
                training: Any = x
            else:
                data = as_array_data(x, y, sample_weight, who="fit")
                if validation_split:
                    data, validation = self._split(data, validation_split, split_mode, notes)
                training = weigh_classes(data, class_weight)
            if validation_data is not None:
                validation = self._as_source(validation_data, "fit")
            params: dict[str, Any] = {"epochs": epochs, "verbose": verbose, "notes": notes}
            listeners = CallbackList(callbacks, self, params, add_history=True, add_progbar=verbose != 0)
            feed = self._feed(training, batch_size, shuffle, steps_per_epoch, listeners.needs_every_step, "fit")
            judge = judged = None
            if validation is not None:
                size = validation_batch_size or batch_size
                judged = self._feed(validation, size, False, validation_steps, False, "fit")
            program = self._prepare("train", feed, judged)
            if judged is not None:
                judge = self._prepare("test", judged), judged
            notes += self.objective.notes
            params |= {"steps": feed.steps, "validation_freq": validation_freq if judge is not None else 1}
            if keeper is not None:
                keeper.attach(self, program.written, listeners, feed.facts())
            Fitting(self, program, feed, listeners, judge, validation_freq, keeper).run(initial_epoch, epochs)
        if isinstance(keeper, Verifier):
            say(keeper.sentence)
        return listeners.history  # type: ignore[return-value]

    def averaged_weights(self: Any) -> contextlib.AbstractContextManager[None]:
        """Inside the block the weights are the optimizer's averages, if it keeps some: those that `fit` judges.

        A callback that keeps or saves weights does it in here.

        Example:
            >>> import lamina, numpy as np
            >>> model = lamina.Sequential([lamina.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
            >>> model.compile(lamina.optimizers.SGD(0.25, use_ema=True, ema_momentum=0.5), "mse")
            >>> for _ in range(2): _ = model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
            >>> with model.averaged_weights(): model.get_weights()
            [array([[0.625]], dtype=float32)]
            >>> model.get_weights()
            [array([[0.75]], dtype=float32)]
        """
        return self.optimizer.evaluation_values(self.trainable_variables)

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One step on one batch; loss and metrics run on from the last call, until `reset_metrics`.

        Returns:
            The loss, or [loss, metrics...] if there are metrics, or a dict with `return_dict`.

        Example:
            >>> import lamina, numpy as np
            >>> model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="zeros")])
            >>> model.compile("sgd", "mse")
            >>> model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
            1.0
        """
        self._require_compiled("train_on_batch")
        data = weigh_classes(as_array_data(x, y, sample_weight, who="train_on_batch"), class_weight)
        return self._on_batch("train", data, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch, run on from the last call; see `train_on_batch`."""
        self._require_compiled("test_on_batch")
        return self._on_batch("test", as_array_data(x, y, sample_weight, who="test_on_batch"), return_dict)

    def _on_batch(self, kind: str, data: ArrayData, return_dict: bool) -> Any:
        feed = ArrayFeed(data, data.n)
        program = self._prepare(kind, feed)
        last = run_epoch(program, feed, get_seed(), 0, replay=lambda *_: None)
        return _as_keras(self._results(program, last), return_dict)

    def reset_metrics(self) -> None:
        """Let loss and metrics start anew."""
        if self.objective is not None:
            self.objective.reset()

    # -- judging --------------------------------------------------------------------------------
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over data, in inference mode (dropout off, running statistics used).

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as for `fit`.
            steps: most batches.
            return_dict: return a dict by name.

        Returns:
            The loss, or [loss, metrics...] if there are metrics, or a dict.
        """
        self._require_compiled("evaluate")
        source = x if is_stream(x) else as_array_data(x, y, sample_weight, who="evaluate")
        feed = self._feed(source, batch_size, False, steps, False, "evaluate")
        program = self._prepare("test", feed)
        params = {"verbose": verbose, "steps": feed.steps}
        listeners = CallbackList(callbacks, self, params, add_progbar=verbose != 0)
        with safe_interrupt() as interrupt:
            logs = self._judge(program, feed, listeners, interrupt)
        return _as_keras(logs, return_dict)

    def _judge(self, program: Program, feed: Feed, listeners: CallbackList, interrupt: Interrupt) -> dict[str, Any]:
        listeners.on_test_begin()
        replay = listeners.replay_test_batches
        last = run_epoch(program, feed, get_seed(), 0, fresh=True, replay=replay, interrupt=interrupt)
        logs = self._results(program, last)
        listeners.on_test_end(logs)
        return logs

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = 0,
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
    ) -> Any:
        """Outputs for inputs, in inference mode, as NumPy arrays.

        Args:
            x: inputs (N, ...), or a stream of batches (their targets are left aside).
            batch_size: rows computed at once; 256 by default.
            verbose: 1 shows a progress bar.
            steps: most batches.
            callbacks: told of each batch.

        Returns:
            Array (N, ...), or a list or dict of them, as the model's output is.

        Raises:
            DataError, ShapeError, DTypeError: the data cannot be used.

        Example:
            >>> import lamina, numpy as np
            >>> model = lamina.Sequential([lamina.layers.Dense(3)])
            >>> model.predict(np.ones((5, 2))).shape
            (5, 3)
        """
        if self._forward is None:
            self._forward = Forward(self)
        if is_stream(x):
            parts = (batch[0] for batch in itertools.islice(as_batches(x, who="predict"), steps))
        else:
            data = as_array_data(x, who="predict")
            size = batch_size or 256
            if data.n <= size and not callbacks and not verbose:  # the fast path of a server
                return self._forward(data.x, data.n, size)
            starts = itertools.islice(range(0, data.n, size), steps)
            parts = (data.take(slice(i, i + size)).x for i in starts)
        listeners = CallbackList(callbacks, self, {"verbose": verbose}, add_progbar=verbose not in (0, "auto"))
        outputs = []
        listeners.on_predict_begin()
        for i, part in enumerate(parts):
            rows = len(jax.tree.leaves(part)[0])
            listeners.on_predict_batch_begin(i)
            outputs.append(self._forward(part, rows, max(rows, batch_size or 256)))
            listeners.on_predict_batch_end(i)
        listeners.on_predict_end()
        return jax.tree.map(lambda *rows: np.concatenate(rows), *outputs)

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch; see `predict`."""
        return self.predict(x, batch_size=len(jax.tree.leaves(x)[0]))

    # -- pieces ---------------------------------------------------------------------------------
    def _split(self, data: ArrayData, fraction: float, mode: str, notes: list[str]) -> tuple[ArrayData, ArrayData]:
        labels = data.y if isinstance(data.y, np.ndarray) and data.y.dtype.kind in "iub" else None
        split = validation_split(data.n, fraction, mode, labels, seed=get_seed())
        notes.append(split.sentence)
        return data.take(split.train), data.take(split.validation)

    def _as_source(self, given: Any, who: str) -> Any:
        """Validation data in the form of `fit`'s: arrays checked, or a stream."""
        if isinstance(given, tuple) and not is_stream(given):
            return as_array_data(*given, who=f"{who}, validation_data")
        return given if is_stream(given) else as_array_data(given, who=f"{who}, validation_data")

    def _feed(
        self, source: Any, batch_size: int | None, shuffle: bool, steps: int | None, every_step: bool, who: str
    ) -> Feed:
        if isinstance(source, ArrayData):
            return ArrayFeed(source, batch_size or 32, shuffle, steps)
        return StreamFeed(source, steps, every_step, who)

    def _prepare(self, kind: str, feed: Feed, judged: Feed | None = None) -> Program:
        """Build the model on the first batch, settle the objective, check the targets, make the program."""
        example = feed.example()
        self.seed.assign(np.uint32(get_seed()))
        first = kind not in self._programs
        with watched(self) as plan:
            program = self._program(kind, example)
        if isinstance(feed, ArrayFeed):
            self.objective.check_targets(feed.host.y, feed.host.x)
        else:
            feed.check = self.objective.check_targets
        if kind == "train" and first:
            self.at_first_loss = warn_before_training(self, plan, feed, judged)
        return program

    def _results(self, program: Program, last: dict[str, float]) -> dict[str, Any]:
        """What an epoch reports: running results, and vectors such as scores per class, which no step reports."""
        logs: dict[str, Any] = {k: v for k, v in last.items() if k not in STEP_ONLY}
        if program.vectors:
            with no_grad():
                results = self.objective.results()
            logs |= {k: results[k].numpy() for k in program.vectors if k in results}
        return logs


def _keeper(run: Any, resume: Any) -> Keeper:
    return Verifier(run) if resume == "verify" else Keeper(run, resume)


def _as_keras(logs: dict[str, Any], return_dict: bool) -> Any:
    """The form in which Keras returns losses and metrics."""
    values = list(logs.values())
    return logs if return_dict else values[0] if len(values) == 1 else values
