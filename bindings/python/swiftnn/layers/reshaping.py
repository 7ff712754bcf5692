"""Layers that move, repeat and leave out values."""

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


@dataclass(eq=False, repr=False)
class RepeatVector(Layer):
    """``(batch, channels)`` as ``(batch, n, channels)``.

    Parameters
    ----------
    n : int
        How often.
    """

    n: int


_Pairs = int | Sequence[int] | Sequence[Sequence[int]]


@dataclass(eq=False, repr=False)
class ZeroPadding1D(Layer):
    """Zeros around ``(batch, steps, channels)``.

    Parameters
    ----------
    padding : int or sequence
        How many: one for both sides, or one for each.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    padding: int | Sequence[int] = (1, 1)
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class ZeroPadding2D(Layer):
    """Zeros around ``(batch, height, width, channels)``.

    Parameters
    ----------
    padding : int or sequence
        How many: one for all sides, or for each of the 2 axes one or a pair.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    padding: _Pairs = ((1, 1), (1, 1))
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class ZeroPadding3D(Layer):
    """Zeros around ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    padding : int or sequence
        How many: one for all sides, or for each of the 3 axes one or a pair.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    padding: _Pairs = ((1, 1), (1, 1), (1, 1))
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class Cropping1D(Layer):
    """``(batch, steps, channels)`` without its margins.

    Parameters
    ----------
    cropping : int or sequence
        How many places: one for both sides, or one for each.
    """

    cropping: int | Sequence[int] = (1, 1)


@dataclass(eq=False, repr=False)
class Cropping2D(Layer):
    """``(batch, height, width, channels)`` without its margins.

    Parameters
    ----------
    cropping : int or sequence
        How many places: one for all sides, or for each of the 2 axes one or a pair.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    cropping: _Pairs = ((0, 0), (0, 0))
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class Cropping3D(Layer):
    """``(batch, depth, height, width, channels)`` without its margins.

    Parameters
    ----------
    cropping : int or sequence
        How many places: one for all sides, or for each of the 3 axes one or a pair.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    cropping: _Pairs = ((1, 1), (1, 1), (1, 1))
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class UpSampling1D(Layer):
    """Each step of ``(batch, steps, channels)`` several times.

    Parameters
    ----------
    size : int
        How often.
    """

    size: int = 2


@dataclass(eq=False, repr=False)
class UpSampling2D(Layer):
    """A larger image from ``(batch, height, width, channels)``.

    Parameters
    ----------
    size : int or (int, int)
        How many times as high and wide.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    interpolation : str
        ``"nearest"`` repeats places, ``"bilinear"`` changes linearly between their centres.
    """

    size: int | Sequence[int] = (2, 2)
    data_format: str | None = None
    interpolation: str = "nearest"


@dataclass(eq=False, repr=False)
class UpSampling3D(Layer):
    """Each place of ``(batch, depth, height, width, channels)`` several times.

    Parameters
    ----------
    size : int or (int, int, int)
        How often along each axis.
    data_format : str, optional
        ``"channels_last"``, or ``"channels_first"`` where the channels follow the batch.
    """

    size: int | Sequence[int] = (2, 2, 2)
    data_format: str | None = None
