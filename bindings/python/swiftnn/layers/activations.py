"""Activations that are layers because they have options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class Softmax(Layer):
    """``exp(x) / sum(exp(x))``.

    Parameters
    ----------
    axis : int or list of int
        Over which axis the values sum to 1.
    """

    axis: int | Sequence[int] = -1


@dataclass(eq=False, repr=False)
class ReLU(Layer):
    """``x`` where it is over a threshold, and little or nothing below.

    Parameters
    ----------
    max_value : float, optional
        The greatest result.
    negative_slope : float
        The slope below the threshold.
    threshold : float
        Where the result begins to be ``x``.
    """

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0


@dataclass(eq=False, repr=False)
class LeakyReLU(Layer):
    """``x`` where it is positive, and ``negative_slope * x`` elsewhere.

    Parameters
    ----------
    negative_slope : float
        The slope of the negative side.
    """

    negative_slope: float = 0.3
