"""Prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _lib
from ._base import LayeredModel
from ._data import (
    Array,
    as_arrays,
    check_not_copied,
    checked_batch_size,
    checked_outputs,
    checked_rows,
    parts_by_name,
)
from ._dataset import Dataset
from ._graph import KerasTensor
from ._kept import KeptPrediction
from ._predictor import Predictor
from ._progress import ProgressLine
from .errors import ShapeError, UnsupportedError

Prediction = NDArray[np.float32] | list[NDArray[np.float32]]

# Batches of one call of the library: Python sees Ctrl-C and draws between calls.
_BATCHES_A_CALL = 64
_KEPT_SESSIONS = 8
# The session of `predict_on_batch`: rows that are computed at once, and what bytes are scaled by.
_ON_BATCH = (32, 1.0)
_FLOAT32 = np.dtype(np.float32)


class PredictingModel(LayeredModel):
    """Layers that predict."""

    def __init__(self) -> None:
        super().__init__()
        self._sessions: list[tuple[tuple[int, float], _lib.Handle]] = []
        self._kept_predictions: list[KeptPrediction] = []

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
        outputs = self._empty_outputs(rows)
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

    def predict_on_batch(self, x: Any, out: Any = None) -> Prediction:
        """Predict one batch, with as little around it as possible.

        Parameters
        ----------
        x : array_like, list of arrays, or dict by input name
            The samples, as `predict` takes them.
        out : ndarray or list of ndarray, optional
            Where to predict to: for each output a C-contiguous float32 array of its whole shape,
            which shares no memory with the inputs. The same two arrays again and again are
            quickest; numpy may refuse to resize them then.

        Returns
        -------
        ndarray or list of ndarray
            `out`, or one float32 array for each output.
        """
        if out is None:
            inputs = self._checked_inputs(x)
            return self._predict_into(inputs, self._empty_outputs(len(inputs[0])))
        # A call that was taken is in no list, so no other thread runs it meanwhile.
        try:
            kept = self._kept_predictions.pop()
        except IndexError:
            return self._predict_to(x, out)
        (
            run, model, x_reference, out_reference, x_shape, out_shape,
            x_field, out_field, x_address, out_address, session,
        ) = kept  # fmt: skip
        if (
            x_reference() is not x
            or out_reference() is not out
            or x_field.value != x_address
            or out_field.value != out_address
            or x.shape != x_shape
            or out.shape != out_shape
            or x.dtype is not _FLOAT32
            or out.dtype is not _FLOAT32
            or not x.flags.c_contiguous
            or not out.flags.carray
            or model is not self._model
        ):
            if model is self._model:
                self._keep_session(_ON_BATCH, session)
            return self._predict_to(x, out)
        status = run()
        self._kept_predictions.append(kept)
        if status < 0:
            _lib.check(status)
        prediction: Prediction = out
        return prediction

    def predictor(self, x: Any, out: Any = None, batch_size: int | None = None) -> Predictor:
        """Prepare predictions of one array into another, for loops in which each call counts.

        All is checked here. Each call of the result reads `x` anew, with the weights of then,
        and writes its `output`.

        Parameters
        ----------
        x : ndarray, list of ndarray, or dict by input name
            The samples: C-contiguous arrays of float32, float64, uint8, int32 or int64. A model
            with one input takes float32 quickest.
        out : ndarray or list of ndarray, optional
            Where to predict to, as in `predict_on_batch`; new arrays if not given.
        batch_size : int, optional
            Samples that are computed at once; 32 if not given. The result does not depend on it.

        Returns
        -------
        Predictor
            A function without arguments; it holds the model and the arrays.

        Examples
        --------
        >>> predict = model.predictor(observation)
        >>> while not done:
        ...     observation[0] = sensor()
        ...     action = predict().argmax()
        """
        inputs = self._checked_inputs(x)
        signature = self._signature
        parts = parts_by_name(x, signature.input_names, "x")
        check_not_copied(inputs, parts)
        if out is None:
            outputs = self._empty_outputs(len(inputs[0]))
        else:
            outputs = checked_outputs(out, inputs, signature.output_names, signature.output_shapes)
        session = self._new_session((checked_batch_size(batch_size), 1.0))
        return Predictor(self, session, inputs, outputs, parts)

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

    def _empty_outputs(self, rows: int) -> list[NDArray[np.float32]]:
        return [np.empty((rows, *shape), np.float32) for shape in self._signature.output_shapes]

    def _predict_to(self, x: Any, out: Any) -> Prediction:
        """Predict to arrays of the caller, and be prepared for the same ones again."""
        inputs = self._checked_inputs(x)
        signature = self._signature
        outputs = checked_outputs(out, inputs, signature.output_names, signature.output_shapes)
        if inputs[0] is x and outputs[0] is out and x.dtype is _FLOAT32:
            kept = KeptPrediction.of(self._handle, self._take_session(_ON_BATCH), x, out)
            status = kept.run()
            if len(self._kept_predictions) < _KEPT_SESSIONS:
                self._kept_predictions.append(kept)
            _lib.check(status)
        else:
            self._predict_into(inputs, outputs)
        prediction: Prediction = out
        return prediction

    def _predict_into(self, inputs: list[Array], outputs: list[NDArray[np.float32]]) -> Prediction:
        if len(inputs[0]):
            self._run(inputs, outputs, _ON_BATCH)
        return outputs[0] if len(outputs) == 1 else outputs

    def _run(self, inputs: list[Array], outputs: list[Array], key: tuple[int, float]) -> None:
        """Predict with a session that no other thread uses meanwhile."""
        session = self._take_session(key)
        try:
            _lib.check(_lib.bind_predict(session, inputs, outputs)())
        finally:
            self._keep_session(key, session)

    def _keep_session(self, key: tuple[int, float], session: _lib.Handle) -> None:
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
        return self._new_session(key)

    def _new_session(self, key: tuple[int, float]) -> _lib.Handle:
        options = {"batch_capacity": key[0], "scale": key[1]}
        session: _lib.Handle = _lib.call("snn_session_create", self._handle, options)
        return session
