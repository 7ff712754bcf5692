"""Arrays of a loss or metric that is called by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._data import Array, as_array


def samples(y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:
    """The three as the library takes them; plain lists of numbers are samples of one number."""
    true, predicted = as_array(y_true, "y_true"), as_array(y_pred, "y_pred")
    if predicted.ndim == 1:
        predicted = predicted.reshape(-1, 1)
        true = true.reshape(-1, 1) if true.ndim == 1 else true
    weights = None if sample_weight is None else as_array(sample_weight, "sample_weight")
    return np.ascontiguousarray(true), np.ascontiguousarray(predicted), weights
