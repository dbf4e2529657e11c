"""Chinese and English dates and numbers, translated in both directions by two kinds of networks.

An LSTM encoder-decoder with additive attention, and a Transformer, read characters and write characters. One network
learns both directions: the script of the source says which it is. They are judged on days and numbers that they have
not seen: by how many translations are right to the last character, and by BLEU.

python examples/sequences/translate_dates.py
"""

import lamina
from lamina.datasets import date_translation, numeral_translation
from lamina.losses import SparseCategoricalCrossentropy
from lamina.metrics import BLEU
from lamina.optimizers import Adam
from lamina.optimizers.schedules import CosineDecay
from lamina.zoo import RecurrentTranslator, TransformerTranslator, translation_tokenizer

BATCH = 64


def both_directions(make, samples):
    """((sources, targets), (held-out sources, targets)), one half from Chinese to English, the other back."""
    there, back = make(samples, "zh-en"), make(samples, "en-zh")
    return [[a + b for a, b in zip(*halves, strict=True)] for halves in zip(there, back, strict=True)]


def learn(kind, make, epochs, samples=4000, width=64):
    """A trained network, and the sources and targets that it has not seen."""
    lamina.set_seed(0)
    training, held_out = both_directions(make, samples)
    tokenizers = [translation_tokenizer(one + other) for one, other in zip(training, held_out, strict=True)]
    if kind == "LSTM":
        model = RecurrentTranslator(*tokenizers, units=width)
    else:
        model = TransformerTranslator(*tokenizers, layers=2, heads=4, width=width, inner=2 * width)
    x, y = model.pairs(*training)
    steps = epochs * -(-len(y) // BATCH)
    rate = CosineDecay(0.0, steps - 50, alpha=0.02, warmup_target=5e-3 if kind == "LSTM" else 2e-3, warmup_steps=50)
    model.compile(Adam(rate, clipnorm=1.0), SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=2)
    return model, *held_out


def scores(targets, found):
    """Share of exact matches and BLEU of the English half and of the Chinese half."""
    half = len(targets) // 2
    for part, tokenize in ((slice(half), "13a"), (slice(half, None), "char")):
        right, said = targets[part], found[part]
        exact = sum(a == b for a, b in zip(right, said, strict=True)) / half
        yield exact, float(BLEU(tokenize=tokenize)(right, said))


if __name__ == "__main__":
    lines = []
    runs = (("dates", "LSTM"), ("dates", "Transformer"), ("numbers", "LSTM"))
    for task, kind in runs:
        model, sources, targets = learn(kind, date_translation if task == "dates" else numeral_translation, epochs=8)
        found = model.translate(sources)
        for direction, (exact, bleu) in zip(("zh to en", "en to zh"), scores(targets, found), strict=True):
            lines.append(f"{task:8} {kind:12} {direction}   {exact:.3f}        {bleu:.3f}")
        for i in (0, 1, -2, -1):
            print(f"  {sources[i]} -> {found[i]}" + ("" if found[i] == targets[i] else f"  (right: {targets[i]})"))
        print("What it looks at for each character:", model.align(sources[0], found[0]), sep="\n")
    print("task     network      direction  exact match  BLEU", *lines, sep="\n")
