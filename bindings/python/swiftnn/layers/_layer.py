"""What all layers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _lib
from .._configured import Configured
from .._graph import KerasTensor, Node
from .._weights import Variable, read, variables, write
from ..errors import ArgumentError, StateError

Described = str | dict[str, Any] | Configured | None


@dataclass(eq=False, repr=False)
class Layer(Configured):
    """A layer: a Keras class and its options.

    Calling it on a tensor, or on a list of them, gives the tensor of its result. Calling it
    again shares its weights. The weights come to be when a `Model` is made of it.

    Parameters
    ----------
    name : str, optional
        The layer's name; made of the class's by the model otherwise.
    trainable : bool
        Whether training changes its weights. It may be set at any time.
    activity_regularizer : str, dict or Regularizer, optional
        A penalty on its output that is added to the loss, divided by the size of the batch.
    """

    name: str | None = field(default=None, kw_only=True)
    trainable: bool = field(default=True, kw_only=True)
    activity_regularizer: Described = field(default=None, kw_only=True)

    # The library's model that the layer is part of.
    _model: _lib.Handle | None = field(default=None, init=False)

    def __call__(self, inputs: KerasTensor | Sequence[KerasTensor]) -> KerasTensor:
        """Apply the layer to one tensor or to several."""
        tensors = [inputs] if isinstance(inputs, KerasTensor) else list(inputs)
        for tensor in tensors:
            if not isinstance(tensor, KerasTensor):
                raise ArgumentError(
                    f"{self!r} was called on {type(tensor).__name__}, and expects tensors that "
                    "Input() or a layer made"
                )
        shape = self._output_shape([tensor.shape for tensor in tensors])
        return Node(self, tensors).make_output(shape)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, ...]:
        """The result's shape, with the batch as None, for the shape or shapes of the input.

        The library answers, with a graph of this layer alone that never becomes a model.
        """
        return self._output_shape(
            input_shape if input_shape and _is_shape(input_shape[0]) else [input_shape]
        )

    def _output_shape(self, shapes: Sequence[Any]) -> tuple[int | None, ...]:
        model = _lib.call("snn_model_create", None)
        inputs = [
            _lib.call("snn_model_add_layer", model, "InputLayer", {"shape": list(shape[1:])}, None)
            for shape in shapes
        ]
        output = self._add_to(model, self.options(), inputs)
        return (None, *_lib.call("snn_model_get_tensor_shape", model, output, capacity=8))

    def _add_to(self, model: _lib.Handle, options: dict[str, Any], inputs: Any) -> int:
        """Become a layer of the library's model: its tensor there."""
        tensor: int = _lib.call("snn_model_add_layer", model, self.class_name, options, inputs)
        return tensor

    @property
    def variables(self) -> list[Variable]:
        """Its variables: name, shape and whether training changes them."""
        return [] if self._model is None else variables(self._model, self.name)

    def get_weights(self) -> list[NDArray[np.float32]]:
        """Copies of its weights, in Keras's order."""
        model = self._built()
        return [read(model, variable) for variable in self.variables]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replace its weights by arrays of the same shapes, in Keras's order."""
        write(self._built(), self.variables, weights, f"layer {self.name!r}")

    def count_params(self) -> int:
        """How many numbers its weights hold."""
        return sum(variable.size for variable in variables(self._built(), self.name))

    def _built(self) -> _lib.Handle:
        if self._model is None:
            raise StateError(f"{self!r} has no weights yet: make a Model of it first")
        return self._model

    def _bind(self, model: _lib.Handle, name: str) -> None:
        """Enter a model: from here on, the layer speaks for the model's one of that name."""
        self._set("name", name)
        self._set("_model", model)

    def _set(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)

    def __setattr__(self, key: str, value: Any) -> None:
        model = self.__dict__.get("_model")
        if model is not None and key == "trainable":
            _lib.call("snn_model_set_trainable", model, self.name, int(bool(value)))
        elif model is not None and key in self.__dataclass_fields__:
            raise StateError(f"{self!r} is part of a model, whose {key} cannot change any more")
        self._set(key, value)

    def __repr__(self) -> str:
        return f"<{self.class_name}{f' {self.name!r}' if self.name else ''}>"


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list))


class OtherLayer(Layer):
    """A layer of a loaded model for which Python has no class of its own."""

    _class_name: str
    _config: dict[str, Any]

    def __init__(self, class_name: str, config: dict[str, Any]) -> None:
        super().__init__(name=config.get("name"), trainable=config.get("trainable", True))
        self._class_name = class_name
        self._config = config

    @property
    def class_name(self) -> str:
        return self._class_name

    def options(self) -> dict[str, Any]:
        return dict(self._config)

    def get_config(self) -> dict[str, Any]:
        return dict(self._config)
