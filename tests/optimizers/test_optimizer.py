"""What all optimizers share: clipping, decay, averages, accumulation, loss scale, constraints, state, refusals."""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, optimizers
from lamina.core import ArgumentError, DTypeError, GradientError, ShapeError, UnknownNameError
from lamina.optimizers import SGD, Adam, AdamW
from lamina.optimizers.schedules import ExponentialDecay


def moved(optimizer: Any, *gradients: Any, start: float = 0.0) -> list[np.ndarray]:
    """Where one step of `optimizer` takes variables that are all `start`."""
    variables = [Variable(np.full(np.shape(g), start), name=f"w{i}") for i, g in enumerate(gradients)]
    optimizer.apply([np.asarray(g, "float32") for g in gradients], variables)
    return [v.numpy() for v in variables]


def test_clip_by_value() -> None:
    (w,) = moved(SGD(1.0, clipvalue=0.5), [3.0, -0.2, -9.0])
    np.testing.assert_allclose(w, [-0.5, 0.2, 0.5])


def test_clip_by_norm_takes_each_gradient_alone() -> None:
    one, other = moved(SGD(1.0, clipnorm=1.0), [3.0, 4.0], [0.3, 0.4])
    np.testing.assert_allclose(one, [-0.6, -0.8], rtol=1e-6)
    np.testing.assert_allclose(other, [-0.3, -0.4], rtol=1e-6)


def test_clip_by_global_norm_takes_them_together() -> None:
    one, other = moved(SGD(1.0, global_clipnorm=6.5), [3.0, 4.0], [12.0])
    np.testing.assert_allclose(one, [-1.5, -2.0], rtol=1e-6)
    np.testing.assert_allclose(other, [-6.0], rtol=1e-6)
    one, other = moved(SGD(1.0, global_clipnorm=20.0), [3.0, 4.0], [12.0])
    np.testing.assert_allclose(np.append(one, other), [-3.0, -4.0, -12.0], rtol=1e-6)


def test_decay_is_l2_for_gradient_descent_and_not_for_adam(rng: np.random.Generator) -> None:
    start, decay = rng.normal(size=5), 0.01
    ends = {}
    for kind in (SGD, Adam):
        decayed, penalised = Variable(start), Variable(start)
        beside, inside = kind(0.1, weight_decay=decay), kind(0.1)
        for _ in range(5):
            g = rng.normal(size=5) * [1, 10, 100, 0.1, 1]
            beside.apply([g], [decayed])
            inside.apply([g + decay * penalised.numpy()], [penalised])
        ends[kind] = np.abs(decayed.numpy() - penalised.numpy()).max()
    assert ends[SGD] < 1e-4 < 1e-3 < ends[Adam]


def test_some_variables_do_not_decay() -> None:
    kernel, bias, scale = (Variable([1.0], name=name) for name in ("kernel", "bias", "scale"))
    optimizer = AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[scale], var_names=["bias"])
    optimizer.apply([[0.0]] * 3, [kernel, bias, scale])
    assert [v.item() for v in (kernel, bias, scale)] == pytest.approx([0.95, 1.0, 1.0])
    again = optimizers.get(optimizers.serialize(optimizer))
    again.apply([[0.0]] * 3, [kernel, bias, scale])
    assert [v.item() for v in (kernel, bias, scale)] == pytest.approx([0.95**2, 1.0, 1.0])


@pytest.mark.parametrize("make", [lambda **o: SGD(0.1, 0.9, **o), lambda **o: Adam(0.1, global_clipnorm=0.5, **o)])
@pytest.mark.parametrize("compiled", [False, True])
def test_accumulated_gradients_equal_the_big_batch(make: Any, compiled: bool, rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(24, 3)).astype("float32"), rng.normal(size=(24, 1)).astype("float32")
    start = rng.normal(size=(3, 1))
    big, small = Variable(start), Variable(start)

    def gradient(w: Variable, rows: slice) -> np.ndarray:
        return 2 * x[rows].T @ (x[rows] @ w.numpy() - y[rows]) / len(x[rows])

    whole, parts = make(), make(gradient_accumulation_steps=4)
    apply = lambda g: parts.apply([g], [small])  # noqa: E731
    apply = lamina.compile(apply) if compiled else apply
    for batch in range(2):
        whole.apply([gradient(big, slice(12 * batch, 12 * batch + 12))], [big])
        before = small.numpy()
        for part in range(4):
            np.testing.assert_array_equal(small.numpy(), before)
            apply(gradient(small, slice(12 * batch + 3 * part, 12 * batch + 3 * part + 3)))
    np.testing.assert_allclose(small.numpy(), big.numpy(), rtol=1e-5)
    assert parts.iterations.item() == whole.iterations.item() == 2


def test_average_of_the_weights() -> None:
    w = Variable([0.0])
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.75)
    values, average = [], None
    for g in ([-4.0], [-8.0], [2.0]):
        optimizer.apply([g], [w])
        values.append(w.item())
        average = w.item() if average is None else 0.75 * average + 0.25 * w.item()
    assert values == [4.0, 12.0, 10.0]
    optimizer.finalize_variable_values([w])
    assert w.item() == pytest.approx(average)


def test_average_overwrites_at_its_frequency() -> None:
    w = Variable([0.0])
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    optimizer.apply([[-4.0]], [w])
    assert w.item() == 4.0
    optimizer.apply([[-4.0]], [w])
    assert w.item() == 6.0  # the mean of 4 and 8
    optimizer.finalize_variable_values([w])
    assert w.item() == 6.0


def test_loss_scale() -> None:
    w = Variable([1.0, 2.0])
    optimizer = SGD(0.1, loss_scale_factor=1024.0)
    loss = optimizer.scale_loss((w * w).sum())
    assert loss.item() == 5 * 1024
    optimizer.apply(lamina.gradients(loss, [w]), [w])
    np.testing.assert_allclose(w.numpy(), [0.8, 1.6], rtol=1e-6)


def test_constraints_come_after_the_update() -> None:
    w = Variable([0.1, 1.0])
    w.constraint = lambda value: value.clip(0.0)
    SGD(1.0).apply([[1.0, 0.5]], [w])
    assert w.tolist() == [0.0, 0.5]


def test_sixteen_bit_weights_get_exact_state() -> None:
    w = Variable([1.0, 2.0], dtype="bfloat16")
    optimizer = Adam(0.5)
    optimizer.apply([np.float32([1.0, -1.0])], [w])
    assert w.dtype == "bfloat16" and w.astype("float32").tolist() == [0.5, 2.5]
    assert {str(v.dtype) for v in optimizer.variables} == {"float32", "int32"}


def test_learning_rate_can_be_set_without_compiling_again() -> None:
    w, optimizer = Variable([0.0]), SGD(1.0)
    step = lamina.compile(lambda g: optimizer.apply([g], [w]))
    step(Tensor([1.0]))
    optimizer.learning_rate = 0.5
    step(Tensor([1.0]))
    optimizer.learning_rate.assign(0.25)
    step(Tensor([1.0]))
    assert w.item() == -1.75 and len(step.compilations) == 1


def test_schedule_counts_updates_from_zero() -> None:
    w, optimizer = Variable([0.0]), SGD(lambda step: 10.0 - step)
    step = lamina.compile(lambda g: optimizer.apply([g], [w]))
    for _ in range(3):
        step(Tensor([1.0]))
    assert w.item() == -(10 + 9 + 8)
    assert optimizer.learning_rate.item() == 7.0
    with pytest.raises(ArgumentError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


def test_state_carries_a_run_on() -> None:
    def run(optimizer: Any, w: Variable, steps: range) -> None:
        for t in steps:
            optimizer.apply([np.sin(np.arange(3.0) + t)], [w])

    one, other = Variable(np.ones(3)), Variable(np.ones(3))
    straight, first, second = (Adam(0.1, use_ema=True, gradient_accumulation_steps=2) for _ in range(3))
    run(straight, one, range(9))
    run(first, other, range(5))
    second.build([other])
    assert [v.path for v in second.variables] == [v.path for v in first.variables]
    for to, origin in zip(second.variables, first.variables, strict=True):
        to.assign(origin)
    run(second, other, range(5, 9))
    np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_a_variable_without_gradient_stays() -> None:
    one, other = Variable([1.0]), Variable([1.0])
    optimizer = SGD(1.0)
    optimizer.apply([[1.0], None], [one, other])
    assert (one.item(), other.item()) == (0.0, 1.0)
    optimizer.apply([None, [1.0]], [one, other])
    assert (one.item(), other.item()) == (0.0, 0.0)


def test_pairs_as_in_keras() -> None:
    w = Variable([1.0])
    assert SGD(0.5).apply_gradients(zip([[1.0]], [w], strict=True)).item() == 1
    assert w.item() == 0.5


def test_built_variables_are_the_default() -> None:
    w, optimizer = Variable([1.0]), SGD(0.5)
    optimizer.build([w])
    optimizer.apply([[1.0]])
    assert w.item() == 0.5


@pytest.mark.parametrize(
    "identifier", ["sgd", "SGD", SGD, SGD(), {"class_name": "SGD", "config": {"learning_rate": 0.01}}]
)
def test_ways_to_name_one(identifier: Any) -> None:
    assert type(optimizers.get(identifier)) is SGD


@pytest.mark.parametrize("name", ["adam", "Adam", "adamw", "AdamW"])
def test_names(name: str) -> None:
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


def test_config_round_trip() -> None:
    given = AdamW(ExponentialDecay(0.1, 10, 0.5), weight_decay=0.1, clipnorm=1.0, name="mine")
    again = optimizers.get(optimizers.serialize(given))
    assert again.get_config() == given.get_config()
    assert (again.name, again.clipnorm, again.weight_decay) == ("mine", 1.0, 0.1)
    assert again.learning_rate.item() == pytest.approx(0.1)


def test_refusals() -> None:
    w = Variable([1.0, 2.0], name="w")
    with pytest.raises(UnknownNameError, match="Did you mean 'adam'"):
        optimizers.get("adm")
    with pytest.raises(ArgumentError, match="expected an Optimizer|Expected an Optimizer"):
        optimizers.get(lambda: 0)
    with pytest.raises(ArgumentError, match="SGD: learning_rate is out of range.*received -1"):
        SGD(-1.0)
    with pytest.raises(ArgumentError, match="learning_rate"):
        SGD("fast")
    with pytest.raises(ArgumentError, match="SGD: momentum"):
        SGD(momentum=1.0)
    with pytest.raises(ArgumentError, match="Adam: beta_2"):
        Adam(beta_2=1.0)
    with pytest.raises(ArgumentError, match="AdamW: clipnorm"):
        AdamW(clipnorm=0.0)
    with pytest.raises(ArgumentError, match="one way.*clipnorm=1.0 and clipvalue=2.0"):
        SGD(clipnorm=1.0, clipvalue=2.0)
    with pytest.raises(GradientError, match="1 gradients"):
        SGD().apply([[1.0, 2.0]], [w, w])
    with pytest.raises(GradientError, match="not all None"):
        SGD().apply([None], [w])
    with pytest.raises(ShapeError, match=r"'w', received \(3,\)"):
        SGD().apply([[1.0, 2.0, 3.0]], [w])
    with pytest.raises(DTypeError, match="'n' of type int32"):
        Adam().build([Variable([1, 2], name="n", trainable=False)])


def test_rates_of_their_own() -> None:
    body, head, other = (Variable([1.0], name=name) for name in ("body/kernel", "head/kernel", "other"))
    optimizer = AdamW(0.1, weight_decay=0.5)
    optimizer.scale_learning_rate(0.1, var_names=["^body", "head"])
    optimizer.scale_learning_rate(5.0, var_list=[head])
    optimizer.apply([[0.0]] * 3, [body, head, other])  # the decay is η λ w, so it follows the rate
    assert [v.item() for v in (body, head, other)] == pytest.approx([0.995, 0.975, 0.95])
    again = optimizers.get(optimizers.serialize(optimizer))
    again.apply([[0.0]] * 3, [body, head, other])
    assert [v.item() for v in (body, head, other)] == pytest.approx([0.995**2, 0.975**2, 0.95**2])
    with pytest.raises(ArgumentError, match="AdamW: factor is out of range"):
        optimizer.scale_learning_rate(-1.0, var_names=["body"])


def test_a_rate_of_zero_freezes() -> None:
    body, head = Variable([1.0], name="body"), Variable([1.0], name="head")
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.scale_learning_rate(0.0, var_list=[body])
    optimizer.apply([[3.0], [3.0]], [body, head])
    assert body.item() == 1.0 and head.item() == pytest.approx(0.7)


def test_muon_gives_vectors_embeddings_and_named_layers_to_adam(rng: np.random.Generator) -> None:
    names = ("kernel", "bias", "embedding/table", "output/kernel")
    variables = [Variable(np.ones(4 if name == "bias" else (4, 4)), name=name) for name in names]
    optimizer = optimizers.Muon(0.1, weight_decay=0.5, adam_weight_decay=0.25, exclude_layers=["output"])
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([np.zeros(v.shape, "float32") for v in variables], variables)
    assert [float(v.numpy().mean()) for v in variables] == pytest.approx([0.95, 1.0, 0.975, 0.975])
    kept = {v.path for v in optimizer.variables}
    assert {f"muon/{name}/velocity" for name in names[1:]} <= kept and "muon/kernel/velocity" not in kept


def test_lars_starts_from_zero_and_leaves_the_excluded_undecayed() -> None:
    kernel, bias = Variable([3.0, 4.0], name="kernel"), Variable([0.0], name="bias")
    optimizer = optimizers.LARS(0.1, trust_coefficient=0.5, weight_decay=0.2)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([[0.6, 0.8], [2.0]], [kernel, bias])
    ratio = 0.5 * 5 / (1 + 0.2 * 5)
    np.testing.assert_allclose(kernel.numpy(), [3 - 0.1 * ratio * 1.2, 4 - 0.1 * ratio * 1.6], rtol=1e-6)
    assert bias.item() == pytest.approx(-0.2)


def test_ftrl_gives_exact_zeros() -> None:
    w = Variable([0.5, 0.5])
    optimizer = optimizers.Ftrl(0.1, l1_regularization_strength=2.0)
    for _ in range(20):
        optimizer.apply([np.float32([0.05, 2.0])], [w])
    assert w.numpy()[0] == 0.0 and w.numpy()[1] < -0.1


def test_adafactor_keeps_rows_and_columns_only() -> None:
    w, optimizer = Variable(np.ones((2, 3, 4))), optimizers.Adafactor()
    optimizer.build([w])
    assert [v.shape for v in optimizer.variables[2:]] == [(2, 3), (2, 4)]


ALL = (
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adamax",
    "Ftrl",
    "Lamb",
    "LARS",
    "Lion",
    "Muon",
    "Nadam",
    "ScheduleFreeAdamW",
)


@pytest.mark.parametrize("name", ALL)
def test_every_optimizer_in_sixteen_bits_with_all_options(name: str, rng: np.random.Generator) -> None:
    w = Variable(rng.normal(size=(3, 2)), dtype="bfloat16")
    options = {"use_ema": True, "global_clipnorm": 1.0, "gradient_accumulation_steps": 2, "weight_decay": 0.1}
    rate = 10.0 if name == "LARS" else 0.1  # times its trust coefficient, 0.001
    optimizer = optimizers.get({"class_name": name, "config": {"learning_rate": rate, **options}})
    step = lamina.compile(lambda g: optimizer.apply([g], [w]))
    before = w.astype("float32").numpy()
    for _ in range(4):
        step(Tensor(rng.normal(size=(3, 2))))
    after = w.astype("float32").numpy()
    assert np.isfinite(after).all() and (before != after).any()
    assert optimizer.iterations.item() == 2 and len(step.compilations) == 1
    assert {str(v.dtype) for v in optimizer.variables} == {"float32", "int32"}
    assert optimizers.get(name.lower()).get_config() == type(optimizer)().get_config()


def test_words_that_are_not_known() -> None:
    with pytest.raises(ArgumentError, match="SGD: momentum_of is not known.*received 'speed'"):
        SGD(momentum_of="speed")
