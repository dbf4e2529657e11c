"""Linear and logistic regression: one `Dense` layer, trained by gradient descent."""

from typing import Any

from ..core import Tensor
from ..layers import Dense
from ..layers.layer import registry
from ..models import Model
from ..optimizers import SGD
from ..regularizers import L2


class _OneLayer(Model):
    """activation(x · kernel + bias), compiled for gradient descent with Nesterov's momentum."""

    def __init__(self, units: int, activation: str | None, loss: str, l2: float, rate: float, **options: Any) -> None:
        super().__init__(name=options.pop("name"))
        penalty = L2(l2) if l2 else None
        self.dense = Dense(units, activation, kernel_initializer="zeros", kernel_regularizer=penalty)
        self.compile(SGD(rate, momentum=0.95, nesterov=True), loss, **options)

    def call(self, inputs: Tensor) -> Tensor:
        return self.dense(inputs)


@registry.register()
class LinearRegression(_OneLayer):
    """A weighted sum: ŷ = x · w + b, where w and b make the mean of (y - ŷ)² + l2 · Σ w² smallest.

    The weights start from zero, the problem is convex, and so full steps (`batch_size=len(x)`) on columns of mean 0
    and deviation 1 end at the solution in closed form; small batches walk around it for ever.

    Args:
        units: U, number of targets.
        l2: λ, factor of Σ w²; the bias is not penalised.
        learning_rate: η of the descent; halve it if the loss grows.
        name: by default "linear_regression".

    Input (N, F), output (N, U). Weights: kernel (F, U), bias (U). `compile` may be called anew.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(-1.7, 1.7, 50)[:, None]
        >>> model = LinearRegression()
        >>> _ = model.fit(x, 3 * x + 1, batch_size=50, epochs=300, verbose=0)
        >>> kernel, bias = model.get_weights()
        >>> kernel.round(3), bias.round(3)
        (array([[3.]], dtype=float32), array([1.], dtype=float32))

    Reference: Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes.
    """

    def __init__(self, units: int = 1, l2: float = 0.0, learning_rate: float = 0.1, name: str | None = None) -> None:
        super().__init__(units, None, "mse", l2, learning_rate, name=name)


@registry.register()
class LogisticRegression(_OneLayer):
    """Probabilities from a weighted sum: P(y = 1) = σ(x · w + b), with σ(z) = 1 / (1 + exp(-z)).

    Trained on the mean of -log P(y) + l2 · Σ w², as `LinearRegression` is. With more than two classes each has its
    own weights, and softmax takes the place of σ. scikit-learn's C is the same penalty at l2 = 1 / (2 C N).

    Args:
        classes: 2, or more.
        l2: λ, factor of Σ w²; the bias is not penalised.
        learning_rate: η of the descent; halve it if the loss grows.
        name: by default "logistic_regression".

    Input (N, F), output (N, 1) or, with more classes, (N, K). Targets: class numbers (N,) or (N, 1).

    Example:
        >>> import numpy as np
        >>> x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
        >>> model = LogisticRegression(l2=0.01)
        >>> _ = model.fit(x, np.array([0, 0, 1, 1]), batch_size=4, epochs=100, verbose=0)
        >>> model.predict(x).ravel() > 0.5
        array([False, False,  True,  True])

    Reference: Cox 1958, The regression analysis of binary sequences.
    """

    def __init__(self, classes: int = 2, l2: float = 0.0, learning_rate: float = 0.1, name: str | None = None) -> None:
        options: dict[str, Any] = {"l2": l2, "rate": learning_rate, "name": name, "metrics": ["accuracy"]}
        if classes == 2:
            super().__init__(1, "sigmoid", "binary_crossentropy", **options)
        else:
            super().__init__(classes, "softmax", "sparse_categorical_crossentropy", **options)
