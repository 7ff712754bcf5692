"""Losses that are written in Python, as the library calls them."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any

import numpy as np

from . import _lib
from .errors import ArgumentError
from .losses import Loss

# While a name stands for a function: names are the process's.
_registering = threading.RLock()


class HostLosses:
    """The functions of one trainer.

    Inside ``with`` their names are known to the library, so that a trainer can be made or loaded;
    what was made keeps calling them, and so must keep this object.

    Parameters
    ----------
    shapes : iterable of tuple
        The outputs' shapes, without the batch: that of what a function gets.
    functions : mapping of str to function or Loss, optional
        Functions by name, as of ``custom_objects``.
    """

    def __init__(
        self, shapes: Iterable[tuple[int, ...]], functions: Mapping[str, Any] | None = None
    ) -> None:
        self._shapes: dict[int, tuple[int, ...]] = {}
        self.shape(shapes)
        self._functions: dict[str, Any] = {}
        self._callbacks: dict[str, Any] = {}
        for name, function in (functions or {}).items():
            if is_custom(function):
                self._add(name, function)

    def shape(self, shapes: Iterable[tuple[int, ...]]) -> None:
        """Add outputs' shapes."""
        for shape in shapes:
            width = int(np.prod(shape))
            # Outputs of one size and different shapes come flat.
            same = self._shapes.setdefault(width, tuple(shape)) == tuple(shape)
            self._shapes[width] = tuple(shape) if same else (width,)

    def named(self, loss: Any) -> Any:
        """The same with names in the place of functions."""
        if isinstance(loss, Mapping):
            return {key: self.named(value) for key, value in loss.items()}
        if isinstance(loss, (list, tuple)):
            return [self.named(value) for value in loss]
        if not is_custom(loss):
            if isinstance(loss, type) and issubclass(loss, Loss):
                loss = loss()
            return loss.serialize() if isinstance(loss, Loss) else loss
        name = getattr(loss, "__name__", type(loss).__name__)
        self._add(name, loss)
        if isinstance(loss, Loss):
            return {"class_name": name, "config": {"reduction": loss.reduction}}
        return name

    def _add(self, name: str, function: Any) -> None:
        if isinstance(function, type):
            function = function()
        if self._functions.setdefault(name, function) is not function:
            raise ArgumentError(f"loss: two functions are called {name!r}; rename one")
        if name not in self._callbacks:
            self._callbacks[name] = _lib.header().types["snn_loss_callback"](self._entry(function))

    def _entry(self, function: Any) -> Callable[..., int]:
        def entry(
            y_true: Any, y_pred: Any, rows: int, width: int, values: Any, gradient: Any, user: Any
        ) -> int:
            try:
                shape = (rows, *self._shapes.get(width, (width,)))
                arrays = [np.ctypeslib.as_array(each, shape) for each in (y_true, y_pred)]
                for array in arrays:
                    array.flags.writeable = False
                _compute(function, arrays, values, gradient, rows, shape)
            except BaseException as error:  # ctypes would print it and go on
                _lib.callback_errors.pending = error
                return 1
            return 0

        return entry

    def __enter__(self) -> None:
        _registering.acquire()
        try:
            for name, callback in self._callbacks.items():
                try:
                    _lib.check(_lib.library().snn_loss_register(name.encode(), callback, None))
                except ArgumentError as error:
                    raise ArgumentError(
                        f"loss: the function {name!r} must be renamed: {error}"
                    ) from None
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        none = _lib.header().types["snn_loss_callback"]()
        for name in self._callbacks:
            _lib.library().snn_loss_register(name.encode(), none, None)
        _registering.release()


def is_custom(loss: Any) -> bool:
    """Whether it is a loss that is written in Python: a function, or a `Loss` with a `call`."""
    kind = loss if isinstance(loss, type) else type(loss)
    if issubclass(kind, Loss):
        return kind.call is not Loss.call
    return callable(loss) and not isinstance(loss, type)


def _compute(
    function: Any, arrays: list[Any], values: Any, gradient: Any, rows: int, shape: tuple[int, ...]
) -> None:
    if isinstance(function, Loss):
        if type(function).gradient is Loss.gradient:
            raise ArgumentError(f"loss {type(function).__name__!r} has a call, but no gradient")
        made = function.call(*arrays)
        slopes = function.gradient(*arrays) if gradient else None
    else:
        given = function(*arrays)
        if not isinstance(given, tuple) or len(given) != 2:
            raise ArgumentError(
                f"a loss function returns (values, gradient), received {type(given).__name__}"
            )
        made, slopes = given
    _copy(made, "values", values, (rows,))
    if gradient:
        _copy(slopes, "gradient", gradient, shape)


def _copy(array: Any, what: str, pointer: Any, shape: tuple[int, ...]) -> None:
    made = np.asarray(array, np.float32)
    if made.shape != shape:
        raise ArgumentError(
            f"a loss function's {what}: expected an array of shape {shape}, received {made.shape}"
        )
    np.copyto(
        np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), shape), made
    )
