"""Penalties that are added to the loss: Keras's regularizers, by class, name or dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._configured import Configured, described

__all__ = ["L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "get"]


@dataclass
class Regularizer(Configured):
    """A penalty on the numbers of a weight or of a layer's output."""


@dataclass
class L1(Regularizer):
    """``l1 * sum(abs(x))``."""

    l1: float = 0.01


@dataclass
class L2(Regularizer):
    """``l2 * sum(x ** 2)``."""

    l2: float = 0.01


@dataclass
class L1L2(Regularizer):
    """``l1 * sum(abs(x)) + l2 * sum(x ** 2)``."""

    l1: float = 0.0
    l2: float = 0.0


@dataclass
class OrthogonalRegularizer(Regularizer):
    """``factor`` times the mean of ``abs(cosine)`` over the pairs of a matrix's rows, or columns.

    Parameters
    ----------
    factor : float
        How much it counts.
    mode : {'rows', 'columns'}
        What should be orthogonal.
    """

    factor: float = 0.01
    mode: str = "rows"


_NAMES: dict[str, type[Regularizer]] = {
    "l1": L1,
    "l2": L2,
    "l1l2": L1L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
}


def get(identifier: str | Mapping[str, Any] | Regularizer | None) -> Regularizer | None:
    """The regularizer of a name or of Keras's ``{"class_name": ..., "config": ...}``."""
    return described(identifier, Regularizer, _NAMES)
