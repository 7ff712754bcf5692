"""Layers that pool: the largest value or the mean of neighbouring places, for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class MaxPooling1D(Layer):
    """The largest value of what a window covers of ``(batch, steps, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding is smaller than every value.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int] = 2
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class MaxPooling2D(Layer):
    """The largest value of what a window covers of ``(batch, height, width, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding is smaller than every value.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int] = (2, 2)
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class MaxPooling3D(Layer):
    """The largest value of what a window covers of ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding is smaller than every value.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int] = (2, 2, 2)
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class AveragePooling1D(Layer):
    """The mean of what a window covers of ``(batch, steps, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding does not count in the mean.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int]
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class AveragePooling2D(Layer):
    """The mean of what a window covers of ``(batch, height, width, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding does not count in the mean.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int]
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class AveragePooling3D(Layer):
    """The mean of what a window covers of ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    pool_size : int or tuple of int
        The window's size.
    strides : int or tuple of int, optional
        How far it moves; its size otherwise.
    padding : str
        ``"valid"``, or ``"same"``: padding does not count in the mean.
    data_format : str, optional
        ``"channels_last"``.
    """

    pool_size: int | Sequence[int]
    strides: int | Sequence[int] | None = None
    padding: str = "valid"
    data_format: str | None = None


@dataclass(eq=False, repr=False)
class GlobalMaxPooling1D(Layer):
    """The largest value of all places of ``(batch, steps, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False


@dataclass(eq=False, repr=False)
class GlobalMaxPooling2D(Layer):
    """The largest value of all places of ``(batch, height, width, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False


@dataclass(eq=False, repr=False)
class GlobalMaxPooling3D(Layer):
    """The largest value of all places of ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False


@dataclass(eq=False, repr=False)
class GlobalAveragePooling1D(Layer):
    """The mean of all places of ``(batch, steps, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False


@dataclass(eq=False, repr=False)
class GlobalAveragePooling2D(Layer):
    """The mean of all places of ``(batch, height, width, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False


@dataclass(eq=False, repr=False)
class GlobalAveragePooling3D(Layer):
    """The mean of all places of ``(batch, depth, height, width, channels)``.

    Parameters
    ----------
    data_format : str, optional
        ``"channels_last"``.
    keepdims : bool
        Whether the axes of the places stay, with extents of 1.
    """

    data_format: str | None = None
    keepdims: bool = False
