"""Sizes of GPT by name."""

from typing import Any

from ...core import Registry

# The widths and depths of Radford et al. 2019, table 2, with the vocabulary and context of the published files
# (50,257 tokens and 1,024 places); the ones below 124M parameters are for small texts and small machines.
_TOKENS, _PLACES = 50257, 1024
_SIZES = {
    "tiny": (256, 2, 4, 64, 64),
    "mini": (512, 4, 4, 128, 128),
    "small": (2048, 6, 6, 192, 256),
    "distilgpt2": (_TOKENS, 6, 12, 768, _PLACES),
    "gpt2": (_TOKENS, 12, 12, 768, _PLACES),
    "gpt2-medium": (_TOKENS, 24, 16, 1024, _PLACES),
    "gpt2-large": (_TOKENS, 36, 20, 1280, _PLACES),
    "gpt2-xl": (_TOKENS, 48, 25, 1600, _PLACES),
}

presets: Registry[dict[str, Any]] = Registry("preset of GPT")
for _name, _sizes in _SIZES.items():
    presets.add(dict(zip(("vocabulary_size", "layers", "heads", "width", "context"), _sizes, strict=True)), _name)
