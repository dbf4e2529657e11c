"""Rosenblatt's perceptron on two lines of points: it stops making mistakes, and sooner than Novikoff's bound.

python examples/classic/perceptron.py
"""

import numpy as np

from lamina.datasets import synthetic
from lamina.zoo import Perceptron

x, y = synthetic.lines(200, noise=0.0)
model = Perceptron()
history = model.fit(x, y, epochs=500)

margin, longest = 1 / np.sqrt(8), np.sqrt((x**2).sum(axis=1).max() + 1)
bound = (longest / margin) ** 2
print(f"{len(history.epoch)} epochs, {int(model.mistakes)} mistakes, at most {bound:.0f} by the theorem")
kernel, bias = model.kernel.numpy()[:, 0], model.bias.numpy()[0]
print(f"The line: {kernel[0]:.2f} x1 + {kernel[1]:.2f} x2 + {bias:.2f} = 0")
