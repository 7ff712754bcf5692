"""Gradients against differences, for a model or for one layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._model import Model, Sequential
from .errors import ArgumentError
from .layers import Input, Layer


def gradient_check(
    target: Model | Sequential | Layer, x: Any, y: Any = None, numbers: int = 20
) -> dict[str, dict[str, float]]:
    """Compare gradients with central differences.

    Parameters
    ----------
    target : Model, Sequential or Layer
        A compiled model, whose loss is differentiated, or a layer that is in no model yet: a model
        of a copy of it alone is made, with the mean squared error to numbers that are random.
    x : array or list of arrays
        One batch of inputs.
    y : array or list of arrays, optional
        Its targets; a layer needs none.
    numbers : int
        How many numbers of each weight and each input are compared at most.

    Returns
    -------
    dict
        As `Model.check_gradients` gives it.
    """
    if isinstance(target, (Model, Sequential)):
        return target.check_gradients(x, y, numbers=numbers)
    if not isinstance(target, Layer):
        raise ArgumentError(
            f"expected a Model, a Sequential or a Layer, received {type(target).__name__}"
        )
    arrays = [np.asarray(part) for part in (x if isinstance(x, (list, tuple)) else [x])]
    inputs = [Input(shape=array.shape[1:]) for array in arrays]
    copy = type(target).from_config(target.get_config())
    model = Model(inputs, copy(inputs if len(inputs) > 1 else inputs[0]))
    model.compile("sgd", loss="mean_squared_error")
    if y is None:
        shape = (len(arrays[0]), *model.outputs[0].shape[1:])
        y = np.random.default_rng(0).normal(size=[int(extent or 1) for extent in shape])
    return model.check_gradients(arrays, y, numbers=numbers)
