"""From one sequence to another: encoder and decoder, trained on pairs of texts."""

from .alignment import Alignment
from .recurrent import RecurrentTranslator
from .transformer import TransformerTranslator
from .translator import Translator, translation_tokenizer

__all__ = ["Alignment", "RecurrentTranslator", "TransformerTranslator", "Translator", "translation_tokenizer"]
