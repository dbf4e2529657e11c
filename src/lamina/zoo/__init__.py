"""Models ready to be trained: the classic learners of the textbooks, each in a small file to be read."""

from .bert import BERT, BERTBlock, mask_tokens
from .gpt import GPT, GPTBlock
from .linear import LinearRegression, LogisticRegression
from .mlp import MLP
from .n_gram import NGramModel
from .neuron import Gradients, Neuron
from .perceptron import Perceptron
from .separability import Separability, linear_separability
from .seq2seq import Alignment, RecurrentTranslator, TransformerTranslator, Translator, translation_tokenizer
from .span_reader import Answer, SpanReader
from .text_classifier import TextClassifier, Verdict
from .word2vec import Word2Vec, skip_grams

__all__ = [
    "BERT",
    "GPT",
    "MLP",
    "Alignment",
    "Answer",
    "BERTBlock",
    "GPTBlock",
    "Gradients",
    "LinearRegression",
    "LogisticRegression",
    "NGramModel",
    "Neuron",
    "Perceptron",
    "RecurrentTranslator",
    "Separability",
    "SpanReader",
    "TextClassifier",
    "TransformerTranslator",
    "Translator",
    "Verdict",
    "Word2Vec",
    "linear_separability",
    "mask_tokens",
    "skip_grams",
    "translation_tokenizer",
]
