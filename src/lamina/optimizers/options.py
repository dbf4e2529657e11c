"""Options that all optimizers share, as types of their keyword arguments."""

from typing import TypedDict


class CommonOptions(TypedDict, total=False):
    """What every optimizer takes beside its own arguments; explained at `Optimizer`."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Options(CommonOptions, total=False):
    """The same and weight decay, which some have as an argument of their own."""

    weight_decay: float | None
