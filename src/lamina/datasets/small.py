"""Small real data sets that scikit-learn brings along, cut once and for all into a training and a test part."""

import numpy as np

from ..core import require
from ..data import train_test_split

Arrays = tuple[np.ndarray, np.ndarray]  # x, y


def digits(test_size: float = 0.2, seed: int = 0) -> tuple[Arrays, Arrays]:
    """1,797 handwritten digits of 8 x 8 pixels with values 0 to 16.

    Args:
        test_size: share of the rows in the test part, the same for every class.
        seed: chooses the rows.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x uint8 (N, 8, 8), y int32 (N,) from 0 to 9.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = digits()
        >>> x_train.shape, x_test.shape
        ((1437, 8, 8), (360, 8, 8))

    Reference:
        Alpaydin and Kaynak 1998, Optical recognition of handwritten digits, UCI repository.
    """
    x, y = _load("digits")
    return _cut(x.reshape(-1, 8, 8).astype(np.uint8), y, test_size, seed)


def iris(test_size: float = 0.2, seed: int = 0) -> tuple[Arrays, Arrays]:
    """150 iris flowers of 3 species by length and width of sepal and petal, in cm.

    Args:
        test_size: share of the rows in the test part, the same for every class.
        seed: chooses the rows.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x float32 (N, 4), y int32 (N,) from 0 to 2.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = iris()
        >>> x_train.shape, np.bincount(y_test).tolist()
        ((120, 4), [10, 10, 10])

    Reference:
        Fisher 1936, The use of multiple measurements in taxonomic problems.
    """
    return _cut(*_load("iris"), test_size, seed)


def wine(test_size: float = 0.2, seed: int = 0) -> tuple[Arrays, Arrays]:
    """178 wines of 3 growers by 13 chemical measurements, not scaled.

    Args:
        test_size: share of the rows in the test part, the same for every class.
        seed: chooses the rows.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x float32 (N, 13), y int32 (N,) from 0 to 2.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = wine()
        >>> x_train.shape, x_test.shape
        ((142, 13), (36, 13))

    Reference:
        Aeberhard and Forina 1992, Wine, UCI repository.
    """
    return _cut(*_load("wine"), test_size, seed)


def breast_cancer(test_size: float = 0.2, seed: int = 0) -> tuple[Arrays, Arrays]:
    """569 tumours, malignant (0) or benign (1), by 30 measurements of cell nuclei, not scaled.

    Args:
        test_size: share of the rows in the test part, the same for both classes.
        seed: chooses the rows.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x float32 (N, 30), y int32 (N,) of 0 and 1.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = breast_cancer()
        >>> x_train.shape, np.bincount(y_test).tolist()
        ((455, 30), [42, 72])

    Reference:
        Wolberg et al. 1995, Breast Cancer Wisconsin (Diagnostic), UCI repository.
    """
    return _cut(*_load("breast_cancer"), test_size, seed)


def diabetes(test_size: float = 0.2, seed: int = 0) -> tuple[Arrays, Arrays]:
    """442 patients by 10 measurements, and how far their diabetes has advanced a year later (25 to 346).

    The columns of x are centred and scaled so that the squares of each add up to 1 over all 442 rows.

    Args:
        test_size: share of the rows in the test part, chosen at random.
        seed: chooses the rows.

    Returns:
        ((x_train, y_train), (x_test, y_test)): x float32 (N, 10), y float32 (N,).

    Raises:
        MissingPackageError: scikit-learn is not installed.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = diabetes()
        >>> x_train.shape, y_test.shape
        ((353, 10), (89,))

    Reference:
        Efron et al. 2004, Least angle regression.
    """
    return _cut(*_load("diabetes"), test_size, seed)


def _load(name: str) -> Arrays:
    """x and y as scikit-learn has them, in float64."""
    x, y = getattr(require("sklearn.datasets", extra="data"), f"load_{name}")(return_X_y=True)
    return x, y


def _cut(x: np.ndarray, y: np.ndarray, test_size: float, seed: int) -> tuple[Arrays, Arrays]:
    """A training and a test part, with equal shares of the classes where y counts classes."""
    is_class = y.dtype.kind == "i"
    x = x.astype(np.float32) if x.dtype.kind == "f" else x
    y = y.astype(np.int32 if is_class else np.float32)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test_size, seed=seed, stratify=y if is_class else None
    )
    return (x_train, y_train), (x_test, y_test)
