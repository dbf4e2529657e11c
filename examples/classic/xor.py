"""Exclusive or: what a perceptron provably cannot learn, a hidden layer of four units can.

python examples/classic/xor.py
"""

import numpy as np

import lamina
from lamina.datasets import synthetic
from lamina.zoo import MLP, Perceptron, linear_separability

x, y = synthetic.xor(4, noise=0.0)

proof = linear_separability(x, y)
print("A line separates the classes:", proof.separable)
print("Proof: the point", proof.common_point, "is a mean of both classes, with shares", proof.shares)

perceptron = Perceptron()
history = perceptron.fit(x, y, epochs=100)
print("Perceptron, mistakes per row in the best of 100 epochs:", min(history.history["error_rate"]))

lamina.set_seed(0)
network = MLP([2, 4, 1], activation="tanh", output_activation="sigmoid")
network.compile(lamina.optimizers.Adam(0.1), "binary_crossentropy")
network.fit(x, y, batch_size=4, epochs=300, verbose=0)
print("2-4-1 network:", network.predict(x)[:, 0].round(3), "for", y)

hidden = np.asarray(network.hidden[0](x))
print("Its four hidden units make the classes separable:", linear_separability(hidden, y).separable)
