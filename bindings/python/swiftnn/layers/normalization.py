"""Layers that normalize."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _lib
from .._data import is_list_of_arrays
from .._dataset import Dataset
from .._weights import read, variables
from ..errors import ArgumentError
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


@dataclass(eq=False, repr=False)
class Normalization(Layer):
    """Bring data to mean 0 and variance 1, by statistics of all of it, which `adapt` takes.

    Parameters
    ----------
    axis : int, list of int, or None
        The axes whose places have a mean and a variance of their own; the batch counts as the
        first. None is one for all values.
    mean, variance : float or array_like, optional
        The statistics, where they are known; `adapt` is then refused.
    invert : bool
        Whether the layer goes from normalized values back to the data's.
    """

    axis: int | Sequence[int] | None = -1
    mean: ArrayLike | None = None
    variance: ArrayLike | None = None
    invert: bool = False

    # What `adapt` found before there was a model.
    _adapted: list[NDArray[np.float32]] | None = field(default=None, init=False)

    def adapt(self, data: Any) -> None:
        """Take mean and variance of data, in the shape of the layer's input.

        Parameters
        ----------
        data : array_like, list of arrays, or Dataset
            The data, a list of batches of it, or a data set of one input, as of a file larger than
            memory.
        """
        if is_list_of_arrays(data):
            data = np.concatenate(data)
        dataset = data if isinstance(data, Dataset) else Dataset(data)
        if self._model is not None:
            _lib.call("snn_model_adapt", self._model, self.name, dataset.handle)
            return
        if dataset.inputs is None:
            raise ArgumentError(f"{self!r}: make a Model of it first, and adapt it to a file then")
        # A model of this layer alone.
        model = _lib.call("snn_model_create", None)
        shape = {"shape": list(dataset.inputs[0].shape[1:])}
        tensor = _lib.call("snn_model_add_layer", model, "InputLayer", shape, None)
        options = {**self.options(), "name": "layer"}
        self._add_to(model, options, [tensor])
        _lib.call("snn_model_adapt", model, "layer", dataset.handle)
        self._set("_adapted", [read(model, each) for each in variables(model, "layer")])

    def _bind(self, model: _lib.Handle, name: str) -> None:
        super()._bind(model, name)
        if self._adapted is not None:
            self.set_weights(self._adapted)
            self._set("_adapted", None)


@dataclass(eq=False, repr=False)
class Rescaling(Layer):
    """``x * scale + offset``.

    Parameters
    ----------
    scale, offset : float or array_like
        A number, or one for each channel.
    """

    scale: float | ArrayLike
    offset: float | ArrayLike = 0.0


@dataclass(eq=False, repr=False)
class LayerNormalization(Layer):
    """Bring each sample to mean 0 and variance 1 along its last axis or axes.

    Parameters
    ----------
    axis : int or tuple of int
        The axes, the batch being 0.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether ``beta`` is added, and ``gamma`` multiplied.
    beta_initializer, gamma_initializer : str, dict or Initializer
        How the weights begin.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : str, dict or object, \
optional
        As in `Dense`.
    """

    axis: int | Sequence[int] = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: Described = "zeros"
    gamma_initializer: Described = "ones"
    beta_regularizer: Described = None
    gamma_regularizer: Described = None
    beta_constraint: Described = None
    gamma_constraint: Described = None


@dataclass(eq=False, repr=False)
class GroupNormalization(Layer):
    """Bring groups of neighbouring channels to mean 0 and variance 1, in each sample.

    Parameters
    ----------
    groups : int
        How many there are; -1 is one for each channel.
    axis : int
        The axis of the channels.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether ``beta`` is added, and ``gamma`` multiplied.
    beta_initializer, gamma_initializer : str, dict or Initializer
        How the weights begin.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : str, dict or object, \
optional
        As in `Dense`.
    """

    groups: int = 32
    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: Described = "zeros"
    gamma_initializer: Described = "ones"
    beta_regularizer: Described = None
    gamma_regularizer: Described = None
    beta_constraint: Described = None
    gamma_constraint: Described = None


@dataclass(eq=False, repr=False)
class RMSNormalization(Layer):
    """Divide each sample by the root of its mean square along its last axis or axes, and scale it.

    Parameters
    ----------
    axis : int or tuple of int
        The axes, the batch being 0.
    epsilon : float
        Added to the mean square.
    """

    axis: int | Sequence[int] = -1
    epsilon: float = 1e-6


@dataclass(eq=False, repr=False)
class UnitNormalization(Layer):
    """Bring each sample to the Euclidean norm 1 along its last axis or axes.

    Parameters
    ----------
    axis : int or tuple of int
        The axes, the batch being 0.
    """

    axis: int | Sequence[int] = -1
