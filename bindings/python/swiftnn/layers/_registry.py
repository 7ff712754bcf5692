"""The classes of layers that are written in Python, and their layers in the library.

The library knows names. Which class is meant is found out here: that of the layer that is being
added, that of the load that is under way on this thread, or the one that is registered.
"""

from __future__ import annotations

import itertools
import json
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._entries import LayerEntries, LayerPass, LayerQuestion
from ..errors import ArgumentError, ConfigurationError, StateError
from ._weight import Pass

if TYPE_CHECKING:
    from ._custom import CustomLayer

Kind = type["CustomLayer"]
_Scope = tuple[dict[str, Kind], dict[str, tuple[str, Kind]]]

_lock = threading.RLock()
# By name: what was registered, and what entered a model without that, as long as it exists.
_registered: dict[str, Kind] = {}
_met: weakref.WeakValueDictionary[str, Kind] = weakref.WeakValueDictionary()
# The names that classes got last.
_name_of: weakref.WeakKeyDictionary[Kind, str] = weakref.WeakKeyDictionary()
# The names by the numbers that the library gives back, and how many loads need each.
_numbered: list[str] = []
_loads: Counter[str] = Counter()


def register(kind: Kind, name: str) -> None:
    """Make a class the one of a name, for the whole process."""
    with _lock:
        _tell(name)
        _registered[name] = kind
        _name_of[kind] = name


def meet(kind: Kind) -> None:
    """Make a class that was not registered the one of its name where none was."""
    if kind not in _name_of:
        name = kind.__name__
        with _lock:
            _tell(name)
            _met[name] = kind
            _name_of[kind] = name


def name_of(kind: Kind) -> str:
    """The name that layers of the class have in files."""
    return _name_of.get(kind) or kind.__name__


def check_names(layers: Iterable[Any]) -> None:
    """Refuse two classes of one name in one model: its file could not tell them apart."""
    kinds: dict[str, type] = {}
    for layer in layers:
        name, kind = layer.class_name, type(layer)
        if getattr(layer, "is_own", False) and kinds.setdefault(name, kind) is not kind:
            raise ArgumentError(
                f"{layer!r}: two classes of this model are called {name!r}; give one another name "
                "with register_layer(name=...)"
            )


@contextmanager
def classes(
    by_name: Mapping[str, Any] | None = None,
    by_layer: Mapping[str, tuple[str, Kind]] | None = None,
) -> Iterator[None]:
    """What a load on this thread takes classes from: names of classes, and names of layers with
    the class's name and the class. Other things among the first are left out.
    """
    found = {
        name: value
        for name, value in (by_name or {}).items()
        if isinstance(value, type) and getattr(value, "is_own", False)
    }
    layers = dict(by_layer or {})
    names = {*found, *(name for name, _ in layers.values())}
    with _lock:
        for name in names:
            _tell(name)
        _loads.update(names)
    before = getattr(_local, "classes", None)
    _local.classes = (found, layers)
    try:
        yield
    finally:
        _local.classes = before
        with _lock:
            _loads.subtract(names)
            for name in names:
                if _loads[name] <= 0 and name not in _registered and name not in _met:
                    LayerEntries.unregister(name)


def _tell(name: str) -> None:
    """Have the library know the name."""
    if name not in _numbered:
        _numbered.append(name)
    _library_entries().register(name, _numbered.index(name))


def _kind(name: str, layer_name: str | None) -> Kind:
    scope: _Scope | None = getattr(_local, "classes", None)
    found, layers = scope or ({}, {})
    class_name, kind = layers.get(layer_name or "", ("", None))
    if kind is not None and class_name == name:
        return kind
    known: Kind | None = found.get(name) or _registered.get(name) or _met.get(name)
    if known is None:
        raise ConfigurationError(
            f"the class {name!r} of a layer is not known here: register it with register_layer, or "
            "name it among custom_objects"
        )
    return known


# ---------------------------------------------------------------------------- the library's layers


@dataclass(eq=False)
class _Made:
    """A layer of the library's and what it was told, which does not change."""

    name: str
    layer: weakref.ref[CustomLayer]
    # Until a model of Python's claims it: the layer, and the thread on which it was asked for.
    unclaimed: tuple[int, CustomLayer] | None
    weights: list[dict[str, Any]] | None = None

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [tuple(weight["shape"]) for weight in self.weights or []]


_local = threading.local()
_tokens = itertools.count(1)
_made: dict[int, _Made] = {}
_entries: LayerEntries | None = None


@contextmanager
def adding(layer: CustomLayer) -> Iterator[None]:
    """The next layer that the library asks for on this thread is this one."""
    before = getattr(_local, "pending", None)
    _local.pending = layer
    try:
        yield
    finally:
        _local.pending = before


def claim(class_name: str, name: str | None) -> CustomLayer | None:
    """The layer that the library asked for on this thread, while it loaded a model."""
    thread = threading.get_ident()
    for made in reversed(list(_made.values())):
        if made.unclaimed and made.unclaimed[0] == thread and made.name == class_name:
            layer = made.unclaimed[1]
            if layer.name == name:
                made.unclaimed = None
                return layer
    return None


def _library_entries() -> LayerEntries:
    global _entries
    if _entries is None:
        _entries = LayerEntries(_forward, _backward, _build, _create, _forget(_made))
    return _entries


def _forget(made: dict[int, _Made]) -> Callable[[int], None]:
    # Not by the module's name, which is gone when Python ends.
    def forget(token: int) -> None:
        made.pop(token, None)

    return forget


def _create(config: str, number: int) -> int:
    layer = getattr(_local, "pending", None)
    name = _numbered[number]
    unclaimed = None
    if layer is not None:
        # The layers of a model that build() loads are others.
        _local.pending = None
    else:
        options = json.loads(config)
        layer = _kind(name, options.get("name")).from_config(options)
        layer._set("_class_name", name)
        unclaimed = (threading.get_ident(), layer)
    token = next(_tokens)
    _made[token] = _Made(name, weakref.ref(layer), unclaimed)
    return token


def _find(token: int) -> tuple[_Made, CustomLayer]:
    made = _made.get(token)
    layer = made.layer() if made else None
    if made is None or layer is None:
        raise StateError("the Python object of a layer is gone")
    return made, layer


def _build(question: LayerQuestion) -> None:
    made, layer = _find(question.state)
    shapes = question.shapes
    if made.weights is None:
        layer._be_built(shapes)
        made.weights = [weight._entry for weight in layer._weights]
    answer = {
        "output_shape": layer._shape_for(shapes),
        "weights": made.weights,
        "gradient_is_derivative": layer.gradient_is_derivative,
        "confirms": True,
    }
    question.answer(json.dumps(answer))


def _forward(call: LayerPass) -> None:
    made, layer = _find(call.state)
    inputs, weights = call.inputs(), call.weights(_shapes(made, call))
    with Pass(layer, weights, None, call.seed):
        result = layer._called(inputs, call.training)
    call.put_output(layer, result)
    call.lent.give_back()
    call.confirm()


def _backward(call: LayerPass) -> None:
    made, layer = _find(call.state)
    shapes = _shapes(made, call)
    inputs, weights = call.inputs(), call.weights(shapes)
    gradients = call.weight_gradients(shapes)
    outputs, gradient = call.outputs(), call.output_gradient()
    with Pass(layer, weights, gradients, call.seed):
        result = layer._went_back(gradient, inputs, outputs)
    if result is not None:
        call.put_input_gradients(layer, result)
    call.lent.give_back()
    call.confirm()


def _shapes(made: _Made, call: LayerPass) -> list[tuple[int, ...]]:
    shapes = made.shapes
    if len(shapes) != call.weight_count:
        raise StateError(
            f"a layer of class {made.name!r} has {len(shapes)} weights in Python, and "
            f"{call.weight_count} in the library"
        )
    return shapes
