"""Reports in one line, made of their own words: for every word the network says whether it is kept.

The words to keep are learned from summaries that people would write: those of the longest common subsequence of report
and summary. No summary of kept words can have a better ROUGE-L than these; whole sentences do worse.

python examples/text/summaries.py
"""

import numpy as np

import lamina
from lamina.data import pad_sequences
from lamina.data.tokenizers import CharacterTokenizer, WordPieceTokenizer
from lamina.datasets import reports
from lamina.layers import GRU, Bidirectional, Dense, Dropout, Embedding, Input
from lamina.losses import BinaryCrossentropy
from lamina.metrics import RougeL


def kept(report, summary):
    """1 for the ids of a report that are in its longest common subsequence with the summary, otherwise 0."""
    longest = np.zeros((len(report) + 1, len(summary) + 1), int)  # of the rests from here on
    for i in reversed(range(len(report))):
        for j in reversed(range(len(summary))):
            same = report[i] == summary[j]
            longest[i, j] = 1 + longest[i + 1, j + 1] if same else max(longest[i + 1, j], longest[i, j + 1])
    marks, j = [0] * len(report), 0
    for i in range(len(report)):
        while j < len(summary) and longest[i, j] == longest[i, j + 1]:
            j += 1  # what is left of the summary does without this word
        if j < len(summary) and report[i] == summary[j]:
            marks[i], j = 1, j + 1
    return marks


def learn(language, samples=2500, epochs=6):
    """A function from reports to summaries, and the reports and summaries held out."""
    (texts, summaries), test = reports(samples, language)
    lamina.set_seed(0)
    tokenizer = CharacterTokenizer.train(texts) if language == "zh" else WordPieceTokenizer.train(texts, 1000)
    rows = tokenizer.encode_batch(texts)
    marks = [kept(row, tokenizer.encode(summary)) for row, summary in zip(rows, summaries, strict=True)]
    x, y = (pad_sequences(part, padding="post") for part in (rows, marks))  # 0 is "<pad>" in these tokenizers
    length = x.shape[1]
    reader = Bidirectional(GRU(64, return_sequences=True))
    network = [Input((length,), dtype="int32"), Embedding(len(tokenizer), 64, mask_zero=True), reader, Dropout(0.1)]
    model = lamina.Sequential([*network, Dense(1)])
    model.compile(lamina.optimizers.Adam(3e-3), BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x, y[..., None].astype("float32"), epochs=epochs, verbose=2)

    def summarize(texts):
        rows = tokenizer.encode_batch(texts)
        logits = model.predict(pad_sequences(rows, length, padding="post", truncating="post"), verbose=0)[..., 0]
        return [
            tokenizer.decode([i for i, logit in zip(row, line, strict=False) if logit > 0])
            for row, line in zip(rows, logits, strict=True)
        ]

    return summarize, *test


def rouge(language, summaries, found):
    """ROUGE-L, as F1."""
    return float(RougeL(tokenize="char" if language == "zh" else "alphanumeric")(summaries, found)["f1_score"])


if __name__ == "__main__":
    for language, stop in (("en", ". "), ("zh", "。")):
        summarize, texts, summaries = learn(language)
        found = summarize(texts)
        first = [text.partition(stop)[0] for text in texts]
        print(f"\n{language}: ROUGE-L {rouge(language, summaries, found):.3f}", end="")
        print(f"; of the first sentence alone {rouge(language, summaries, first):.3f}")
        print(f"  report    {texts[0]}\n  kept      {found[0]}\n  a person  {summaries[0]}")
