"""Layers that are written in Python, as the library calls them."""

from __future__ import annotations

import ctypes
import inspect
import itertools
import json
import math
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from .. import _lib
from .._configured import as_json
from .._weights import read
from ..errors import ArgumentError, StateError
from ._layer import Described, Layer

_Array = NDArray[np.float32]
_Class = TypeVar("_Class", bound="type[CustomLayer]")


class Weight(np.lib.mixins.NDArrayOperatorsMixin):
    """A weight of a layer of your own: an array inside `call` and `backward`, where it is the
    library's memory, and a copy elsewhere.
    """

    def __init__(self, layer: CustomLayer, index: int, entry: dict[str, Any]) -> None:
        # Not the layer: that would be a cycle, and a model's memory be freed late.
        self._layer = weakref.ref(layer)
        self._index = index
        self._entry = entry
        self.name: str = entry["name"]
        self.shape: tuple[int, ...] = tuple(entry["shape"])
        self.trainable: bool = entry["trainable"]

    @property
    def value(self) -> _Array:
        """The numbers."""
        under_way = self._pass()
        if under_way is not None:
            return under_way.weights[self._index]
        layer = self._layer()
        if layer is None:
            raise StateError(f"the layer of the weight {self.name!r} is gone")
        return read(layer._built(), layer.variables[self._index])

    @property
    def gradient(self) -> _Array:
        """Inside `backward`: zeros, in which the derivatives for the weight are to be put."""
        under_way = self._pass()
        if under_way is None or under_way.gradients is None:
            raise StateError(f"the weight {self.name!r} has a gradient inside of backward() only")
        return under_way.gradients[self._index]

    @property
    def T(self) -> _Array:  # noqa: N802
        """The transposed numbers."""
        return self.value.T

    def _pass(self) -> _Pass | None:
        under_way: _Pass | None = getattr(_local, "under_way", None)
        return under_way if under_way and under_way.layer is self._layer() else None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.value, dtype) if copy else np.asarray(self.value, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        arrays = [each.value if isinstance(each, Weight) else each for each in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def __getitem__(self, key: Any) -> Any:
        return self.value[key]

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<Weight {self.name!r}, shape={self.shape}>"


@dataclass(eq=False, repr=False)
class CustomLayer(Layer):
    """A layer of your own: derive from it as from Keras's ``Layer``, and add a `backward`.

    ``call`` and ``backward`` work on float32 arrays of a whole batch, which for inputs and weights
    are the library's memory and cannot be written to; they hold during the call alone. Both must
    follow from their arguments, the weights and `random`: several sessions may predict at once.
    Before a training uses the gradients it compares them with finite differences of ``call``, and
    raises `ArgumentError` where one is wrong; `swiftnn.gradient_check` tells how far they agree.

    A call costs some 30 µs beside numpy's own time, and holds Python's lock: predictions of several
    threads take turns in it.

    Examples
    --------
    >>> @swiftnn.register_layer
    ... class Scale(swiftnn.layers.CustomLayer):
    ...     def build(self, input_shape):
    ...         self.gain = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gain")
    ...     def call(self, inputs):
    ...         return inputs * self.gain
    ...     def backward(self, gradient, inputs):
    ...         self.gain.gradient[:] = (gradient * inputs).sum(axis=0)
    ...         return gradient * self.gain
    """

    _weights: list[Weight] = field(default_factory=list, init=False)
    # Those of before build() was called.
    _early_weights: int | None = field(default=None, init=False)

    @property
    def class_name(self) -> str:
        return _names.get(type(self)) or type(self).__name__

    # ------------------------------------------------------------------ to be written

    def build(self, input_shape: Any) -> None:
        """Make the weights, with `add_weight`.

        Parameters
        ----------
        input_shape : tuple, or list of tuple
            The input's shape, with None for the batch; a list of them where there are several.
        """

    def call(self, inputs: Any) -> Any:
        """The layer's result for a batch. A parameter ``training`` is True in training.

        Parameters
        ----------
        inputs : ndarray or list of ndarray
            The input; a list where there are several.

        Returns
        -------
        ndarray
            One result for each row.
        """
        raise ArgumentError(f"{self!r} has no call()")

    def backward(self, gradient: _Array, inputs: Any) -> Any:
        """The derivatives of the loss for the input; those for a weight go to its `gradient`.

        Parameters ``outputs``, the result of ``call``, and ``training`` are given where there are
        such.

        Parameters
        ----------
        gradient : ndarray
            The derivatives of the loss for each number of the result.
        inputs : ndarray or list of ndarray
            As in ``call``.

        Returns
        -------
        ndarray, list of ndarray, or None
            Of the input's shape; a list where there are several. None is zeros.
        """
        raise ArgumentError(f"{self!r} has a call(), but no backward(), which training needs")

    # ------------------------------------------------------------------ to be used

    def add_weight(
        self,
        shape: Sequence[int] | int = (),
        initializer: Described = None,
        dtype: Any = None,
        trainable: bool = True,
        regularizer: Described = None,
        constraint: Described = None,
        name: str | None = None,
    ) -> Weight:
        """Declare a weight, in `build` or before.

        Parameters
        ----------
        shape : tuple of int
            Its shape, of one axis at least.
        initializer : str, dict or Initializer, optional
            How it begins; ``"glorot_uniform"`` if not given.
        dtype : str, optional
            ``"float32"``.
        trainable : bool
            Whether training changes it.
        regularizer, constraint : str, dict or object, optional
            As in `Dense`.
        name : str, optional
            Its name in the layer.

        Returns
        -------
        Weight
            To be used as an array.
        """
        if dtype is not None and np.dtype(dtype) != np.float32:
            raise ArgumentError(f"{self!r}: a weight's dtype is float32, received {dtype!r}")
        extents = [int(shape)] if isinstance(shape, (int, np.integer)) else [int(n) for n in shape]
        entry = {"name": name, "shape": extents, "trainable": trainable}
        if name is None:
            number = len(self._weights)
            entry["name"] = f"variable_{number}" if number else "variable"
        for key, value in (
            ("initializer", initializer),
            ("regularizer", regularizer),
            ("constraint", constraint),
        ):
            if value is not None:
                entry[key] = as_json(value)
        weight = Weight(self, len(self._weights), entry)
        self._weights.append(weight)
        return weight

    @property
    def random(self) -> np.random.Generator:
        """Random numbers, inside `call` and `backward`: those of the step, the same in both."""
        under_way: _Pass | None = getattr(_local, "under_way", None)
        if under_way is None or under_way.layer is not self:
            raise StateError(f"{self!r} has random numbers inside of call() and backward() only")
        return np.random.Generator(np.random.Philox(key=under_way.seed))

    # ------------------------------------------------------------------ options

    def get_config(self) -> dict[str, Any]:
        """All options, as JSON; `from_config` makes the same layer of them. Add your own."""
        config = super().get_config()
        if config["activity_regularizer"] is None:
            del config["activity_regularizer"]
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer of its configuration, which is its arguments."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def options(self) -> dict[str, Any]:
        """The configuration as the library gets it."""
        config = {key: as_json(value) for key, value in self.get_config().items()}
        if config.get("name") is None:
            config.pop("name", None)
        return config

    # ------------------------------------------------------------------ the library's calls

    def _add_to(self, model: _lib.Handle, options: dict[str, Any], inputs: Any) -> int:
        if type(self) not in _names:
            register_layer(type(self))
        before = getattr(_local, "pending", None)
        _local.pending = self
        try:
            return super()._add_to(model, options, inputs)
        finally:
            _local.pending = before

    def _described(self, shapes: list[tuple[int | None, ...]]) -> dict[str, Any]:
        """The answer to the library's question what the layer is for these inputs."""
        if self._early_weights is None:
            self._early_weights = len(self._weights)
        del self._weights[self._early_weights :]
        given: Any = shapes if len(shapes) > 1 else shapes[0]
        self.build(given)
        if type(self).compute_output_shape is CustomLayer.compute_output_shape:
            output: Sequence[int | None] = self._shape_of_call(shapes)
        else:
            output = tuple(self.compute_output_shape(given))[1:]
        return {
            "output_shape": [int(extent or 0) for extent in output],
            "weights": [weight._entry for weight in self._weights],
        }

    def _shape_of_call(self, shapes: list[tuple[int | None, ...]]) -> tuple[int, ...]:
        """Seen with two rows of ones."""
        rows = [np.ones([2, *(int(n or 1) for n in shape[1:])], np.float32) for shape in shapes]
        weights = [np.ones(weight.shape, np.float32) for weight in self._weights]
        for array in (*rows, *weights):
            array.flags.writeable = False
        with _Pass(self, weights, None, 0), np.errstate(all="ignore"):
            shape = np.shape(self._called(rows, False))
        if not shape or shape[0] != 2:
            raise ArgumentError(
                f"{self!r}: call() returned shape {shape} for 2 rows; expected (2, ...)"
            )
        return tuple(shape[1:])

    def _called(self, inputs: list[_Array], training: bool) -> Any:
        options = {"training": training} if "training" in _parameters(type(self), "call") else {}
        return self.call(inputs if len(inputs) > 1 else inputs[0], **options)

    def _went_back(
        self, gradient: _Array, inputs: list[_Array], outputs: _Array
    ) -> Sequence[Any] | None:
        known = _parameters(type(self), "backward")
        options = {"outputs": outputs, "training": True}
        made = self.backward(
            gradient,
            inputs if len(inputs) > 1 else inputs[0],
            **{key: value for key, value in options.items() if key in known},
        )
        if made is None:
            return None
        if len(inputs) == 1:
            return [made]
        if not isinstance(made, (list, tuple)) or len(made) != len(inputs):
            raise ArgumentError(
                f"{self!r}: backward() of {len(inputs)} inputs returns a list of as many arrays"
            )
        return made


@overload
def register_layer(layer: _Class, *, name: str | None = None) -> _Class: ...


@overload
def register_layer(
    layer: None = None, *, name: str | None = None
) -> Callable[[_Class], _Class]: ...


def register_layer(layer: Any = None, *, name: str | None = None) -> Any:
    """Make a class known by its name, so that models with such layers can be loaded.

    A decorator. A class that was not registered is when a layer of it enters a model.

    Parameters
    ----------
    layer : type
        A class derived from `layers.CustomLayer`.
    name : str, optional
        The name in files; the class's own if not given. Keras's for a class that it registered is
        ``"package>name"``.
    """
    if layer is None:
        return lambda given: _register(given, name or given.__name__)
    return _register(layer, name or str(getattr(layer, "__name__", "")))


def _register(kind: Any, name: str) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, CustomLayer)):
        raise ArgumentError(f"expected a class derived from layers.CustomLayer, received {kind!r}")
    with _registering:
        callbacks = _library_callbacks()
        number = len(_kinds)
        _kinds.append(kind)
        try:
            _lib.check(
                _lib.library().snn_layer_register(
                    _lib.encode(name), ctypes.byref(callbacks), number
                )
            )
        except BaseException:
            _kinds.pop()
            raise
        _names[kind] = name
    return kind


def registered(name: str) -> type[CustomLayer] | None:
    """The class that has the name last."""
    return next((kind for kind in reversed(_kinds) if _names.get(kind) == name), None)


def claim(class_name: str, name: str | None) -> CustomLayer | None:
    """The layer that the library asked for on this thread, while it loaded a model."""
    thread = threading.get_ident()
    for token, (owner, layer) in reversed(list(_unclaimed.items())):
        if (owner, layer.name, layer.class_name) == (thread, name, class_name):
            _unclaimed.pop(token, None)
            return layer
    return None


# ---------------------------------------------------------------------------- callbacks


class _Pass:
    """A call of a layer: what stands for its weights on this thread."""

    __slots__ = ("_before", "gradients", "layer", "seed", "weights")

    def __init__(
        self, layer: CustomLayer, weights: list[_Array], gradients: list[_Array] | None, seed: int
    ) -> None:
        self.layer = layer
        self.weights = weights
        self.gradients = gradients
        self.seed = seed

    def __enter__(self) -> None:
        self._before = getattr(_local, "under_way", None)
        _local.under_way = self

    def __exit__(self, *_: object) -> None:
        _local.under_way = self._before


# `pending`: the layer that is being added to a model; `under_way`: the pass.
_local = threading.local()
_registering = threading.RLock()
# Classes by the number that the library gives back, and the names they have there.
_kinds: list[type[CustomLayer]] = []
_names: dict[type[CustomLayer], str] = {}
# Layers by the number that the library gives back. Those that it asked for are held here, with the
# thread, until a model of Python's claims them or the library has done with them.
_tokens = itertools.count(1)
_token_of: weakref.WeakKeyDictionary[CustomLayer, int] = weakref.WeakKeyDictionary()
_layers: weakref.WeakValueDictionary[int, CustomLayer] = weakref.WeakValueDictionary()
_unclaimed: dict[int, tuple[int, CustomLayer]] = {}
_made_callbacks: Any = None


def _library_callbacks() -> Any:
    """`snn_layer_callbacks`, which lives as long as the process: models may outlive the module."""
    global _made_callbacks
    if _made_callbacks is None:
        types = _lib.header().types
        struct = types["snn_layer_callbacks"]
        entries = {
            "forward": types["snn_layer_pass_callback"](_guarded(_forward)),
            "backward": types["snn_layer_pass_callback"](_guarded(_backward)),
            "build": types["snn_layer_build_callback"](_guarded(_build)),
            "create": types["snn_layer_create_callback"](_guarded(_create)),
            "destroy": types["snn_layer_destroy_callback"](
                lambda state, user, unclaimed=_unclaimed: unclaimed.pop(state, None)
            ),
        }
        for entry in entries.values():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(entry))
        _made_callbacks = struct(struct_size=ctypes.sizeof(struct), **entries)
    return _made_callbacks


def _guarded(work: Callable[..., None]) -> Callable[..., int]:
    def entry(*arguments: Any) -> int:
        try:
            work(*arguments)
        except BaseException as error:  # ctypes would print it and go on
            _lib.callback_errors.pending = error
            return 1
        return 0

    return entry


def _create(config: bytes, out_state: Any, user: int | None) -> None:
    layer = getattr(_local, "pending", None)
    asked = layer is None
    if layer is None:
        layer = _kinds[user or 0].from_config(json.loads(config))
    token = _token_of.setdefault(layer, next(_tokens))
    _layers[token] = layer
    if asked:
        _unclaimed[token] = (threading.get_ident(), layer)
    out_state[0] = token


def _layer_of(token: int | None) -> CustomLayer:
    layer = _layers.get(token or 0)
    if layer is None:
        raise StateError("the Python object of a layer is gone")
    return layer


def _build(pointer: Any, user: int | None) -> None:
    raw = pointer.contents
    layer = _layer_of(raw.state)
    text = json.dumps(layer._described(_shapes(raw, (None,)))).encode() + b"\0"
    if len(text) > raw.capacity:
        raise ArgumentError(f"{layer!r} has too many weights")
    # ctypes reads the field as text; where that goes to is beside.
    place = ctypes.addressof(raw) + type(raw).out_text.offset
    ctypes.memmove(ctypes.c_void_p.from_address(place).value or 0, text, len(text))


def _forward(pointer: Any, user: int | None) -> None:
    raw = pointer.contents
    layer, inputs, weights, output = _read(raw)
    with _Pass(layer, weights, None, raw.seed):
        made = layer._called(inputs, bool(raw.training))
    _copy(layer, "call()", made, output)


def _backward(pointer: Any, user: int | None) -> None:
    raw = pointer.contents
    layer, inputs, weights, output = _read(raw)
    output.flags.writeable = False
    gradient = _view(_address(raw.output_gradient), output.shape, False)
    # Who has no gradient gets one that is thrown away.
    gradients = [
        _view(place, weight.shape, True) if place else np.zeros(weight.shape, np.float32)
        for place, weight in zip(_addresses(raw.weight_gradients, len(weights)), weights)
    ]
    with _Pass(layer, weights, gradients, raw.seed):
        made = layer._went_back(gradient, inputs, output)
    if made is not None:
        places = _addresses(raw.input_gradients, len(inputs))
        for place, values, array in zip(places, made, inputs):
            if place and values is not None:
                _copy(layer, "backward()", values, _view(place, array.shape, True))


def _read(raw: Any) -> tuple[CustomLayer, list[_Array], list[_Array], _Array]:
    layer = _layer_of(raw.state)
    inputs = [
        _view(place, shape, False)
        for place, shape in zip(
            _addresses(raw.inputs, raw.input_count), _shapes(raw, (raw.rows,))
        )
    ]
    weights = [
        _view(place, weight.shape, False)
        for place, weight in zip(_addresses(raw.weights, raw.weight_count), layer._weights)
    ]
    shape = (raw.rows, *raw.output_shape[: raw.output_rank])
    return layer, inputs, weights, _view(_address(raw.output), shape, True)


def _shapes(raw: Any, batch: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [
        (*batch, *raw.input_shapes[index][: raw.input_ranks[index]])
        for index in range(raw.input_count)
    ]


def _addresses(pointers: Any, count: int) -> list[int | None]:
    return cast("list[int | None]", ctypes.cast(pointers, _Places)[:count]) if count else []


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


_Places = ctypes.POINTER(ctypes.c_void_p)


def _view(place: int | None, shape: tuple[int, ...], writable: bool) -> _Array:
    memory = (ctypes.c_float * math.prod(shape)).from_address(place or 0)
    array: _Array = np.ndarray(shape, np.float32, cast(Any, memory))
    array.flags.writeable = writable
    return array


def _copy(layer: CustomLayer, what: str, made: Any, target: _Array) -> None:
    array = np.asarray(made)
    if array.shape != target.shape:
        raise ArgumentError(
            f"{layer!r}: {what} returned an array of shape {array.shape}; expected {target.shape}"
        )
    np.copyto(target, array, casting="same_kind")


def _parameters(kind: type[CustomLayer], method: str) -> frozenset[str]:
    known = _known_parameters.get((kind, method))
    if known is None:
        known = frozenset(inspect.signature(getattr(kind, method)).parameters)
        _known_parameters[kind, method] = known
    return known


_known_parameters: dict[tuple[type[CustomLayer], str], frozenset[str]] = {}
