"""`compile`: state goes in and out, memory is reused, and every compilation has a reason."""

import logging

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, ops
from lamina.core import Compiled, DTypeError, RecompilationError
from lamina.core.random import uniform


def test_reads_writes_and_creates_variables():
    rate = Variable(0.5, name="rate", trainable=False)
    total = Variable([0.0, 0.0], name="total", trainable=False)
    made = []

    @lamina.compile
    def step(x):
        if not made:
            made.append(Variable(lambda: np.float32(10.0), name="made"))
        total.assign(total + rate * x)
        return total * made[0]

    assert step(Tensor([1.0, 2.0])).tolist() == [5.0, 10.0]
    rate.assign(1.0)
    assert step(Tensor([1.0, 2.0])).tolist() == [15.0, 30.0]
    assert total.tolist() == [1.5, 3.0] and float(made[0]) == 10.0
    assert step.compilations == ["first call"]


def test_the_reason_of_each_compilation_is_told(caplog):
    w = Variable([1.0], name="w")

    @lamina.compile
    def step(x, mode):
        return ops.sum(x * w) if mode == "sum" else ops.max(x * w)

    with caplog.at_level(logging.INFO, logger="lamina.compile"):
        step(Tensor([1.0]), "sum")
        step(Tensor([1.0, 2.0]), "sum")
        step(Tensor([1.0, 2.0]), "max")
        step(Tensor([1.0]), "sum")
    assert len(step.compilations) == 3
    assert "float32[2], was float32[1]" in step.compilations[1]
    assert "'max', was 'sum'" in step.compilations[2]
    assert "step: compiling (3)" in caplog.text


def test_too_many_compilations_are_refused_and_nothing_is_lost():
    w = Variable(1.0, trainable=False)

    @lamina.compile(max_compiles=2)
    def step(x):
        return w.assign_add(ops.sum(x))

    step(Tensor(np.ones(1)))
    step(Tensor(np.ones(2)))
    with pytest.raises(RecompilationError, match="at most 2 programs"):
        step(Tensor(np.ones(3)))
    assert float(w) == 4.0
    step(Tensor(np.ones(2)))
    assert float(w) == 6.0


def test_freezing_a_variable_makes_a_new_program():
    w = Variable(2.0, name="w")

    @lamina.compile
    def slope(x):
        y = w * x
        return lamina.gradients(y, [w])[0] if w.trainable else y * 0.0

    assert float(slope(Tensor(3.0))) == 3.0
    w.trainable = False
    assert float(slope(Tensor(3.0))) == 0.0
    w.trainable = True
    assert float(slope(Tensor(3.0))) == 3.0
    assert len(slope.compilations) == 2


def test_an_error_while_tracing_leaves_the_state_as_it_was():
    w = Variable(2.0, trainable=False)

    @lamina.compile
    def step(x):
        w.assign(x * 2.0)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        step(Tensor(5.0))
    assert float(w) == 2.0


def test_two_variables_that_share_memory_are_both_kept():
    a = Variable([1.0, 2.0])
    b = Variable([0.0, 0.0])
    b.assign(a)
    step = lamina.compile(lambda: (a.assign(a + 1.0), b.assign(b + 10.0)))
    step()
    step()
    assert a.tolist() == [3.0, 4.0] and b.tolist() == [21.0, 22.0]


def test_a_copy_of_the_values_survives_the_next_step():
    w = Variable(np.zeros(1000), name="w")
    step = lamina.compile(lambda: w.assign(w + 1.0))
    step()
    copy, weights = w.numpy(), np.asarray(w)
    step()
    assert copy.max() == 1.0 and weights.max() == 1.0 and float(w.array.max()) == 2.0


def test_results_may_be_trees_and_none():
    out = lamina.compile(lambda x: {"a": (x, None), "b": [x + 1]})(Tensor(1.0))
    assert float(out["a"][0]) == 1.0 and out["a"][1] is None and float(out["b"][0]) == 2.0


def test_random_numbers_differ_from_call_to_call_and_repeat_from_the_seed():
    draw = lamina.compile(lambda: uniform((4,)))
    lamina.set_seed(5)
    first, second = draw().numpy(), draw().numpy()
    assert not np.array_equal(first, second)
    lamina.set_seed(5)
    eager = uniform((4,)).numpy()
    np.testing.assert_array_equal(eager, first)


def test_compile_runs_under_jax_transformations_of_the_caller():
    w = Variable(3.0, trainable=False)
    f = lamina.core.functional(lambda x: w * x, [w])
    np.testing.assert_allclose(jax.vmap(lambda x: f([w.array], x)[0])(np.arange(3.0, dtype=np.float32)), [0, 3, 6])


def test_objects_among_the_arguments_are_told_apart_by_identity():
    one, two = (lamina.layers.Dense(1, kernel_initializer=kind, name="same") for kind in ("zeros", "ones"))

    @lamina.compile
    def apply(layer, x):
        return layer(x)

    x = Tensor([[1.0, 2.0]])
    assert [apply(layer, x).item() for layer in (one, two, one)] == [0.0, 3.0, 0.0]
    assert len(apply.compilations) == 2


@pytest.mark.parametrize("size", [3, 1 << 16])
def test_a_value_from_the_host_is_copied(size):
    memory = np.zeros(size + 16, np.float32)
    host = memory[-memory.ctypes.data % 64 // 4 :][:size]  # JAX takes over memory that begins at a multiple of 64 bytes
    w = Variable(np.ones(size, np.float32))
    w.assign(host)
    host[0] = 5.0
    assert w.numpy()[0] == 0.0
    lamina.compile(lambda: w.assign(w + 1.0))()  # the program may take over the Variable's memory
    assert host[0] == 5.0 and host[1] == 0.0 and w.numpy()[0] == 1.0


def test_a_value_assigned_from_another_variable_outlives_it():
    """A program takes over the memory of what it writes: two Variables must not share it."""
    first, second = Variable([1.0]), Variable([0.0])
    second.assign(first)
    lamina.compile(lambda: first.assign(first * 2.0))()
    assert (first.tolist(), second.tolist()) == ([2.0], [1.0])


@pytest.mark.parametrize("text", [np.array(["a", "b"]), np.array(["a", b"c"], object)], ids=["U", "O"])
def test_text_is_refused(text):
    @lamina.compile
    def count(batch):
        return batch["words"]

    with pytest.raises(DTypeError, match=r"count: a compiled function takes numbers.* at .*words.*StringLookup"):
        count({"words": text})
    assert not count.compilations
    assert count({"words": np.array([1.0, 2.0])}).tolist() == [1.0, 2.0]


def test_variables_that_are_told_are_not_searched_for():
    total, rate = Variable(0.0, trainable=False), Variable(2.0, trainable=False)
    traces = []

    def step(x):
        traces.append(x)
        return total.assign_add(rate * x)

    told = Compiled(step, 8, donate=True, touches=lambda: ([total], [rate]))
    told(Tensor(1.0))
    rate.assign(3.0)
    assert told(Tensor(1.0)).item() == 5.0 == float(total)
    assert len(traces) == 1


@pytest.mark.parametrize("told", [lambda a, b: ([a], []), lambda a, b: ([], [a, b]), lambda a, b: ([b], [a])])
def test_variables_that_are_not_told_are_found(told):
    total, rate = Variable(0.0, trainable=False), Variable(2.0, trainable=False)
    step = Compiled(lambda x: total.assign_add(rate * x), 8, donate=True, touches=lambda: told(total, rate))
    step(Tensor(1.0))
    rate.assign(3.0)
    assert step(Tensor(1.0)).item() == 5.0 == float(total)
    assert step.compilations == ["first call"]


def test_arguments_of_the_first_call_are_not_kept():
    step = lamina.compile(lambda batch: batch["x"].sum() * batch["scale"])
    x = jax.numpy.ones(12_345)
    assert float(step({"x": x, "scale": 2.0})) == 24_690.0
    del x
    assert not [array for array in jax.live_arrays() if array.shape == (12_345,)]
