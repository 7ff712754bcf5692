"""What C calls of layers and losses that are written in Python, and what it hands them.

With `_lib` and `_abi` the only module that knows ctypes.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from . import _dropped, _lib
from .errors import ArgumentError

Array = NDArray[np.float32]
Shape = tuple[int, ...]


class Lent:
    """Copies of the library's memory, for the time of a call.

    Whoever keeps one reads no memory that was freed, whether the call succeeds or not.
    """

    def __init__(self) -> None:
        self._written: list[tuple[Array, Array]] = []

    def read(self, pointer: Any, shape: Shape) -> Array:
        """An array that cannot be written to."""
        copy = _view(_place(pointer), shape).copy()
        copy.flags.writeable = False
        return copy

    def write(self, pointer: Any, shape: Shape) -> Array:
        """Zeros, whose numbers are the library's when `give_back` was called."""
        copy = np.zeros(shape, np.float32)
        place = _place(pointer)
        if place:  # somebody asks for them
            self._written.append((_view(place, shape), copy))
        return copy

    def give_back(self) -> None:
        """End the call: what was written is the library's."""
        for view, copy in self._written:
            np.copyto(view, copy)


class LayerPass:
    """A forward or backward pass of a layer."""

    def __init__(self, pointer: Any) -> None:
        self._raw = pointer.contents
        self.lent = Lent()

    @property
    def state(self) -> int:
        """What `create` gave."""
        return self._raw.state or 0

    @property
    def training(self) -> bool:
        return bool(self._raw.training)

    @property
    def seed(self) -> int:
        return int(self._raw.seed)

    @property
    def weight_count(self) -> int:
        return int(self._raw.weight_count)

    @property
    def output_shape(self) -> Shape:
        """With the batch."""
        raw = self._raw
        return (raw.rows, *raw.output_shape[: raw.output_rank])

    def inputs(self) -> list[Array]:
        places = _places(self._raw.inputs, self._raw.input_count)
        return [self.lent.read(place, shape) for place, shape in zip(places, self._shapes())]

    def weights(self, shapes: Sequence[Shape]) -> list[Array]:
        places = _places(self._raw.weights, len(shapes))
        return [self.lent.read(place, shape) for place, shape in zip(places, shapes)]

    def outputs(self) -> Array:
        return self.lent.read(self._raw.output, self.output_shape)

    def output_gradient(self) -> Array:
        return self.lent.read(self._raw.output_gradient, self.output_shape)

    def weight_gradients(self, shapes: Sequence[Shape]) -> list[Array]:
        places = _places(self._raw.weight_gradients, len(shapes))
        return [self.lent.write(place, shape) for place, shape in zip(places, shapes)]

    def put_output(self, owner: object, made: Any) -> None:
        _copy(owner, "call()", made, self._raw.output, self.output_shape)

    def put_input_gradients(self, owner: object, made: Sequence[Any]) -> None:
        places = _places(self._raw.input_gradients, self._raw.input_count)
        for place, values, shape in zip(places, made, self._shapes()):
            if place and values is not None:
                _copy(owner, "backward()", values, place, shape)

    def confirm(self) -> None:
        """Say that the pass has come to its end."""
        self._raw.confirmation[0] = 1

    def _shapes(self) -> list[Shape]:
        return [cast(Shape, shape) for shape in _input_shapes(self._raw, self._raw.rows)]


class LayerQuestion:
    """The question what a layer is for its inputs."""

    def __init__(self, pointer: Any) -> None:
        self._raw = pointer.contents

    @property
    def state(self) -> int:
        """What `create` gave."""
        return self._raw.state or 0

    @property
    def shapes(self) -> list[tuple[int | None, ...]]:
        """Of the inputs, with the batch as None."""
        return _input_shapes(self._raw, None)

    def answer(self, text: str) -> None:
        data = text.encode() + b"\0"
        if len(data) > self._raw.capacity:
            raise ArgumentError("a layer has too many weights")
        # ctypes reads the field as text; where that goes to is beside.
        place = ctypes.addressof(self._raw) + type(self._raw).out_text.offset
        ctypes.memmove(ctypes.c_void_p.from_address(place).value or 0, data, len(data))


class LayerEntries:
    """`snn_layer_callbacks` of five functions: it lives as long as the process, as models may."""

    def __init__(
        self,
        forward: Callable[[LayerPass], None],
        backward: Callable[[LayerPass], None],
        build: Callable[[LayerQuestion], None],
        create: Callable[[str, int], int],
        destroy: Callable[[int], None],
    ) -> None:
        _dropped.use()
        types = _lib.header().types
        passes, struct = types["snn_layer_pass_callback"], types["snn_layer_callbacks"]

        def made(config: bytes, out_state: Any, user: int | None) -> None:
            out_state[0] = create(config.decode(), user or 0)

        entries = {
            "forward": passes(_dropped.entry(lambda call, user: forward(LayerPass(call)), 1)),
            "backward": passes(_dropped.entry(lambda call, user: backward(LayerPass(call)), 1)),
            "build": types["snn_layer_build_callback"](
                _dropped.entry(lambda question, user: build(LayerQuestion(question)), 1)
            ),
            "create": types["snn_layer_create_callback"](_dropped.entry(made, 1)),
            # After a failure too.
            "destroy": types["snn_layer_destroy_callback"](
                lambda state, user, destroy=destroy: destroy(state or 0)
            ),
        }
        for entry in entries.values():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(entry))
        self._struct = struct(struct_size=ctypes.sizeof(struct), **entries)

    def register(self, name: str, user: int) -> None:
        """Have the library know a class by this name; `create` is told the number."""
        entry = _lib.library().snn_layer_register
        _lib.check(entry(_lib.encode(name), ctypes.byref(self._struct), user))

    @staticmethod
    def unregister(name: str) -> None:
        _lib.check(_lib.library().snn_layer_register(_lib.encode(name), None, None))


class LossEntry:
    """`snn_loss_callback` of a function of (y_true, y_pred, whether there is to be a gradient) that
    gives values and gradient. `shape` is that of a sample; without it, samples are flat.
    """

    def __init__(self, compute: Callable[[Array, Array, bool], tuple[Any, Any]]) -> None:
        owner = "a loss function"
        _dropped.use()
        self.shape: Shape | None = None

        def entered(
            y_true: Any, y_pred: Any, rows: int, width: int, values: Any, gradient: Any, user: Any
        ) -> None:
            lent = Lent()
            shape = self.shape
            if shape is None or math.prod(shape) != width:
                shape = (width,)
            shape = (rows, *shape)
            made, slopes = compute(
                lent.read(y_true, shape), lent.read(y_pred, shape), bool(gradient)
            )
            # The values last: they come as NaN, by which a loss that was dropped is known.
            if gradient:
                _copy(owner, "as its gradient it", slopes, gradient, shape)
            _copy(owner, "as its values it", made, values, (rows,))
            lent.give_back()

        self._callback = _lib.header().types["snn_loss_callback"](_dropped.entry(entered, 1))

    def register(self, name: str) -> None:
        """Have the library know it by this name, until `unregister`."""
        entry = _lib.library().snn_loss_register
        _lib.check(entry(_lib.encode(name), self._callback, None))

    @staticmethod
    def unregister(name: str) -> None:
        none = _lib.header().types["snn_loss_callback"]()
        _lib.check(_lib.library().snn_loss_register(_lib.encode(name), none, None))


def _input_shapes(raw: Any, batch: int | None) -> list[tuple[int | None, ...]]:
    return [
        (batch, *raw.input_shapes[index][: raw.input_ranks[index]])
        for index in range(raw.input_count)
    ]


def _places(pointers: Any, count: int) -> list[int | None]:
    return cast("list[int | None]", ctypes.cast(pointers, _Places)[:count]) if count else []


_Places = ctypes.POINTER(ctypes.c_void_p)


def _place(pointer: Any) -> int:
    if pointer is None or isinstance(pointer, int):
        return pointer or 0
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _view(place: int, shape: Shape) -> Array:
    memory = (ctypes.c_float * math.prod(shape)).from_address(place)
    return np.ndarray(shape, np.float32, cast(Any, memory))


def _copy(owner: object, what: str, made: Any, pointer: Any, shape: Shape) -> None:
    array = np.asarray(made)
    if array.shape != shape:
        raise ArgumentError(
            f"{owner}: {what} returned an array of shape {array.shape}; expected {shape}"
        )
    np.copyto(_view(_place(pointer), shape), array, casting="same_kind")
