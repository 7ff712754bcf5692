"""Reading and writing the variables of a model of the library."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _lib
from .errors import ShapeError


class Variable(NamedTuple):
    """A weight array: what the library says about it."""

    name: str
    layer: str
    shape: tuple[int, ...]
    trainable: bool

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def describe(model: _lib.Handle) -> dict[str, Any]:
    """`snn_model_describe` as a dictionary."""
    description: dict[str, Any] = json.loads(_lib.call("snn_model_describe", model))
    return description


def variables(model: _lib.Handle, layer: str | None = None) -> list[Variable]:
    """The variables of a model, or of one of its layers, in Keras's order."""
    return [
        Variable(entry["name"], entry["layer"], tuple(entry["shape"]), bool(entry["trainable"]))
        for entry in describe(model)["variables"]
        if layer is None or entry["layer"] == layer
    ]


def read(model: _lib.Handle, variable: Variable) -> NDArray[np.float32]:
    """A copy of a variable."""
    values: NDArray[np.float32] = _lib.call(
        "snn_model_get_variable", model, variable.name, capacity=variable.size
    )
    return values.reshape(variable.shape)


def write(
    model: _lib.Handle, targets: Sequence[Variable], weights: Sequence[ArrayLike], owner: str
) -> None:
    """Replace variables; all shapes are checked before the first one changes."""
    arrays = [np.ascontiguousarray(weight, dtype=np.float32) for weight in weights]
    if len(arrays) != len(targets):
        raise ShapeError(f"{owner}: expected {len(targets)} weight arrays, received {len(arrays)}")
    for variable, weight in zip(targets, weights):
        if np.shape(weight) != variable.shape:
            raise ShapeError(
                f"{variable.name}: expected shape {variable.shape}, received {np.shape(weight)}"
            )
    for variable, array in zip(targets, arrays):
        _lib.call("snn_model_set_variable", model, variable.name, array)
