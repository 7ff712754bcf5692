"""Learning rates that follow the steps: Keras's classes, and PyTorch's where Keras has none.

The library computes them: `Optimizer.learning_rate` of a compiled model is the present value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._configured import Configured
from ..errors import ConfigurationError

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "LinearWarmup",
    "OneCycleLR",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]


@dataclass
class LearningRateSchedule(Configured):
    """A learning rate as a function of the steps done."""


@dataclass
class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate * decay_rate ** (step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate : float
        See above.
    staircase : bool
        Whether the quotient's whole part is taken.
    name : str
        Without effect.
    """

    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False
    name: str = "ExponentialDecay"


@dataclass
class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[0]`` up to step ``boundaries[0]``, it included, then ``values[1]``, and so on.

    Parameters
    ----------
    boundaries : list of int
        Steps, upward.
    values : list of float
        One more than boundaries.
    name : str
        Without effect.
    """

    boundaries: Sequence[float]
    values: Sequence[float]
    name: str = "PiecewiseConstant"


@dataclass
class PolynomialDecay(LearningRateSchedule):
    """``(initial - end) * (1 - step / decay_steps) ** power + end``, up to `decay_steps`.

    Parameters
    ----------
    initial_learning_rate, decay_steps, end_learning_rate, power : float
        See above.
    cycle : bool
        Whether behind `decay_steps` the next multiple of it stands for it.
    name : str
        Without effect.
    """

    initial_learning_rate: float
    decay_steps: float
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False
    name: str = "PolynomialDecay"


@dataclass
class InverseTimeDecay(LearningRateSchedule):
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate : float
        See above.
    staircase : bool
        Whether the quotient's whole part is taken.
    name : str
        Without effect.
    """

    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False
    name: str = "InverseTimeDecay"


@dataclass
class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate to `alpha` times it.

    Parameters
    ----------
    initial_learning_rate : float
        Where it begins, or the warm-up before it.
    decay_steps : float
        The cosine's steps.
    alpha : float
        The share that remains.
    name : str
        Without effect.
    warmup_target : float, optional
        Where a line leads first, over `warmup_steps`; the cosine begins there.
    warmup_steps : float
        The steps of the line.
    """

    initial_learning_rate: float
    decay_steps: float
    alpha: float = 0.0
    name: str = "CosineDecay"
    warmup_target: float | None = None
    warmup_steps: float = 0


@dataclass
class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine again and again.

    Parameters
    ----------
    initial_learning_rate : float
        Where the first begins.
    first_decay_steps : float
        Its steps.
    t_mul, m_mul : float
        How much longer and higher each is than the one before.
    alpha : float
        The share that remains.
    name : str
        Without effect.
    """

    initial_learning_rate: float
    first_decay_steps: float
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0
    name: str = "SGDRDecay"


@dataclass
class LinearWarmup(LearningRateSchedule):
    """A line up to the first rate of another schedule, or to a number, before it begins; PyTorch's
    ``LinearLR`` in front of another in a ``SequentialLR``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        What comes after the warm-up.
    start_factor : float
        The share of its first rate that the line begins at.
    total_iters : int
        The steps of the line.
    """

    learning_rate: float | LearningRateSchedule
    start_factor: float = 1.0 / 3
    total_iters: int = 5


@dataclass
class OneCycleLR(LearningRateSchedule):
    """Up to `max_lr` and down again, PyTorch's.

    Parameters
    ----------
    max_lr : float
        The highest rate.
    total_steps : int, optional
        The steps of all; or give `epochs` and `steps_per_epoch`.
    epochs, steps_per_epoch : int, optional
        Their product is `total_steps`.
    pct_start : float
        The share of the steps that lead up.
    anneal_strategy : str
        ``"cos"`` or ``"linear"``.
    cycle_momentum : bool
        Must be False: the momentum does not follow.
    div_factor : float
        `max_lr` over it is the first rate.
    final_div_factor : float
        The first rate over it is the last.
    three_phase : bool
        Whether it goes down as fast as up, to the first rate, and from there to the last.
    """

    max_lr: float
    total_steps: int | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None
    pct_start: float = 0.3
    anneal_strategy: str = "cos"
    cycle_momentum: bool = False
    div_factor: float = 25.0
    final_div_factor: float = 10000.0
    three_phase: bool = False


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """``{"class_name": ..., "config": ...}``."""
    return learning_rate_schedule.serialize()


def deserialize(config: Mapping[str, Any]) -> LearningRateSchedule:
    """The schedule of ``{"class_name": ..., "config": ...}``."""
    made = globals().get(str(config.get("class_name")))
    if not (isinstance(made, type) and issubclass(made, LearningRateSchedule)):
        raise ConfigurationError(f"unknown schedule {config.get('class_name')!r}")
    options = dict(config.get("config", {}))
    if isinstance(options.get("learning_rate"), Mapping):
        options["learning_rate"] = deserialize(options["learning_rate"])
    return made.from_config(options)
