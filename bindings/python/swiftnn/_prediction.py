"""Prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _lib
from ._base import LayeredModel
from ._data import Array, as_arrays, checked_batch_size, checked_rows
from ._dataset import Dataset
from ._graph import KerasTensor
from ._progress import ProgressLine
from .errors import ShapeError, UnsupportedError

Prediction = NDArray[np.float32] | list[NDArray[np.float32]]

# Batches of one call of the library: Python sees Ctrl-C and draws between calls.
_BATCHES_A_CALL = 64
_KEPT_SESSIONS = 8


class PredictingModel(LayeredModel):
    """Layers that predict."""

    def __init__(self) -> None:
        super().__init__()
        self._sessions: list[tuple[tuple[int, float], _lib.Handle]] = []

    def predict(self, x: Any, batch_size: int | None = None, verbose: int | str = 0) -> Prediction:
        """Predict.

        Parameters
        ----------
        x : array_like, list of arrays, dict by input name, or Dataset of arrays
            The samples. Contiguous float32, float64, uint8, int32 and int64 arrays are not
            copied.
        batch_size : int, optional
            Samples that are computed at once; 32 if not given. The result does not depend on it.
        verbose : int or str
            1 shows progress.

        Returns
        -------
        ndarray or list of ndarray
            One float32 array for each output.
        """
        scale = 1.0
        if isinstance(x, Dataset):
            if x.inputs is None:
                raise UnsupportedError("predict expects arrays, and this data set is a file")
            x, scale = x.inputs, x.scale
        inputs = self._checked_inputs(x)
        size = checked_batch_size(batch_size)
        rows = len(inputs[0])
        outputs = [np.empty((rows, *shape), np.float32) for shape in self._signature.output_shapes]
        line = ProgressLine(1 if verbose == "auto" else int(verbose))
        line.begin("Predict")
        step = size * _BATCHES_A_CALL
        for start in range(0, rows, step):
            end = min(start + step, rows)
            self._run(
                [array[start:end] for array in inputs],
                [array[start:end] for array in outputs],
                (size, scale),
            )
            line.update(end, rows, {})
        line.end({})
        return outputs[0] if len(outputs) == 1 else outputs

    def predict_on_batch(self, x: Any) -> Prediction:
        """Predict one batch, with as little around it as possible."""
        inputs = self._checked_inputs(x)
        rows = len(inputs[0])
        outputs = [np.empty((rows, *shape), np.float32) for shape in self._signature.output_shapes]
        if rows:
            self._run(inputs, outputs, (32, 1.0))
        return outputs[0] if len(outputs) == 1 else outputs

    def __call__(self, x: Any) -> Prediction:
        """Predict, as `predict_on_batch`."""
        if isinstance(x, KerasTensor):
            raise UnsupportedError("a model cannot be called as a layer of another one yet")
        return self.predict_on_batch(x)

    def _build_for(self, inputs: Any) -> None:
        """Build a model that has waited for data to know its input's shape."""

    def _checked_inputs(self, x: Any) -> list[Array]:
        self._build_for(x)
        signature = self._signature
        arrays = [
            checked_rows(array, shape, name)
            for array, shape, name in zip(
                as_arrays(x, signature.input_names, "x"),
                signature.input_shapes,
                signature.input_names,
            )
        ]
        if len({len(array) for array in arrays}) != 1:
            counts = dict(zip(signature.input_names, map(len, arrays)))
            raise ShapeError(f"the inputs have different numbers of samples: {counts}")
        return arrays

    def _run(self, inputs: list[Array], outputs: list[Array], key: tuple[int, float]) -> None:
        """Predict with a session that no other thread uses meanwhile."""
        session = self._take_session(key)
        try:
            _lib.predict(session, inputs, outputs)
        finally:
            self._sessions.append((key, session))
            if len(self._sessions) > _KEPT_SESSIONS:
                del self._sessions[0]

    def _take_session(self, key: tuple[int, float]) -> _lib.Handle:
        # list.pop is one step to other threads: a session that was taken is in no list.
        for position in range(len(self._sessions) - 1, -1, -1):
            try:
                found = self._sessions.pop(position)
            except IndexError:
                continue
            if found[0] == key:
                return found[1]
            self._sessions.append(found)
        options = {"batch_capacity": key[0], "scale": key[1]}
        session: _lib.Handle = _lib.call("snn_session_create", self._handle, options)
        return session
