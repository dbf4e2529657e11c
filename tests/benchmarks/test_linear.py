"""Growth is told per unit of work."""

from linear import Growth, to_linear


def test_twice_the_time_for_twice_the_work_is_linear() -> None:
    assert to_linear([0.1, 0.2, 0.5], [32, 64, 128]) == [1.0, 1.0, 1.25]


def test_the_last_ratio_is_judged() -> None:
    growth = Growth("batch", [32, 2048], [0.1, 0.8], {"a token": [1.0, 2.0], "an operation": [1.0, 1.1]})
    assert growth.lines()[2:] == ["| 32 | 100 | 1.00 | 1.00 ✓ |", "| 2,048 | 800 | 2.00 | 1.10 ✓ |"]
    assert growth.lines()[0] == "| batch | ms | a token | an operation |"
    assert Growth("batch", [1, 2], [1, 3], {"a row": [1.0, 1.5]}).lines()[3] == "| 2 | 3e+03 | 1.50 ✗ |"
