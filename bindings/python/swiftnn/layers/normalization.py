"""Layers that normalize."""

from __future__ import annotations

from dataclasses import dataclass

from ._layer import Described, Layer


@dataclass(eq=False, repr=False)
class BatchNormalization(Layer):
    """Bring each channel to mean 0 and variance 1, over the batch in training.

    Parameters
    ----------
    axis : int
        The axis of the channels.
    momentum : float
        What remains of the moving statistics in a step.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether ``beta`` is added, and ``gamma`` multiplied.
    beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer : \
str, dict or Initializer
        How the weights begin.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : str, dict or object, \
optional
        As in `Dense`.
    """

    axis: int = -1
    momentum: float = 0.99
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: Described = "zeros"
    gamma_initializer: Described = "ones"
    moving_mean_initializer: Described = "zeros"
    moving_variance_initializer: Described = "ones"
    beta_regularizer: Described = None
    gamma_regularizer: Described = None
    beta_constraint: Described = None
    gamma_constraint: Described = None
