"""SAM, SWA, loss scaling, and averages for evaluation, with formulas of their own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Variable, optimizers
from lamina.core import ArgumentError
from lamina.optimizers import LBFGS, SAM, SGD, SWA, Adam, LossScaleOptimizer, ScheduleFreeAdamW

MATRIX = np.array([[3.0, 1.0], [1.0, 2.0]])


def bowl(w: Variable) -> Callable[[], tuple[Any, list[Any]]]:
    """Loss wᵀ M w / 2 and its gradient M w."""

    def again() -> tuple[Any, list[Any]]:
        loss = 0.5 * (w * (lamina.Tensor(MATRIX.astype(str(w.dtype))) @ w)).sum()
        return loss, lamina.gradients(loss, [w])

    return again


# -- SAM ---------------------------------------------------------------------------------------------
def test_sam_is_its_formula(x64: None) -> None:
    w = Variable([1.0, -2.0], dtype="float64")
    again, optimizer, expected = bowl(w), SAM(SGD(0.1, momentum=0.5), rho=0.3), w.numpy()
    m, rate = np.zeros(2), float(np.float32(0.1))
    for _ in range(10):
        optimizer.apply(again()[1], [w], again)
        gradient = MATRIX @ expected
        m = 0.5 * m - rate * MATRIX @ (expected + 0.3 * gradient / np.sqrt((gradient**2).sum()))
        expected = expected + m
    np.testing.assert_allclose(w.numpy(), expected, rtol=1e-10)


def test_sam_leaves_nothing_of_its_second_look() -> None:
    w, looks = Variable([1.0, -2.0]), Variable(0, trainable=False)
    plain, optimizer = bowl(w), SAM("sgd")

    def again() -> tuple[Any, list[Any]]:
        looks.assign_add(1)
        return plain()

    @lamina.compile
    def step() -> Any:
        loss, found = again()
        optimizer.apply(found, [w], again)
        return loss

    losses = [step().item() for _ in range(5)]
    assert looks.item() == 5 and optimizer.iterations.item() == 5
    assert losses == sorted(losses, reverse=True) and len(step.compilations) == 1


def test_sam_passes_over_a_variable_without_gradient() -> None:
    w, still = Variable([1.0, -2.0]), Variable([7.0])
    alone = bowl(w)
    SAM(SGD(0.1)).apply([alone()[1][0], None], [w, still], lambda: (alone()[0], [*alone()[1], None]))
    assert still.item() == 7.0 and w.tolist() != [1.0, -2.0]


@pytest.mark.parametrize("make", [lambda: SAM("sgd"), LBFGS])
def test_some_need_to_look_again(make: Any) -> None:
    with pytest.raises(ArgumentError, match="more than one point.*again=None"):
        make().apply([[1.0]], [Variable([1.0])])


# -- SWA and evaluation values --------------------------------------------------------------------------
@pytest.mark.parametrize("compiled", [False, True])
def test_swa_is_the_mean_of_what_it_saw(compiled: bool, rng: np.random.Generator) -> None:
    w, optimizer = Variable(np.ones(3)), SWA(SGD(0.1), start=3, frequency=2)
    apply: Any = lambda g: optimizer.apply([g], [w])  # noqa: E731
    apply = lamina.compile(apply) if compiled else apply
    walked = []
    for _ in range(8):
        apply(lamina.Tensor(rng.normal(size=3)))
        walked.append(w.numpy())
    mean = np.mean([walked[t - 1] for t in (3, 5, 7)], axis=0)
    with optimizer.evaluation_values([w]):
        np.testing.assert_allclose(w.numpy(), mean, rtol=1e-6)
    np.testing.assert_array_equal(w.numpy(), walked[-1])
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(w.numpy(), mean, rtol=1e-6)


def test_swa_before_its_start_is_the_weights() -> None:
    w, optimizer = Variable([1.0]), SWA(SGD(0.5), start=10)
    optimizer.apply([[1.0]], [w])
    optimizer.finalize_variable_values([w])
    assert w.item() == 0.5


def test_swa_counts_updates_and_not_calls() -> None:
    w, optimizer = Variable([0.0]), SWA(SGD(1.0, gradient_accumulation_steps=2), start=1)
    for _ in range(4):
        optimizer.apply([[-1.0]], [w])
    assert optimizer.averaged.item() == 2
    optimizer.finalize_variable_values([w])
    assert w.item() == 1.5  # the mean of 1 and 2, not of 0, 1, 1, 2


def test_schedule_free_is_judged_at_the_mean_of_z(rng: np.random.Generator) -> None:
    w, optimizer = Variable(np.ones(3)), ScheduleFreeAdamW(0.1, beta_1=0.8)
    path = []
    for _ in range(6):
        optimizer.apply([rng.normal(size=3).astype("float32")], [w])
        path.append(next(v.numpy() for v in optimizer.variables if v.name == "z"))
    trained, mean = w.numpy(), np.mean(path, axis=0)
    with optimizer.evaluation_values([w]):
        np.testing.assert_allclose(w.numpy(), mean, rtol=1e-5)
    np.testing.assert_array_equal(w.numpy(), trained)
    optimizer.finalize_variable_values([w])
    optimizer.finalize_variable_values([w])  # a second time changes nothing
    np.testing.assert_allclose(w.numpy(), mean, rtol=1e-5)


def test_values_to_judge_are_those_of_the_inner_optimizer() -> None:
    w, optimizer = Variable([0.0]), LossScaleOptimizer(SGD(1.0, use_ema=True, ema_momentum=0.5), initial_scale=2.0)
    for _ in range(2):
        optimizer.apply([[-8.0]], [w])
    with optimizer.evaluation_values([w]):
        assert w.item() == 6.0
    assert w.item() == 8.0


# -- loss scale --------------------------------------------------------------------------------------
@pytest.mark.parametrize("compiled", [False, True])
def test_the_scale_falls_at_once_and_rises_slowly(compiled: bool) -> None:
    w, optimizer = Variable([0.0]), LossScaleOptimizer(Adam(0.5), initial_scale=16.0, dynamic_growth_steps=3)
    apply: Any = lambda g: optimizer.apply([g], [w])  # noqa: E731
    apply = lamina.compile(apply) if compiled else apply
    scales, updates = [], []
    for g in (1.0, np.inf, 1.0, np.nan, 1.0, 1.0, 1.0, 1.0):
        apply(lamina.Tensor([g]))
        scales.append(optimizer.dynamic_scale.item())
        updates.append(optimizer.iterations.item())
    assert scales == [16, 8, 8, 4, 4, 4, 8, 8]
    assert updates == [1, 1, 2, 2, 3, 4, 5, 6]
    assert np.isfinite(w.item())


def test_small_half_precision_gradients_survive() -> None:
    def gradient(optimizer: Any) -> float:
        w = Variable([1.0])
        factor = lamina.Tensor([3e-7], dtype="float16")  # its product with the next one is 0 in float16
        loss = (w.astype("float16") * factor).sum()
        loss = optimizer.scale_loss(loss.astype("float32")) if optimizer.name != "sgd" else loss.astype("float32")
        optimizer.apply(lamina.gradients(loss * lamina.Tensor(0.01), [w]), [w])
        return 1.0 - w.item()

    assert gradient(SGD(1e6)) == 0.0
    assert gradient(LossScaleOptimizer(SGD(1e6))) == pytest.approx(3e-3, rel=0.1)


def test_scaled_sam_is_sam() -> None:
    """Both gradients come scaled, and both are divided."""
    ends = []
    for optimizer in (SAM(SGD(0.1)), LossScaleOptimizer(SAM(SGD(0.1)), initial_scale=64.0)):
        w = Variable([1.0, -2.0])
        plain, optimizer_scale = bowl(w), optimizer.scale_loss

        def again(plain: Any = plain, scale: Any = optimizer_scale) -> tuple[Any, list[Any]]:
            loss, found = plain()
            return loss, [scale(g) for g in found]

        for _ in range(3):
            optimizer.apply(again()[1], [w], again)
        ends.append(w.numpy())
    np.testing.assert_allclose(*ends, rtol=1e-6)


def test_the_loss_is_scaled_once() -> None:
    with pytest.raises(ArgumentError, match="scaled once.*loss_scale_factor=2.0"):
        LossScaleOptimizer(SGD(loss_scale_factor=2.0))


# -- all of them ---------------------------------------------------------------------------------------
WRAPPERS: dict[str, Callable[[], Any]] = {
    "sam": lambda: SAM(Adam(0.01, clipnorm=1.0), rho=0.1),
    "swa": lambda: SWA({"class_name": "SGD", "config": {"learning_rate": 0.5}}, start=4),
    "loss scale": lambda: LossScaleOptimizer("rmsprop", initial_scale=4.0),
    "two": lambda: SWA(SAM("adam"), start=1, frequency=3, name="mine"),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_config_round_trip_and_state(name: str) -> None:
    one = WRAPPERS[name]()
    one.exclude_from_weight_decay(var_names=["bias"])
    one.scale_learning_rate(0.5, var_names=["kernel"])
    two = optimizers.get(optimizers.serialize(one))
    assert two.get_config() == one.get_config()
    w = Variable([1.0, -2.0])
    one.build([w])
    two.build([w])
    assert [v.path for v in two.variables] == [v.path for v in one.variables]
    assert [v.shape for v in two.variables] == [v.shape for v in one.variables]
    again = bowl(w)
    one.apply(again()[1], [w], again)
    assert any((a.numpy() != b.numpy()).any() for a, b in zip(one.variables, two.variables, strict=True))


def test_the_learning_rate_is_the_inner_one() -> None:
    inner = SGD(0.1)
    optimizer = SWA(inner, start=1)
    optimizer.learning_rate = 0.5
    assert inner.learning_rate.item() == optimizer.learning_rate.item() == 0.5
