"""An LSTM and a GRU remember a number over 100 steps; a simple recurrent layer does not.

Each sequence has 100 numbers from [0, 1), two of which are marked, one in each half; the answer is their sum. Who
always answers 1 has a mean squared error of 1/6 = 0.167. To do better, a network must carry the first number to the
end, and the gradient must find its way back to it.

python examples/sequences/adding_problem.py
"""

import lamina
from lamina.datasets import adding_problem
from lamina.layers import GRU, LSTM, Dense, Input, SimpleRNN


def error(layer, steps=100, epochs=12):
    """The mean squared error on sequences that the network has not seen."""
    lamina.set_seed(1)
    model = lamina.Sequential([Input((steps, 2)), layer, Dense(1)])
    model.compile(lamina.optimizers.Adam(0.01, clipnorm=1.0), "mse")
    model.fit(*adding_problem(10_000, steps, seed=0), batch_size=50, epochs=epochs, verbose=2)
    return model.evaluate(*adding_problem(1000, steps, seed=1), verbose=0)


if __name__ == "__main__":
    for layer in (SimpleRNN(32), LSTM(32), GRU(32)):
        print(f"{type(layer).__name__}: error {error(layer):.4f}; always answering 1: 0.1667")
