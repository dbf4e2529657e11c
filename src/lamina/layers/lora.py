"""Low-rank adaptation: a large trained matrix stays as it is, and a small product beside it is trained."""

from typing import Any

from ..core import ArgumentError, NotBuiltError, Tensor, Variable, no_grad
from .arguments import whole
from .layer import Layer


class LowRankLayer(Layer):
    """Base of layers with one large weight W that can be adapted: in its place W + (α/r)·A·B is used.

    A, (..., r), starts at random and B, (r, U), at 0, so that nothing changes at first. W is frozen.

    Args:
        lora_rank: r; None for no adaptation.
        lora_alpha: α, r by default.

    Reference: Hu et al. 2021, LoRA, arXiv 2106.09685.
    """

    _adapted = "kernel"  # the attribute with W

    def __init__(self, lora_rank: int | None = None, lora_alpha: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lora_rank = None if lora_rank is None else whole(lora_rank, type(self).__name__, "lora_rank")
        self.lora_alpha = lora_rank if lora_alpha is None else lora_alpha
        self.lora_enabled = False

    def enable_lora(
        self,
        rank: int,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
        lora_alpha: float | None = None,
    ) -> None:
        """Freeze the large weight W and train A and B beside it.

        Args:
            rank: r, far below the sizes of W.
            a_initializer, b_initializer: how A and B start.
            lora_alpha: α, r by default.

        Raises:
            NotBuiltError: the layer has no weights yet.
            ArgumentError: it is adapted already, or W has a constraint, which W + AB would not obey.

        Example:
            >>> import lamina
            >>> layer = lamina.layers.Dense(64)
            >>> layer.build((None, 32))
            >>> layer.enable_lora(rank=4)
            >>> [v.name for v in layer.trainable_variables], sum(v.size for v in layer.trainable_variables)
            (['bias', 'lora_kernel_a', 'lora_kernel_b'], 448)
        """
        weight = self._adaptable()
        self.lora_rank = whole(rank, type(self).__name__, "rank")
        self.lora_alpha = rank if lora_alpha is None else lora_alpha
        name, shape, rule = f"lora_{self._adapted}", weight.shape, {"regularizer": weight.regularizer}
        setattr(self, f"{name}_a", self.add_weight((*shape[:-1], rank), a_initializer, f"{name}_a", **rule))
        setattr(self, f"{name}_b", self.add_weight((rank, shape[-1]), b_initializer, f"{name}_b", **rule))
        self.lora_enabled, weight.trainable = True, False

    def _adaptable(self) -> Variable:
        weight = getattr(self, self._adapted, None)
        who, remedy = f"{type(self).__name__} {self.name!r}", "Call enable_lora once, after the weights are there"
        if weight is None:
            raise NotBuiltError(who, "the weight to adapt must exist", expected="a built layer",
                                received="one that has not seen an input", remedy=remedy)  # fmt: skip
        if self.lora_enabled or weight.constraint is not None:
            received = "one that is adapted" if self.lora_enabled else f"{self._adapted}_constraint"
            raise ArgumentError(who, "a weight without constraint is adapted, once", expected="such a layer",
                                received=received, remedy=remedy)  # fmt: skip
        return weight

    def _adapt_if_asked(self) -> None:
        """For the end of a subclass's `build`."""
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    @property
    def lora_a(self) -> Variable:
        """A, the attribute `lora_kernel_a` (or `lora_embeddings_a`)."""
        return getattr(self, f"lora_{self._adapted}_a")

    @property
    def lora_b(self) -> Variable:
        """B, the attribute `lora_kernel_b` (or `lora_embeddings_b`)."""
        return getattr(self, f"lora_{self._adapted}_b")

    def adapted_weight(self) -> Tensor:
        """W, or W + (α/r)·A·B: what the layer computes with."""
        weight = getattr(self, self._adapted)
        return weight + self._low_rank(self.lora_a) if self.lora_enabled else weight

    def _low_rank(self, rows: Tensor) -> Tensor:
        """(α/r)·rows·B, for rows of A."""
        return rows @ self.lora_b * (self.lora_alpha / self.lora_rank)  # type: ignore[operator]

    def merge_lora(self) -> None:
        """Add (α/r)·A·B to W for good and take A and B away: the layer computes the same, as it was before LoRA."""
        if self.lora_enabled:
            weight: Variable = getattr(self, self._adapted)
            with no_grad():
                weight.assign(self.adapted_weight())
            self._weights = [v for v in self._weights if v is not self.lora_a and v is not self.lora_b]
            delattr(self, self.lora_a.name)
            delattr(self, self.lora_b.name)
            self.lora_enabled, self.lora_rank, self.lora_alpha = False, None, None
            weight.trainable = self.trainable

    @property
    def trainable(self) -> bool:
        """Whether the weights are trained; an adapted W never is."""
        return self._trainable

    @trainable.setter
    def trainable(self, on: bool) -> None:
        Layer.trainable.fset(self, on)  # type: ignore[attr-defined]
        if self.lora_enabled:
            getattr(self, self._adapted).trainable = False

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}
