"""How good is a model, and how sure is that? Balance, folds without leaks, an interval, and a threshold by cost.

python examples/classic/judge.py
"""

import lamina
from lamina import datasets
from lamina.data import k_fold, train_test_split
from lamina.tune import choose_threshold, class_balance, cross_validate

(x, y), (x_test, y_test) = datasets.breast_cancer()
mean, deviation = x.mean(axis=0), x.std(axis=0)
x, x_test = (x - mean) / deviation, (x_test - mean) / deviation
print(class_balance(y).advice)


def make_model():
    model = lamina.zoo.MLP([30, 16, 1], output_activation="sigmoid", dropout=0.2)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


folds = k_fold(len(y), 5, stratify=y)
print(cross_validate(make_model, x, y, folds=folds, metric="accuracy", epochs=20))

x_train, x_val, y_train, y_val = train_test_split(x, y, stratify=y)
model = make_model()
model.fit(x_train, y_train, epochs=20, verbose=0)
malignant = 1 - y_val
found = choose_threshold(malignant, 1 - model.predict(x_val), costs=[[0, 1], [20, 0]])  # a miss costs 20 false alarms
print(f"Call a tumour malignant from a probability of {found.value:.3f} on; by the costs alone {found.calibrated:.3f}")
