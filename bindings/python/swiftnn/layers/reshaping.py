"""Layers that change the shape and no value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class Flatten(Layer):
    """One axis of all but the batch, the channels as the last of them.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    data_format: str | None = None


@dataclass(eq=False, repr=False)
class Reshape(Layer):
    """Another shape with as many values.

    Parameters
    ----------
    target_shape : tuple of int
        The shape of a sample; one -1 stands for what remains.
    """

    target_shape: Sequence[int]


@dataclass(eq=False, repr=False)
class Permute(Layer):
    """The axes in another order.

    Parameters
    ----------
    dims : tuple of int
        For each axis of the result which of the input it is, counted from 1 without the batch.
    """

    dims: Sequence[int]
