"""Losses: Keras's classes. Their names, such as ``"mean_squared_error"``, serve as well."""

from __future__ import annotations

from dataclasses import dataclass

from ._configured import Configured

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
]


@dataclass
class Loss(Configured):
    """What training makes small."""


@dataclass
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred) ** 2)``."""


@dataclass
class MeanAbsoluteError(Loss):
    """``mean(abs(y_true - y_pred))``."""


@dataclass
class BinaryCrossentropy(Loss):
    """Cross-entropy of labels 0 and 1.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the sigmoid.
    label_smoothing : float
        How far the labels move to 1/2, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass
class CategoricalCrossentropy(Loss):
    """Cross-entropy of one-hot labels.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the softmax.
    label_smoothing : float
        How far the labels move to the even distribution, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass
class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy of labels that are class numbers.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the softmax.
    """

    from_logits: bool = False
