"""What holds for weights after each step: Keras's constraints, by class, name or dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._configured import Configured, described

__all__ = ["Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "get"]

Axes = int | Sequence[int] | None


@dataclass
class Constraint(Configured):
    """What a weight is brought to after each step."""


@dataclass
class MaxNorm(Constraint):
    """Norms of at most ``max_value``.

    Parameters
    ----------
    max_value : float
        The largest norm.
    axis : int or sequence of int, optional
        The axes along which a norm is taken: 0 for each unit of a `Dense` layer. None is all.
    """

    max_value: float = 2
    axis: Axes = 0


@dataclass
class NonNeg(Constraint):
    """No number below 0."""


@dataclass
class UnitNorm(Constraint):
    """Norms of 1; ``axis`` as in `MaxNorm`."""

    axis: Axes = 0


@dataclass
class MinMaxNorm(Constraint):
    """Norms from ``min_value`` to ``max_value``.

    Parameters
    ----------
    min_value, max_value : float
        The smallest and the largest norm.
    rate : float
        How much of the way there a step brings a norm that is outside: 1 is all of it.
    axis : int or sequence of int, optional
        As in `MaxNorm`.
    """

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: Axes = 0


_NAMES: dict[str, type[Constraint]] = {
    "max_norm": MaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "min_max_norm": MinMaxNorm,
}


def get(identifier: str | Mapping[str, Any] | Constraint | None) -> Constraint | None:
    """The constraint of a name or of Keras's ``{"class_name": ..., "config": ...}``."""
    return described(identifier, Constraint, _NAMES)
