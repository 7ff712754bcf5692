"""Calls that are kept with their C arguments, to be run again on the same arrays.

A loop that fills the same arrays again and again pays for their checks and addresses once. The
arrays are known by weak references: a kept call does not keep them alive, and numpy refuses to
resize an array that has one. `ndarray.__setstate__` does not refuse to move its memory; so the
address is looked at before each run, as are shape, type and flags, which can change in place, too.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import numpy as np

from . import _lib
from ._data import Array


class KeptPrediction(NamedTuple):
    """A prediction of one array into another."""

    run: Any
    model: _lib.Handle
    x: Any
    out: Any
    x_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    x_field: Any
    out_field: Any
    x_address: int
    out_address: int
    session: _lib.Handle

    @classmethod
    def of(cls, model: _lib.Handle, session: _lib.Handle, x: Array, out: Array) -> KeptPrediction:
        """The call for arrays that were checked, of float32 both."""
        run = _lib.bind_predict(session, [x], [out])
        x_reference, out_reference = weakref.ref(x), weakref.ref(out)
        x_field, out_field = _lib.address_field(x), _lib.address_field(out)
        return cls(
            run, model, x_reference, out_reference, x.shape, out.shape,
            x_field, out_field, x_field.value, out_field.value, session,
        )  # fmt: skip


class KeptStep(NamedTuple):
    """A training step on one array of samples and one of targets, without weights of samples."""

    run: Any
    values: Any
    trainer: _lib.Handle
    x: _Known
    y: _Known

    @classmethod
    def of(
        cls, trainer: _lib.Handle, x: Array, y: Array, inputs: list[Array], targets: list[Array],
        count: int,
    ) -> KeptStep:  # fmt: skip
        """The step for arrays that were checked: x and y as given, and what C is to read, which
        is the same memory. It gives `count` values.
        """
        run, values = _lib.bind_train_on_batch(trainer, inputs, targets, None, count)
        return cls(run, values, trainer, _Known(x), _Known(y))


class _Known:
    """An array that was checked."""

    __slots__ = ("_address", "_dtype", "_field", "_reference", "_shape")

    def __init__(self, array: Array) -> None:
        self._reference = weakref.ref(array)
        self._shape = array.shape
        self._dtype: np.dtype[Any] = array.dtype
        self._field = _lib.address_field(array)
        self._address = self._field.value

    def is_as_before(self, array: Any) -> bool:
        """Whether this is that array, and nothing in it changed but its values."""
        if self._reference() is not array or self._field.value != self._address:
            return False
        is_alike = array.shape == self._shape and array.dtype is self._dtype
        return is_alike and bool(array.flags.c_contiguous)
