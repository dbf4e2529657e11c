"""One step of training, one of evaluation: the textbook's loop body, written once."""

from typing import Any

from .. import ops
from ..core import Tensor, gradients, no_grad, random_scope
from ..layers.context import collect_penalties, training_phase

STEP_ONLY = ("batch_loss", "grad_norm", "learning_rate")  # reported for every step, not for an epoch


def train_step(model: Any, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
    """Forward, loss, backward, update: what `fit` compiles, for a model that has been given `compile`.

    Randomness is a function of the model's seed and the optimizer's step count.

    Returns:
        Running results of loss and metrics, and of this step alone: batch_loss, grad_norm, learning_rate.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(lamina.optimizers.SGD(0.5), "mse")
        >>> logs = train_step(model, Tensor([[1.0]]), Tensor([[1.0]]), None)
        >>> logs["loss"], logs["grad_norm"], model.get_weights()[0]
        (Tensor(1., float32), Tensor(2.828427, float32), array([[1.]], dtype=float32))
    """
    optimizer, objective = model.optimizer, model.objective
    outputs, total, penalty, parts = _forward(model, x, y, sample_weight)
    variables = model.trainable_variables  # now they all exist: the first call makes those of a subclassed model

    def again() -> tuple[Any, list[Any]]:  # the same batch and randomness, at the weights as they are then
        loss = _forward(model, x, y, sample_weight)[1]
        return loss, gradients(optimizer.scale_loss(loss), variables)

    grads = gradients(optimizer.scale_loss(total), variables)
    rate, scale = Tensor(optimizer.learning_rate), optimizer.scale_loss(Tensor(1.0))
    optimizer.apply(grads, variables, again)
    with no_grad():
        objective.update(y, outputs, sample_weight, total, parts)
        if penalty is not None:
            objective.track("penalty", penalty, float(_rows(outputs)))
        squares = [ops.sum(ops.square(g.astype("float32"))) for g in grads]
        norm = ops.sqrt(sum(squares, start=Tensor(0.0))) / scale
        return {**objective.results(), "batch_loss": total, "grad_norm": norm, "learning_rate": rate}


def test_step(model: Any, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
    """Forward, loss and metrics of one batch, with dropout off and running statistics used.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse", metrics=["mae"])
        >>> list(test_step(model, Tensor([[1.0]]), Tensor([[3.0]]), None).values())
        [Tensor(9., float32), Tensor(3., float32)]
    """
    objective = model.objective
    with no_grad(), training_phase(False), collect_penalties() as extra:
        outputs = model(x)
        objective.settle(y, outputs, x)
        total, _, parts = _total(model, objective, y, outputs, sample_weight, extra)
        objective.update(y, outputs, sample_weight, total, parts)
        return objective.results()


def _rows(outputs: Any) -> int:
    while not hasattr(outputs, "shape"):
        outputs = next(iter(outputs.values() if hasattr(outputs, "values") else outputs))
    return outputs.shape[0]


def _forward(model: Any, x: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any, Any]:
    """Outputs in training, and `_total` of them; randomness is a function of seed and step."""
    random = random_scope(model.seed.array, model.optimizer.iterations.array)
    with random, training_phase(True), collect_penalties() as extra:
        outputs = model(x)
        model.objective.settle(y, outputs, x)
        return outputs, *_total(model, model.objective, y, outputs, sample_weight, extra)


def _total(model: Any, objective: Any, y: Any, outputs: Any, weight: Any, extra: list[Tensor]) -> tuple[Any, Any, Any]:
    """The sum of data losses and penalties, the penalties alone (None without), and the parts."""
    parts = objective.loss(y, outputs, weight)
    penalties = [p.astype("float32") for p in (*model.losses, *extra)]
    penalty = sum(penalties[1:], start=penalties[0]) if penalties else None
    terms = [p for p in (*parts, penalty) if p is not None]
    total = sum(terms[1:], start=terms[0]) if terms else Tensor(0.0)
    return total, penalty, parts
