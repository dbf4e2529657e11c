"""One neuron: weighted sum, activation, loss and gradients, with the numbers filled in.

python examples/classic/neuron.py
"""

from lamina.zoo import Neuron

weights, bias, x, target = [0.5, -1.0], 0.25, [2.0, 1.0], 1.0
print(Neuron(weights, bias).explain(x, target))

for _ in range(100):  # gradient descent by hand
    gradients = Neuron(weights, bias).gradients(x, target)
    weights = [w - 0.5 * g for w, g in zip(weights, gradients.weights, strict=True)]
    bias -= 0.5 * gradients.bias
print(f"\nAfter 100 steps of learning rate 0.5:\n{Neuron(weights, bias).explain(x)}")
