"""Linear and logistic regression, trained by gradient descent, beside closed form and scikit-learn.

python examples/classic/regression.py
"""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression as Peer

from lamina.zoo import LinearRegression, LogisticRegression


def standardized(x):
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)


x, y = load_diabetes(return_X_y=True)
x = standardized(x)
linear = LinearRegression()
linear.fit(x, y, batch_size=len(x), epochs=1500, verbose=0)
exact, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y)
difference = np.abs(linear.get_weights()[0][:, 0] - exact[:-1]).max()
print("Linear regression, largest difference to least squares:", difference)

x, y = load_breast_cancer(return_X_y=True)
x = standardized(x)
logistic = LogisticRegression(l2=1 / (2 * len(x)), learning_rate=0.3)  # the penalty of scikit-learn's C = 1
logistic.fit(x, y, batch_size=len(x), epochs=3000, verbose=0)
peer = Peer(tol=1e-8, max_iter=10_000).fit(x, y)
difference = np.abs(logistic.get_weights()[0].T - peer.coef_).max()
print("Logistic regression, largest difference to scikit-learn:", difference)
print("Accuracy on the rows trained on:", logistic.evaluate(x, y, verbose=0, return_dict=True)["accuracy"])
