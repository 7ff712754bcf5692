"""Activations that are layers because they have options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Described, Layer


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


@dataclass(eq=False, repr=False)
class ELU(Layer):
    """``x`` where it is positive, and ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    alpha : float
        What the result of large negative values comes near to, with a minus.
    """

    alpha: float = 1.0


@dataclass(eq=False, repr=False)
class PReLU(Layer):
    """``x`` where it is positive, and ``alpha * x`` elsewhere, with an ``alpha`` that is learned.

    Parameters
    ----------
    alpha_initializer : str, dict or Initializer
        How ``alpha`` begins.
    alpha_regularizer, alpha_constraint : str, dict or object, optional
        As in `Dense`.
    shared_axes : list of int, optional
        Along which axes places share one ``alpha``; the batch counts as the first. For images of
        ``(batch, height, width, channels)``, ``[1, 2]`` leaves one for each channel.
    """

    alpha_initializer: Described = "zeros"
    alpha_regularizer: Described = None
    alpha_constraint: Described = None
    shared_axes: int | Sequence[int] | None = None
