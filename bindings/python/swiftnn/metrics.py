"""Metrics: what is reported beside the loss. Their names serve as well."""

from __future__ import annotations

from dataclasses import dataclass

from ._configured import Configured
from ._graph import snake_case

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
]


@dataclass
class Metric(Configured):
    """What is reported beside the loss, under its class's name: ``"binary_accuracy"``."""

    @property
    def name(self) -> str:
        """The name under which it is reported."""
        return snake_case(self.class_name)


@dataclass
class Accuracy(Metric):
    """How often a prediction equals its label. The name ``"accuracy"`` lets the loss decide."""


@dataclass
class BinaryAccuracy(Metric):
    """How often a prediction lies on the label's side of a threshold.

    Parameters
    ----------
    threshold : float
        The threshold.
    """

    threshold: float = 0.5


@dataclass
class CategoricalAccuracy(Metric):
    """How often the greatest prediction is that of the one-hot label."""


@dataclass
class SparseCategoricalAccuracy(Metric):
    """How often the greatest prediction is that of the class number."""


@dataclass
class MeanSquaredError(Metric):
    """As the loss."""


@dataclass
class MeanAbsoluteError(Metric):
    """As the loss."""


@dataclass
class BinaryCrossentropy(Metric):
    """As the loss."""


@dataclass
class CategoricalCrossentropy(Metric):
    """As the loss."""


@dataclass
class SparseCategoricalCrossentropy(Metric):
    """As the loss."""
