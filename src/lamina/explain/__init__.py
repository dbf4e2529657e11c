"""What a network looks at when it answers."""

from .attention import attention_maps

__all__ = ["attention_maps"]
