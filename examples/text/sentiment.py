"""Film reviews, Chinese and English, for or against: and what a negation does to them.

The classifier reads characters in Chinese, without any cutting into words, and words in English. It is judged on pairs
of a negation and a word that it has not seen together: who knows words but not negations is right half the time there.
For some ten epochs nothing seems to happen; then it finds out that negations turn the meaning, all at once.

python examples/text/sentiment.py
"""

import lamina
from lamina.data.tokenizers import CharacterTokenizer, WordPieceTokenizer
from lamina.datasets import reviews
from lamina.losses import SparseCategoricalCrossentropy
from lamina.zoo import TextClassifier

CLASSES = ("negative", "positive")
TURNS = {
    "en": (
        "The plot is exciting.",
        "The plot is not exciting.",
        "I do not think the plot is exciting.",
        "I do not think the plot is not exciting.",
        "The acting is not at all clever, but the music never gets dull.",
    ),
    "zh": (
        "剧情很精彩。",
        "剧情不精彩。",
        "我不觉得剧情很精彩。",
        "我不觉得剧情不精彩。",
        "演员的表演一点也不巧妙，但是音乐不怎么难看。",
    ),
}


def learn(language, samples=5000, epochs=20):
    """A trained classifier, and its accuracy on combinations of words that it has not seen."""
    (texts, labels), (test_texts, test_labels) = reviews(samples, language)
    lamina.set_seed(0)
    tokenizer = CharacterTokenizer.train(texts) if language == "zh" else WordPieceTokenizer.train(texts, 1000)
    model = TextClassifier(tokenizer, CLASSES)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lamina.optimizers.Adam(3e-3, clipnorm=1.0), loss, metrics=["accuracy"])
    model.fit(model.encode(texts), labels, epochs=epochs, verbose=2)
    return model, float((model.predict_texts(test_texts).argmax(axis=1) == test_labels).mean())


if __name__ == "__main__":
    for language, sentences in TURNS.items():
        model, accuracy = learn(language)
        print(f"\n{language}: {100 * accuracy:.1f} % right on new combinations of negation and word")
        for sentence, found in zip(sentences, model.classify(sentences), strict=True):
            print(f"  {found.label} {100 * found.probability:5.1f} %  {sentence}")
