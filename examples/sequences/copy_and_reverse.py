"""Say it again, or say it backwards: an LSTM with attention and a Transformer learn where to look.

A source is an order, > for again or < for backwards, and 4 to 10 letters. The letters are random, so that nothing
helps but to look at the right place of the source; which place that is, the network must find out.

python examples/sequences/copy_and_reverse.py
"""

import lamina
from lamina.datasets import copy_task, reverse_task
from lamina.losses import SparseCategoricalCrossentropy
from lamina.optimizers import Adam
from lamina.optimizers.schedules import CosineDecay
from lamina.zoo import RecurrentTranslator, TransformerTranslator, translation_tokenizer

BATCH = 64
LETTERS = " abcdefghijklmnop"  # symbol 0 is none


def texts(rows):
    return ["".join(LETTERS[i] for i in row if i) for row in rows.tolist()]


def orders(samples, seed):
    """Sources and targets: as many of each order."""
    again, backwards = (task(samples, 10, 16, 4, seed) for task in (copy_task, reverse_task))
    sources = [">" + text for text in texts(again[0])] + ["<" + text for text in texts(backwards[0])]
    return sources, texts(again[1]) + texts(backwards[1])


def learn(kind, epochs, samples=4000, width=64):
    """A trained network."""
    lamina.set_seed(0)
    sources, targets = orders(samples, seed=0)
    tokenizers = translation_tokenizer(sources), translation_tokenizer(targets)
    if kind == "LSTM":
        model = RecurrentTranslator(*tokenizers, units=width, longest=11)
    else:
        model = TransformerTranslator(*tokenizers, layers=2, heads=4, width=width, inner=2 * width, longest=11)
    x, y = model.pairs(sources, targets)
    steps = epochs * -(-len(y) // BATCH)
    rate = CosineDecay(0.0, steps - 50, alpha=0.02, warmup_target=4e-3 if kind == "LSTM" else 2e-3, warmup_steps=50)
    model.compile(Adam(rate, clipnorm=1.0), SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=2)
    return model


def judge(model, samples=500, shown=3):
    """The share of sources it has not seen that it gets right, of each order; prints some."""
    seen, (sources, targets) = set(orders(4000, seed=0)[0]), orders(samples, seed=1)
    found = model.translate(sources)
    for order in "><":
        new = [row for row in zip(sources, targets, found, strict=True) if row[0][0] == order and row[0] not in seen]
        for source, target, said in new[:shown]:
            print(f"  {source:12}{said:12}{'' if said == target else 'right: ' + target}")
        yield sum(said == target for _, target, said in new) / len(new)


if __name__ == "__main__":
    lines = []
    for kind in ("LSTM", "Transformer"):
        again, backwards = judge(learn(kind, epochs=12))
        lines.append(f"{kind:12} {again:.3f}  {backwards:.3f}")
    print("exact match  again  backwards", *lines, sep="\n")
