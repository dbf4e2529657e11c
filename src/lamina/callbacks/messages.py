"""The one voice in which callbacks speak: rich's shared console, so that a line never tears a live progress bar."""

from typing import Any

from ..core import require


def console() -> Any:
    """The console that all of rich shares; it writes to whatever `sys.stdout` is at that moment."""
    return require("rich").get_console()


def say(text: str, style: str | None = None) -> None:
    """Print one line, exactly as it is."""
    console().print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def number(value: Any) -> str:
    """A logged value for people: four decimals, or a power of ten where these would hide it.

    Example:
        >>> number(0.98765), number(3e-05), number(0), number([1, 2])
        ('0.9877', '3.000e-05', '0.0000', '[1, 2]')
    """
    try:
        value = float(value)
    except TypeError:
        return str(value)
    return f"{value:.3e}" if value != 0 and not 1e-3 <= abs(value) < 1e5 else f"{value:.4f}"
