"""What a model is before it predicts and trains: layers, shapes and weights."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _lib
from ._graph import KerasTensor
from ._weights import Variable, describe, read, variables, write
from .errors import ArgumentError, StateError
from .layers import Layer

Shape = tuple[int | None, ...]


class Signature(NamedTuple):
    """Names and shapes, without the batch, of what goes in and what comes out."""

    input_names: list[str]
    input_shapes: list[tuple[int, ...]]
    output_names: list[str]
    output_shapes: list[tuple[int, ...]]


class LayeredModel:
    """Layers, shapes and weights over a model of the library."""

    def __init__(self) -> None:
        self._model: _lib.Handle | None = None
        self._layers: list[Layer] = []
        self._signature_cache: Signature | None = None

    @property
    def _handle(self) -> _lib.Handle:
        if self._model is None:
            raise StateError(
                "this model does not know its input's shape yet: let it begin with "
                "Input(shape=...), or call build((None, ...)) or fit() first"
            )
        return self._model

    @property
    def _signature(self) -> Signature:
        if self._signature_cache is None:
            description = describe(self._handle)
            inputs, outputs = description["inputs"], description["outputs"]
            self._signature_cache = Signature(
                [entry["name"] for entry in inputs],
                [tuple(entry["shape"]) for entry in inputs],
                [entry["name"] for entry in outputs],
                [tuple(entry["shape"]) for entry in outputs],
            )
        return self._signature_cache

    @property
    def name(self) -> str:
        """The model's name."""
        name: str = describe(self._handle)["name"]
        return name

    @property
    def seed(self) -> int:
        """What the initial weights, dropout and shuffling follow from."""
        seed: int = describe(self._handle)["seed"]
        return seed

    @property
    def layers(self) -> list[Layer]:
        """The layers, in Keras's order."""
        return list(self._layers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or at a position.

        Raises
        ------
        ArgumentError
            There is none.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ArgumentError("get_layer expects a name or an index")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(f"expected an index under {len(layers)}, received {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ArgumentError(f"no layer {name!r}; there are {[layer.name for layer in layers]}")

    @property
    def inputs(self) -> list[KerasTensor]:
        """The tensors that go in."""
        signature = self._signature
        return _tensors(signature.input_names, signature.input_shapes)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The tensors that come out."""
        signature = self._signature
        return _tensors(signature.output_names, signature.output_shapes)

    @property
    def input_shape(self) -> Shape | list[Shape]:
        """The input's shape with the batch as None; a list where there are several."""
        return _one_or_list(self._signature.input_shapes)

    @property
    def output_shape(self) -> Shape | list[Shape]:
        """The output's shape with the batch as None; a list where there are several."""
        return _one_or_list(self._signature.output_shapes)

    @property
    def trainable(self) -> bool:
        """Whether any layer with weights may be trained; setting it holds for all layers."""
        return any(layer.trainable for layer in self._layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        _lib.call("snn_model_set_trainable", self._handle, None, int(bool(value)))
        for layer in self._layers:
            layer.trainable = bool(value)

    # ------------------------------------------------------------------ weights

    @property
    def variables(self) -> list[Variable]:
        """The variables: name, layer, shape and whether training changes them."""
        return variables(self._handle)

    def get_weights(self) -> list[NDArray[np.float32]]:
        """Copies of all weights, layer by layer, in Keras's order."""
        return [read(self._handle, variable) for variable in self.variables]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replace all weights by arrays of the same shapes, in the order of `get_weights`."""
        write(self._handle, self.variables, weights, f"model {self.name!r}")

    def count_params(self) -> int:
        """How many numbers the weights hold."""
        total: int = _lib.call("snn_model_get_parameter_count", self._handle)[0]
        return total

    # ------------------------------------------------------------------ text

    def summary(self, print_fn: Callable[[str], object] | None = None) -> None:
        """Print the table of layers, shapes and parameters.

        Parameters
        ----------
        print_fn : callable, optional
            Called with the text instead of `print`.
        """
        (print_fn or print)(_lib.call("snn_model_get_summary", self._handle))

    def to_json(self) -> str:
        """Keras's JSON of the architecture."""
        text: str = _lib.call("snn_model_to_json", self._handle)
        return text

    def _repr_html_(self) -> str:
        if self._model is None:
            return f"<p>{html.escape(repr(self))}</p>"
        description = describe(self._model)
        rows = "".join(
            f"<tr><td>{html.escape(layer['name'])}</td><td>{html.escape(layer['class_name'])}</td>"
            f"<td>{html.escape(str(layer['output_shape']))}</td>"
            f"<td>{layer['parameter_count']:,}</td></tr>"
            for layer in description["layers"]
        )
        return (
            f"<table><caption>{html.escape(description['name'])}: {self.count_params():,} "
            "parameters</caption><thead><tr><th>layer</th><th>class</th><th>output</th>"
            f"<th>parameters</th></tr></thead><tbody>{rows}</tbody></table>"
        )

    def __repr__(self) -> str:
        if self._model is None:
            return f"<{type(self).__name__}, not built yet>"
        return f"<{type(self).__name__} {self.name!r}>"


def _one_or_list(shapes: Sequence[tuple[int, ...]]) -> Shape | list[Shape]:
    batched: list[Shape] = [(None, *shape) for shape in shapes]
    return batched[0] if len(batched) == 1 else batched


def _tensors(names: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> list[KerasTensor]:
    return [KerasTensor((None, *shape), name=name) for name, shape in zip(names, shapes)]
