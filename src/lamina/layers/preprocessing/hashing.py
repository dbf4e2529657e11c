"""Categories to a fixed number of buckets, without a vocabulary."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ...core import Tensor
from ..arguments import whole
from ..layer import registry
from .buckets import bucket, check_salt, numbers_or_text
from .encoding import MODES, encode, output_mode
from .host import HostLayer


@registry.register()
class Hashing(HostLayer):
    """y = hash(x) mod num_bins: each category always falls into the same bucket, different ones may share it.

    The hash is FarmHash64 of the UTF-8 text, or of the decimal form of a number; with `salt` SipHash-2-4. Both give
    the same numbers on every machine.

    Args:
        num_bins: number of buckets, that of `mask_value` included.
        mask_value: the value that goes to bucket 0, which no other value then gets.
        salt: key of SipHash: one integer, or two.
        output_mode: "int", or "one_hot", "multi_hot" or "count" as in `CategoryEncoding`.

    Input (N, ...) of strings or integers, output of the same shape and int32, or vectors (N, ..., num_bins).
    Strings are hashed on the host, before a model; integers also inside one.

    Raises:
        DataError: a number is not whole.

    Example:
        >>> import lamina
        >>> lamina.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"]]).tolist()
        [[1], [0], [1]]
        >>> lamina.layers.Hashing(num_bins=3, mask_value="", salt=133)(["A", "", "B"])
        Tensor([2, 0, 1], int32)

    Reference: Weinberger et al. 2009, Feature hashing for large scale multitask learning.
    """

    def __init__(
        self, num_bins: int, mask_value: Any = None, salt: Any = None, output_mode: str = "int", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_bins = whole(num_bins, "Hashing", "num_bins")
        self.mask_value, self.salt = mask_value, check_salt(salt, "Hashing")
        self.output_mode = _mode(output_mode)

    def call(self, inputs: Any) -> Tensor:
        values = numbers_or_text(inputs, self.who)
        ids = self._bins(values)
        return Tensor(encode(ids, self.output_mode, self.num_bins, self.compute_dtype))

    def _bins(self, values: Any) -> Any:
        if self.mask_value is None or self.num_bins == 1:
            return bucket(values, self.num_bins, self.salt)
        numbers = np if isinstance(values, np.ndarray) else jnp
        ids = bucket(values, self.num_bins - 1, self.salt) + 1
        return numbers.where(numbers.asarray(values == self.mask_value, bool), 0, ids)


def _mode(value: str) -> str:
    return output_mode(value, MODES, "Hashing")
