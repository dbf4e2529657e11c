"""Files from the net: fetched over HTTPS, resumed, proved by their SHA-256, and unpacked without trust."""

from .address import DownloadError
from .cache import get_file
from .unpack import unpack

__all__ = ["DownloadError", "get_file", "unpack"]
