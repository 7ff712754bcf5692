"""Layers that act in training alone."""

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
