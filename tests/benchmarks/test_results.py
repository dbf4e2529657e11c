"""What is worked out from the measurements."""

from results import Entry, Results
from workloads import FULL


def made(*entries: Entry, cpu: str = "a") -> Results:
    return Results({"cpu": cpu, "matmul_gflops": 100.0}, {}, dict(FULL), list(entries))


def test_a_ratio_is_the_median_of_neighbours_in_time() -> None:
    results = made(Entry("gpt", "lamina", "", seconds=[1, 10, 2]), Entry("gpt", "torch", "", seconds=[3, 20, 8]))
    assert results.ratio(results.entries[1]) == 3.0  # of 3, 2 and 4; the quotient of the medians would be 4


def test_the_fastest_way_of_a_framework_counts() -> None:
    entries = [Entry("gpt", peer, "", seconds=[s]) for peer, s in (("lamina", 1), ("torch", 3), ("torch-fused", 2))]
    results = made(*entries, Entry("gpt", "torch-compiled", "", error="no compiler"))
    assert results.best("gpt", "PyTorch") == 2.0
    assert results.best("gpt", "Flax") is None


def test_without_lamina_there_is_no_ratio() -> None:
    results = made(Entry("gpt", "torch", "", seconds=[3]))
    assert results.ratio(results.entries[0]) is None


def test_a_peer_that_learns_something_else_is_seen() -> None:
    values = {"lamina": (0.97, 0.1), "torch": (0.98, 0.2), "keras-tf": (0.7, 0.14), "flax": (0.7, 0.5)}
    entries = [Entry("cnn32", peer, "", accuracy=a, loss=loss) for peer, (a, loss) in values.items()]
    results = made(*entries, Entry("cnn32", "keras-jax", "", accuracy=0.96, loss=0.15), Entry("cnn32", "x", ""))
    assert [results.agrees(entry) for entry in results.entries] == [True, True, True, False, True, True]


def test_older_results_of_other_workloads_stand_beside_new_ones() -> None:
    new = made(Entry("gpt", "lamina", "new"))
    both = new.beside(made(Entry("mlp", "lamina", "old"), Entry("gpt", "lamina", "old")))
    assert [(entry.workload, entry.title) for entry in both.entries] == [("mlp", "old"), ("gpt", "new")]
    assert [entry.title for entry in new.entries] == ["new"]
