"""Layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class Add(Layer):
    """The sum of the inputs.

    As for the other layers that compute place by place, axes are counted from the last one, and
    an input with 1 place along an axis, or without it, is repeated.
    """


@dataclass(eq=False, repr=False)
class Subtract(Layer):
    """The first input less the second."""


@dataclass(eq=False, repr=False)
class Multiply(Layer):
    """The product of the inputs."""


@dataclass(eq=False, repr=False)
class Average(Layer):
    """The mean of the inputs."""


@dataclass(eq=False, repr=False)
class Maximum(Layer):
    """The largest of the inputs at each place."""


@dataclass(eq=False, repr=False)
class Minimum(Layer):
    """The smallest of the inputs at each place."""


@dataclass(eq=False, repr=False)
class Dot(Layer):
    """The products of the vectors of two inputs.

    Parameters
    ----------
    axes : int or (int, int)
        Along which axis the vectors lie, of both or of each; the batch counts as the first.
    normalize : bool
        Whether vectors are first brought to length 1: the results are then cosines.
    """

    axes: int | Sequence[int]
    normalize: bool = False


@dataclass(eq=False, repr=False)
class Concatenate(Layer):
    """The inputs behind each other.

    Parameters
    ----------
    axis : int
        Along which axis; the batch counts as the first.
    """

    axis: int = -1
