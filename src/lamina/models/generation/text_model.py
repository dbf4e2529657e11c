"""What a language model can do with text; mixed into models that read and step."""

from collections.abc import Iterator
from typing import Any

from .generator import Generator
from .perplexity import Perplexity
from .prompts import encoded


class TextModel:
    """`generate`, `stream`, `beam_search` and `perplexity` for a model that is a `StepModel`.

    Attributes:
        tokenizer: has encode(text) and decode(ids); None if the model speaks ids only.

    Example:
        >>> import jax.numpy as jnp
        >>> class Parrot(TextModel):  # says the last token again
        ...     vocabulary_size, context = 5, None
        ...     def initial_cache(self, rows, length): return ()
        ...     def prefill(self, tokens, lengths, cache):
        ...         return self.step(tokens[jnp.arange(len(lengths)), lengths - 1], cache, lengths)
        ...     def step(self, tokens, cache, position): return jnp.eye(5)[tokens] * 9.0, cache
        >>> Parrot().generate([1, 3], max_new_tokens=4, temperature=0).ids
        [3, 3, 3, 3]
    """

    tokenizer: Any = None
    _generator: Generator | None = None
    _perplexity: Perplexity | None = None

    @property
    def generator(self: Any) -> Generator:
        """What draws the text; it keeps the compiled programs."""
        if self._generator is None:
            self._generator = Generator(self)
        self._generator.tokenizer = self.tokenizer
        return self._generator

    def generate(self, prompt: Any, max_new_tokens: int = 128, **settings: Any) -> Any:
        """Text or ids after a prompt, or after several; see `lamina.models.Generator.generate`.

        Args:
            prompt: text or ids, or a list of prompts.
            max_new_tokens: tokens drawn at most.
            settings: temperature, top_k, top_p, repetition_penalty, stop, seed.

        Returns:
            A `Generation` with .ids, .text and .finish, or a list of them.
        """
        return self.generator.generate(prompt, max_new_tokens, **settings)

    def stream(self, prompt: Any, max_new_tokens: int = 128, **settings: Any) -> Iterator[Any]:
        """The same for one prompt, piece by piece; see `lamina.models.Generator.stream`."""
        return self.generator.stream(prompt, max_new_tokens, **settings)

    def beam_search(self, prompt: Any, max_new_tokens: int = 128, **settings: Any) -> Any:
        """The most probable continuations; see `lamina.models.Generator.beam_search`.

        Args:
            prompt: text or ids, or a list of prompts.
            max_new_tokens: longest continuation.
            settings: beams, results, length_penalty, end_token.
        """
        return self.generator.beam_search(prompt, max_new_tokens, **settings)

    def perplexity(self, text: Any, stride: int | None = None) -> float:
        """exp(−mean log p(token | tokens before it)) over a text.

        Args:
            text: text or ids.
            stride: tokens from one window of the context to the next; by default the context. A smaller one gives every
                token more to go by, and takes longer.
        """
        if self._perplexity is None:
            self._perplexity = Perplexity(self)
        return self._perplexity(encoded(text, self.tokenizer), stride)
