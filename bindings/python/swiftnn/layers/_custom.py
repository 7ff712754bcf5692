"""Layers that are written in Python."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

import numpy as np

from .. import _lib
from .._configured import Remembering, accepted, as_json
from .._entries import Array
from .._weights import Variable
from ..errors import ArgumentError, StateError
from . import _registry
from ._building import Attributes
from ._layer import Described, Layer
from ._weight import Pass, Weight

_Class = TypeVar("_Class", bound="type[CustomLayer]")
_Shapes = list[tuple[int | None, ...]]


@dataclass(eq=False, repr=False)
class CustomLayer(Remembering, Layer):
    """A layer of your own: derive from it as from Keras's ``Layer``, and add a `backward`.

    ``call`` and ``backward`` work on float32 arrays of a whole batch, copies, which for inputs and
    weights cannot be written to. Both must follow from their arguments, the weights and `random`:
    several sessions may predict at once, and nothing that ``call`` puts into ``self`` is there for
    its ``backward``, which has ``outputs`` and can compute the rest again. A layer cannot change
    its weights itself, so it has no moving averages, and cannot be made of other layers.

    ``build`` is called once; what it puts into ``self`` is taken back where the layer is then used
    on other shapes, as long as no model was made of it. Arguments of ``__init__`` that are numbers,
    texts, None or lists and dictionaries of them go into files by themselves, as in Keras; with
    other ones write ``get_config``.

    Before a training uses the gradients it compares them with finite differences of ``call``, and
    raises `ArgumentError` where one is wrong; `swiftnn.gradient_check` tells how far they agree.

    A call costs some 30 µs beside numpy's own time, and holds Python's lock: predictions of several
    threads take turns in it.

    Attributes
    ----------
    gradient_is_derivative : bool
        Of the class: False leaves that comparison out, for a ``backward`` that is not meant to be
        the derivative, as a reversed gradient or a straight-through estimator.

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

    gradient_is_derivative: ClassVar[bool] = True
    is_own: ClassVar[bool] = True

    def __new__(cls, *arguments: Any, **options: Any) -> Any:
        layer = super().__new__(cls, *arguments, **options)
        layer._set("_weights", [])
        # The inputs' shapes that it was built for, and what it was before.
        layer._set("_built_for", None)
        layer._set("_unbuilt", None)
        layer._set("_class_name", None)
        return layer

    if TYPE_CHECKING:
        _weights: list[Weight] = field(init=False)
        _built_for: _Shapes | None = field(init=False)
        _unbuilt: Attributes | None = field(init=False)
        _class_name: str | None = field(init=False)

    @property
    def class_name(self) -> str:
        return self._class_name or _registry.name_of(type(self))

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

    def backward(self, gradient: Array, inputs: Any) -> Any:
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

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, ...]:
        """The result's shape, with the batch as None, for the shape or shapes of the input.

        Without one of yours, ``call`` is tried on three rows of random numbers
        from 0.5 to 1.
        """
        if vars(self).get("_is_asked"):  # by a method of yours that overrides this
            several = bool(input_shape) and isinstance(input_shape[0], (tuple, list))
            shapes = list(input_shape) if several else [input_shape]
            return (None, *self._shape_of_call([tuple(shape) for shape in shapes]))
        return super().compute_output_shape(input_shape)

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
        if self._built_for is not None:
            raise StateError(f"{self!r}: weights are made in __init__() and build() only")
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
        weight = Weight(self, entry)
        self._weights.append(weight)
        return weight

    @property
    def random(self) -> np.random.Generator:
        """Random numbers, inside `call` and `backward`: those of the step, the same in both."""
        under_way = Pass.of(self)
        if under_way is None:
            raise StateError(f"{self!r} has random numbers inside of call() and backward() only")
        return under_way.random

    # ------------------------------------------------------------------ options

    def get_config(self) -> dict[str, Any]:
        """All options, as JSON; `from_config` makes the same layer of them. Add your own; without
        a method of yours they are the arguments of ``__init__``.
        """
        config = super().get_config()
        if config["activity_regularizer"] is None:
            del config["activity_regularizer"]
        if type(self).get_config is CustomLayer.get_config:
            config |= self._arguments_besides(config)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer of its configuration, which is its arguments; what all layers have is set
        where ``__init__`` does not take it.
        """
        taken = inspect.signature(cls.__init__).parameters.values()
        names = {parameter.name for parameter in taken}
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken):
            names |= set(config) - {"name", "trainable", "activity_regularizer"}
        else:
            names |= set(config)
        config = accepted(cls, config)
        layer = cls(**{key: value for key, value in config.items() if key in names})
        for key in set(config) - names:
            setattr(layer, key, config[key])
        return layer

    def options(self) -> dict[str, Any]:
        """The configuration as the library gets it."""
        config: dict[str, Any] = {}
        for key, value in self.get_config().items():
            try:
                config[key] = as_json(value)
            except TypeError as error:
                raise ArgumentError(
                    f"{self!r}: the option {key!r} cannot be saved; write get_config() and "
                    f"from_config() without it: {error}"
                ) from None
        if config.get("name") is None:
            config.pop("name", None)
        return config

    def __reduce__(self) -> Any:
        if self._model is not None:
            raise TypeError(f"{self!r} is part of a model: copy that, or use from_config()")
        return _of_config, (type(self), self.get_config())

    # ------------------------------------------------------------------ the library's calls

    def _add_to(self, model: _lib.Handle, options: dict[str, Any], inputs: Any) -> int:
        _registry.meet(type(self))
        self._set("_class_name", self.class_name)
        with _registry.adding(self):
            return super()._add_to(model, options, inputs)

    def _variable(self, index: int) -> Variable:
        return self.variables[index]

    def _be_built(self, shapes: _Shapes) -> None:
        """Make the weights for inputs of these shapes, if it has none, or such of other shapes that
        no model has.
        """
        if self._model is not None or self._built_for == shapes:
            return
        if self._unbuilt is not None:
            self._unbuilt.restore(self)
        self._set("_built_for", None)
        self._set("_unbuilt", None)
        before = Attributes(self)
        try:
            self.build(_one_or_all(shapes))
        except BaseException:
            before.until_now(self).restore(self)
            raise
        # Keras's order.
        self._weights.sort(key=lambda weight: not weight.trainable)
        for index, weight in enumerate(self._weights):
            weight._index = index
        self._set("_unbuilt", before.until_now(self))
        self._set("_built_for", shapes)

    def _shape_for(self, shapes: _Shapes) -> list[int]:
        """The result's shape without the batch."""
        if type(self).compute_output_shape is CustomLayer.compute_output_shape:
            output: Sequence[int | None] = self._shape_of_call(shapes)
        else:
            self._set("_is_asked", True)
            try:
                output = tuple(self.compute_output_shape(_one_or_all(shapes)))[1:]
            finally:
                del vars(self)["_is_asked"]
        return [int(extent or 0) for extent in output]

    def _shape_of_call(self, shapes: _Shapes) -> tuple[int, ...]:
        """Seen with three rows."""
        random = np.random.default_rng(0)

        def numbers(shape: Sequence[int | None]) -> Array:
            array = random.random([int(n or 1) for n in shape], np.float32)
            array /= 2
            array += np.float32(0.5 - 2**-20)
            array.flags.writeable = False
            return array

        rows = [numbers((3, *shape[1:])) for shape in shapes]
        weights = [numbers(weight.shape) for weight in self._weights]
        hint = "define compute_output_shape() where call() cannot be tried on three random rows"
        with Pass(self, weights, None, 0), np.errstate(all="ignore"):
            try:
                shape = np.shape(self._called(rows, False))
            except Exception as error:
                if hasattr(error, "add_note"):  # from Python 3.11 on
                    error.add_note(f"{self!r}: {hint}")
                raise
        if not shape or shape[0] != 3:
            raise ArgumentError(
                f"{self!r}: call() returned shape {shape} for 3 rows; expected (3, ...); {hint}"
            )
        return tuple(shape[1:])

    def _called(self, inputs: list[Array], training: bool) -> Any:
        options = {"training": training} if "training" in _parameters(type(self), "call") else {}
        return self.call(_one_or_all(inputs), **options)

    def _went_back(
        self, gradient: Array, inputs: list[Array], outputs: Array
    ) -> Sequence[Any] | None:
        known = _parameters(type(self), "backward")
        options = {"outputs": outputs, "training": True}
        made = self.backward(
            gradient,
            _one_or_all(inputs),
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


def _of_config(kind: type[CustomLayer], config: dict[str, Any]) -> Any:
    return kind.from_config(config)


def _one_or_all(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]


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
    _registry.register(kind, name)
    return kind


def _parameters(kind: type[CustomLayer], method: str) -> frozenset[str]:
    known = _known_parameters.setdefault(kind, {})
    if method not in known:
        known[method] = frozenset(inspect.signature(getattr(kind, method)).parameters)
    return known[method]


_known_parameters: weakref.WeakKeyDictionary[type[CustomLayer], dict[str, frozenset[str]]] = (
    weakref.WeakKeyDictionary()
)
