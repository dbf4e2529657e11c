"""`Generator`: text from a model, whole or as it comes."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core import ArgumentError
from ...core.random import next_key
from .beam import BeamSearch
from .decoding import CHUNK, STREAM, Decoding
from .prompts import check_ids, encoded
from .protocol import StepModel
from .sampling import Sampling, sampling_of
from .text import TextStream


class Generation(NamedTuple):
    """What was generated after a prompt.

    Args:
        ids: the new tokens, without a token of the end.
        text: the same as text, without a stop string; None without a tokenizer.
        finish: "stop" if an end was met, "length" if there were tokens enough.
        score: of a beam: the sum of the log probabilities, divided by length^length_penalty; else None.

    Example:
        >>> found = Generation(ids=[104, 105], text="hi", finish="stop")
        >>> found.text, found.score is None
        ('hi', True)
    """

    ids: list[int]
    text: str | None
    finish: str
    score: float | None = None


class Generator:
    """Draws text from any model that can read a prompt and then step.

    Args:
        model: see `StepModel`.
        tokenizer: has encode(text) -> ids and decode(ids) -> text; without one, prompts and results are ids.

    Example:
        >>> import lamina
        >>> from lamina.zoo import GPT
        >>> model = GPT(vocabulary_size=11, layers=1, heads=2, width=8, context=16)
        >>> result = Generator(model).generate([1, 2, 3], max_new_tokens=4, temperature=0)
        >>> len(result.ids), result.finish
        (4, 'length')
    """

    def __init__(self, model: StepModel, tokenizer: Any = None) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.decoding = Decoding(model)
        self._beams = BeamSearch(self.decoding)

    def generate(
        self,
        prompt: Any,
        max_new_tokens: int = 128,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        stop: Any = None,
        seed: int | None = None,
        source: Any = None,
    ) -> Any:
        """Draw what comes after one prompt or several.

        p(token) ∝ exp(z / temperature), z being the logits, among the tokens that top_k and top_p leave. Prompts of
        different lengths go through one program together, and each gives what it gives alone when nothing is random.

        Args:
            prompt: text or ids, or a list of prompts.
            max_new_tokens: tokens drawn at most for each. If the model's context gets full, its last half is read anew.
            temperature: below 1 bolder in the choice of the probable; 0 is greedy.
            top_k: draw among the k most probable only.
            top_p: draw among the most probable that together have this probability.
            repetition_penalty: above 1 makes tokens that have been there less probable.
            stop: strings, special tokens or ids, one or several, at which a text ends; they are not part of the result.
            seed: the same seed draws the same; by default the next one after `lamina.set_seed`.
            source: what the model was asked about (N, ...), for models that take one.

        Returns:
            A `Generation`, or a list of them for a list of prompts.

        Raises:
            ArgumentError: a setting out of bounds, or text without a tokenizer.
            DataError: an empty prompt, one longer than the context, an id outside the vocabulary, NaN from the model.

        Reference: Holtzman et al. 2020, The curious case of neural text degeneration.
        Hugging Face differs: the prompt is part of its result, and so is the token of the end.
        """
        prompts, single = self._prompts(prompt)
        rules = sampling_of(temperature, top_k, top_p, repetition_penalty)
        strings, ends = self._stops(stop)
        rows = [_Row(self.tokenizer, strings, ends) for _ in prompts]
        run = self._run(prompts, max_new_tokens, rules, ends, seed, CHUNK, source)
        ended = None
        while (tokens := _send(run, ended)) is not None:
            for row, new in zip(rows, tokens, strict=True):
                row.push(new)
            ended = np.array([row.finish == "stop" for row in rows])
        results = [row.result() for row in rows]
        return results[0] if single else results

    def stream(
        self,
        prompt: Any,
        max_new_tokens: int = 128,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        stop: Any = None,
        seed: int | None = None,
        source: Any = None,
    ) -> Iterator[Any]:
        """`generate` for one prompt, piece by piece: yields text as it becomes certain, or ids without a tokenizer.

        A piece never ends inside a character, and never shows the beginning of what turns out to be a stop string.
        The pieces together are the text of `generate` with the same seed. Arguments are checked at once.
        """
        prompts, single = self._prompts(prompt)
        if not single:
            raise ArgumentError(
                "stream",
                "one text can be shown at a time",
                expected="one prompt",
                received=f"{len(prompts)} prompts",
                remedy="Use generate for several",
            )
        rules = sampling_of(temperature, top_k, top_p, repetition_penalty)
        strings, ends = self._stops(stop)
        run = self._run(prompts, max_new_tokens, rules, ends, seed, STREAM, source)
        return _pieces(_Row(self.tokenizer, strings, ends), run)

    def beam_search(
        self,
        prompt: Any,
        max_new_tokens: int = 128,
        *,
        beams: int = 4,
        results: int | None = None,
        length_penalty: float = 1.0,
        end_token: int | None = None,
        source: Any = None,
    ) -> Any:
        """The most probable continuations that a search over the best `beams` prefixes finds.

        score = Σ log p(token) / length^length_penalty, the length counting the new tokens and that of the end. Where a
        beam ends, its place goes to the next best; the search stops when no prefix can beat those that ended.

        Args:
            prompt: text or ids, or a list of prompts.
            max_new_tokens: longest continuation.
            beams: B, prefixes kept.
            results: how many to return, at most B; by default all.
            length_penalty: 0 compares sums and so prefers short results; larger prefers longer ones.
            end_token: id at which a continuation is complete.
            source: what the model was asked about, for models that take one.

        Returns:
            List of `Generation`, the best first, each with its score; for a list of prompts a list of such lists.

        Raises:
            ArgumentError: beams or results below 1, or more results than beams.
            DataError: as in `generate`; also if prompt and max_new_tokens together do not fit the context.

        Reference: Lowerre 1976, The Harpy speech recognition system; Wu et al. 2016, arXiv 1609.08144, section 7.
        """
        prompts, single = self._prompts(prompt)
        _check_beams(beams, results, max_new_tokens)
        found = self._beams(prompts, max_new_tokens, beams, length_penalty, end_token, source)
        lists = [[self._beam(*one) for one in row[: results or beams]] for row in found]
        return lists[0] if single else lists

    # -- pieces ---------------------------------------------------------------------------------------
    def _beam(self, ids: list[int], score: float, finish: str) -> Generation:
        text = None if self.tokenizer is None else self.tokenizer.decode(ids)
        return Generation(ids, text, finish, score)

    def _prompts(self, prompt: Any) -> tuple[list[list[int]], bool]:
        """The prompts as rows of ids, and whether it was one alone."""
        several = isinstance(prompt, (list, tuple)) and len(prompt) > 0 and not isinstance(prompt[0], (int, np.integer))
        several = several or getattr(prompt, "ndim", 1) == 2
        rows = [encoded(one, self.tokenizer) for one in (prompt if several else [prompt])]
        check_ids(rows, self.model.vocabulary_size, self.model.context)
        return rows, not several

    def _stops(self, stop: Any) -> tuple[list[str], list[int]]:
        """The strings and the ids at which a text ends."""
        stops = [] if stop is None else list(stop) if isinstance(stop, (list, tuple)) else [stop]
        special = getattr(self.tokenizer, "special_tokens", ())  # these have an id, and never occur in decoded text
        stops = [self.tokenizer.token_to_id(s) if isinstance(s, str) and s in special else s for s in stops]
        strings = [s for s in stops if isinstance(s, str) and s]
        ends = [int(s) for s in stops if isinstance(s, (int, np.integer)) and not isinstance(s, bool)]
        if len(strings) + len(ends) < len(stops) or strings and self.tokenizer is None:
            raise ArgumentError(
                "generate",
                "a text ends at strings, found by a tokenizer, or at ids",
                expected="strings or ids" if self.tokenizer is not None else "ids, since there is no tokenizer",
                received=repr(stop),
                remedy="Pass a string, an id, or a list of them",
            )
        return strings, ends

    def _run(
        self, prompts: Any, most: int, rules: Sampling, ends: list[int], seed: int | None, chunk: int, source: Any
    ) -> Any:
        _check_count("max_new_tokens", most)
        seed = int(next_key("generation")[0]) if seed is None else int(seed) & 0xFFFFFFFF
        return self.decoding.run(prompts, most, rules, seed, ends, chunk, source)


class _Row:
    """One text that grows: cuts off the end, finds stop strings."""

    def __init__(self, tokenizer: Any, strings: Sequence[str], ends: Sequence[int]) -> None:
        self.ids: list[int] = []
        self.pieces: list[str] = []
        self.finish = "length"
        self._ends = set(ends)
        self._stream = None if tokenizer is None else TextStream(tokenizer, strings)

    def push(self, tokens: Any) -> Any:
        """Take in new tokens; returns what of them can be shown: text, or ids without a tokenizer."""
        start, first = len(self.ids), len(self.pieces)
        new = [int(token) for token in tokens if token >= 0] if self.finish == "length" else []
        end = next((i for i, token in enumerate(new) if token in self._ends), None)
        self.finish = self.finish if end is None else "stop"
        self._take(new[:end])
        return self.ids[start:] if self._stream is None else "".join(self.pieces[first:])

    def _take(self, ids: list[int]) -> None:
        """Add ids and their text; one by one where a stop string may cut them off."""
        parts = [[i] for i in ids] if self._stream is not None and self._stream.stops else [ids]
        for part in parts:
            self.ids += part
            if self._stream is not None:
                self.pieces.append(self._stream.push(part))
                if self._stream.stopped:
                    self.finish = "stop"
                    break

    def close(self) -> Any:
        """What has been held back."""
        if self._stream is None:
            return []
        self.pieces.append(self._stream.close())
        return self.pieces[-1]

    def result(self) -> Generation:
        self.close()
        return Generation(self.ids, None if self._stream is None else "".join(self.pieces), self.finish)


def _send(run: Any, ended: Any) -> Any:
    """The next tokens of a run; None at its end."""
    try:
        return run.send(ended)
    except StopIteration:
        return None


def _pieces(row: _Row, run: Any) -> Iterator[Any]:
    for tokens in run:
        piece = row.push(tokens[0])
        if piece:
            yield piece
        if row.finish == "stop":
            break
    rest = row.close()
    if rest:
        yield rest


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ArgumentError(
            "generate",
            f"{name} is a number of tokens or texts",
            expected="an integer >= 1",
            received=repr(value),
            remedy=f"For example {name}={4 if 'token' not in name else 128}",
        )


def _check_beams(beams: int, results: int | None, most: int) -> None:
    for name, value in {
        "max_new_tokens": most,
        "beams": beams,
        "results": beams if results is None else results,
    }.items():
        _check_count(name, value)
    if results is not None and results > beams:
        raise ArgumentError(
            "beam_search",
            "a search keeps as many results as beams",
            expected=f"results <= {beams}",
            received=results,
            remedy="Raise beams",
        )
