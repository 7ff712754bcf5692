"""Layers that make one tensor of several."""

from __future__ import annotations

from dataclasses import dataclass

from ._layer import Layer


@dataclass(eq=False, repr=False)
class Add(Layer):
    """The sum of the inputs."""


@dataclass(eq=False, repr=False)
class Concatenate(Layer):
    """The inputs behind each other.

    Parameters
    ----------
    axis : int
        Along which axis; the batch counts as the first.
    """

    axis: int = -1
