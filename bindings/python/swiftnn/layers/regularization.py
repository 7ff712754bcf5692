"""Layers that act in training alone: noise, and a penalty on what passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class Dropout(Layer):
    """Set a share of the values to 0 in training, and scale the rest up.

    Parameters
    ----------
    rate : float
        The share, from 0 to 1.
    noise_shape : tuple, optional
        The shape of the mask, with the batch.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    rate: float
    noise_shape: Sequence[int | None] | None = None
    seed: int | None = None


@dataclass(eq=False, repr=False)
class GaussianNoise(Layer):
    """Add normal noise in training.

    Parameters
    ----------
    stddev : float
        Its standard deviation, from 0 to 1.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    stddev: float
    seed: int | None = None


@dataclass(eq=False, repr=False)
class GaussianDropout(Layer):
    """Multiply by normal noise around 1 in training.

    Parameters
    ----------
    rate : float
        From 0 to below 1; the noise has the standard deviation ``sqrt(rate / (1 - rate))``.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    rate: float
    seed: int | None = None


@dataclass(eq=False, repr=False)
class AlphaDropout(Layer):
    """Dropout that keeps mean 0 and variance 1, for the activation ``selu``.

    Parameters
    ----------
    rate : float
        The share of values that are dropped, from 0 to below 1.
    noise_shape : tuple, optional
        The shape of the mask, with the batch.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    rate: float
    noise_shape: Sequence[int | None] | None = None
    seed: int | None = None


@dataclass(eq=False, repr=False)
class SpatialDropout1D(Layer):
    """Dropout of whole channels of ``(batch, steps, channels)``.

    Parameters
    ----------
    rate : float
        The share of channels that are dropped, from 0 to 1.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    rate: float
    seed: int | None = None


@dataclass(eq=False, repr=False)
class SpatialDropout2D(Layer):
    """Dropout of whole channels of ``(batch, height, width, channels)``.

    Parameters
    ----------
    rate : float
        The share of channels that are dropped, from 0 to 1.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """

    rate: float
    data_format: str | None = None
    seed: int | None = None


@dataclass(eq=False, repr=False)
class SpatialDropout3D(SpatialDropout2D):
    """Dropout of whole channels of ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    rate : float
        The share of channels that are dropped, from 0 to 1.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    seed : int, optional
        A seed of its own; the model's otherwise.
    """


@dataclass(eq=False, repr=False)
class ActivityRegularization(Layer):
    """Pass on the input, and add a penalty on it to the loss.

    Parameters
    ----------
    l1, l2 : float
        The factors of ``sum(abs(x))`` and of ``sum(x ** 2)``, divided by the size of the batch.
    """

    l1: float = 0.0
    l2: float = 0.0
