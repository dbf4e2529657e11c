"""What a model offers so that text can be drawn from it token by token."""

from typing import Any, Protocol

from ...core import Array


class StepModel(Protocol):
    """A model that reads a prompt at once and then one token at a time, with a cache in between.

    The cache is any tree of arrays of fixed shapes: keys and values of attention, the state of a recurrent layer, the
    output of an encoder. Its arrays have the rows of the batch on axis 0, so that beam search can pick some. Rows are
    independent and have positions of their own: a row of a batch gives what it gives alone. The functions run inside
    compiled programs, so they are traced once and must not look at values.

    Attributes:
        vocabulary_size: V; ids are 0 ... V − 1.
        context: most tokens that the model can see, None if there is no limit.

    Example:
        >>> import jax.numpy as jnp
        >>> from lamina.models import Generator
        >>> class Counter(StepModel):  # after token i comes i + 1
        ...     vocabulary_size, context = 5, None
        ...     def initial_cache(self, rows, length): return ()
        ...     def prefill(self, tokens, lengths, cache):
        ...         return self.step(tokens[jnp.arange(len(lengths)), lengths - 1], cache, lengths)
        ...     def step(self, tokens, cache, position): return jnp.eye(5)[(tokens + 1) % 5] * 9.0, cache
        >>> Generator(Counter()).generate([2], max_new_tokens=4, temperature=0).ids
        [3, 4, 0, 1]
    """

    vocabulary_size: int
    context: int | None

    def initial_cache(self, rows: int, length: int) -> Any:
        """An empty cache for `rows` rows of at most `length` tokens.

        A model that reads a source (a sentence to translate) takes it as a third argument, a tree of arrays, encodes it
        and keeps what it needs in the cache.
        """
        ...

    def prefill(self, tokens: Array, lengths: Array, cache: Any) -> tuple[Any, Any]:
        """Read the prompts.

        Args:
            tokens: (N, T); row n holds its prompt in the first lengths[n] places, and zeros after it.
            lengths: (N,), each in 1 ... T.
            cache: from `initial_cache`.

        Returns:
            Logits (N, V) of the token after each prompt, and the cache. What the places after a prompt leave behind in
            the cache must have no effect: the next tokens of row n go to the places lengths[n], lengths[n] + 1, ...
        """
        ...

    def step(self, tokens: Array, cache: Any, position: Array) -> tuple[Any, Any]:
        """Read one more token of each row.

        Args:
            tokens: (N,).
            cache: from `prefill` or the step before.
            position: (N,), the place of each token in its row, counted from 0.

        Returns:
            Logits (N, V) of the next token, and the cache.
        """
        ...
