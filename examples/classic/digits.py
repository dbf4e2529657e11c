"""A multi-layer perceptron reads handwritten digits, inside a scikit-learn pipeline.

python examples/classic/digits.py
"""

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

import lamina
from lamina.compat.sklearn import LaminaClassifier
from lamina.datasets import digits
from lamina.zoo import MLP


def network(X, y, hidden=(256, 128)):
    model = MLP([X.shape[1], *hidden, y.shape[1]], output_activation="softmax", dropout=0.4)
    rate = lamina.optimizers.schedules.CosineDecay(3e-3, decay_steps=60 * len(X) // 32)
    model.compile(lamina.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
    return model


(x, y), (x_test, y_test) = digits()
flat = FunctionTransformer(lambda images: images.reshape(len(images), -1))
classifier = LaminaClassifier(network, fit_kwargs={"epochs": 60}, random_state=0)
pipeline = make_pipeline(flat, MinMaxScaler(), classifier).fit(x, y)
print(f"Accuracy on 360 digits it has not seen: {pipeline.score(x_test, y_test):.3f}")
