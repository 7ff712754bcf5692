"""Predictions whose arrays are checked and handed to C once."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from . import _lib
from ._data import Array
from .errors import StateError

if TYPE_CHECKING:
    from ._prediction import PredictingModel, Prediction


class Predictor:
    """What `Model.predictor` makes: each call predicts the values that the input array has then.

    A predictor serves one call at a time, and another one meanwhile raises `BusyError`: make one
    for each thread. It holds the model, the arrays, and scratch memory of its own; numpy does not
    resize the arrays while it lives. A call does not look at the arrays: after
    `ndarray.__setstate__` of one, which moves its memory all the same, make a new predictor; the
    old one would read or write memory that was freed.

    Attributes
    ----------
    output : ndarray or list of ndarray
        Where each call writes.
    """

    __slots__ = ("__weakref__", "_handle", "_held", "_model", "_run", "_unmoved", "output")

    def __init__(
        self,
        model: PredictingModel,
        session: _lib.Handle,
        inputs: list[Array],
        outputs: list[NDArray[np.float32]],
        given: Sequence[Array],
    ) -> None:
        self._model = model
        self._handle = model._handle
        # Not the list that is given out: who empties that frees no memory that C writes to.
        self._held = (session, *inputs, *outputs)
        # numpy refuses to resize an array, and so to move it, while there are weak references. It
        # does not refuse `__setstate__`; to look at the addresses would cost a fifth of the call.
        self._unmoved = [weakref.ref(array) for array in (*given, *outputs)]
        self._run = _lib.bind_predict(session, inputs, outputs)
        self.output: Prediction = outputs[0] if len(outputs) == 1 else outputs

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        raise TypeError(
            "a Predictor cannot be copied or pickled: make one of the copied model, with "
            "model.predictor(x)"
        )

    def __call__(self) -> Prediction:
        """Predict: the input's values now, with the weights of now.

        Returns
        -------
        ndarray or list of ndarray
            `output`.

        Raises
        ------
        StateError
            The model got another layer since.
        BusyError
            Another thread's call is under way.
        """
        if self._model._model is not self._handle:
            raise StateError("the model got another layer: make a new predictor")
        status = self._run()
        if status < 0:
            _lib.check(status)
        return self.output
