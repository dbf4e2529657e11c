"""Questions on short texts about people: the network marks the answer in the text, or says that it is not there.

It is judged on people that it has not read about; one question in five has no answer. A right answer is one that is
right to the letter, or none where there is none (exact match).

python examples/text/questions.py
"""

import lamina
from lamina.data.tokenizers import CharacterTokenizer, WordPieceTokenizer
from lamina.datasets import facts
from lamina.losses import SparseCategoricalCrossentropy
from lamina.zoo import SpanReader


def learn(language, samples=5000, epochs=12):
    """A trained reader, the questions held out, and its answers to them."""
    training, test = facts(samples, language)
    texts = [text for question in training for text in question[:2]]
    lamina.set_seed(0)
    tokenizer = CharacterTokenizer.train(texts) if language == "zh" else WordPieceTokenizer.train(texts, 1000)
    model = SpanReader(tokenizer)
    pairs = [(q.question, q.context) for q in training]
    x, y = model.encode(pairs), model.targets(pairs, [(q.start, q.end) for q in training])
    loss = SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lamina.optimizers.Adam(3e-3, clipnorm=1.0), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, verbose=2)
    return model, test, model.answer([(q.question, q.context) for q in test])


def exact_match(questions, answers):
    """The share of answers that are right to the letter: of all, of those that are there, of those that are not."""
    right = [(q.is_answerable, q.answer == a.text) for q, a in zip(questions, answers, strict=True)]
    there, not_there = ([ok for answerable, ok in right if answerable is kind] for kind in (True, False))
    return [sum(part) / len(part) for part in (there + not_there, there, not_there)]


if __name__ == "__main__":
    for language, epochs in (("en", 12), ("zh", 9)):
        model, questions, answers = learn(language, epochs=epochs)
        everything, there, not_there = exact_match(questions, answers)
        print(f"\n{language}: exact match {everything:.3f} (answer in the text {there:.3f}, no answer {not_there:.3f})")
        print(f"  {questions[0].context}")
        for question, answer in zip(questions[:4], answers, strict=False):
            print(f"  {question.question} {answer.text or 'no answer'} (right: {question.answer or 'no answer'})")
