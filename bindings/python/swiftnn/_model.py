"""Models: of a graph that functional calls drew, or of layers in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _lib
from ._data import is_list_of_arrays
from ._dataset import Dataset
from ._graph import KerasTensor, Names, Node, sorted_nodes
from ._saving import SavedModel
from ._seed import next_seed
from ._weights import describe, read, variables
from .errors import ArgumentError, StateError, UnsupportedError
from .layers import InputLayer, Layer
from .layers._registry import check_names

Tensors = KerasTensor | Sequence[KerasTensor]


class Model(SavedModel):
    """A model of any graph of layers.

    Parameters
    ----------
    inputs : KerasTensor or list of KerasTensor
        What `Input` gave.
    outputs : KerasTensor or list of KerasTensor
        What calls of layers gave.
    name : str, optional
        The model's name.
    seed : int, optional
        What initial weights, dropout and shuffling follow from; see `set_random_seed`.
    """

    # Of a model that was loaded there is no graph in Python.
    _ends: tuple[list[KerasTensor], list[KerasTensor]] | None = None

    def __init__(
        self, inputs: Tensors, outputs: Tensors, name: str | None = None, *, seed: int | None = None
    ) -> None:
        super().__init__()
        starts, ends = _listed(inputs), _listed(outputs)
        if not starts or not ends:
            raise ArgumentError("a Model expects at least one input and one output")
        nodes = sorted_nodes(starts, ends)
        # By identity: layers of one's own may be equal.
        layers = list({id(node.layer): node.layer for node in nodes}.values())
        for layer in layers:
            _check_free(layer)
        check_names(layers)
        names = _names(layers)
        options = {"class_name": "Functional", "seed": next_seed() if seed is None else seed}
        if name is not None:
            options["name"] = name
        handle = _lib.call("snn_model_create", options)
        # The library's inputs are in the order of their making, its layers in Keras's in any case.
        entries = [node for start in starts if (node := start.node)]
        later = [node for node in nodes if node not in entries]
        tensors = _replay(handle, [*entries, *later], names)
        _lib.call("snn_model_set_outputs", handle, [tensors[id(tensor)] for tensor in ends])
        self._model = handle
        self._layers = layers
        self._ends = (starts, ends)
        for layer in layers:
            layer._bind(handle, names[id(layer)])

    @property
    def inputs(self) -> list[KerasTensor]:
        """The tensors that go in."""
        return list(self._ends[0]) if self._ends else super().inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The tensors that come out."""
        return list(self._ends[1]) if self._ends else super().outputs


class Sequential(SavedModel):
    """Layers in a row.

    Parameters
    ----------
    layers : list of Layer, optional
        The layers. Where the first is none of `Input`, the shape of the first data decides.
    name : str, optional
        The model's name.
    seed : int, optional
        What initial weights, dropout and shuffling follow from; see `set_random_seed`.
    """

    def __init__(
        self,
        layers: Sequence[Layer | KerasTensor] | None = None,
        name: str | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self._options: dict[str, Any] = {
            "class_name": "Sequential",
            "seed": next_seed() if seed is None else seed,
        }
        if name is not None:
            self._options["name"] = name
        self._names = Names()
        for layer in layers or []:
            self.add(layer)

    def _adopt(self, handle: _lib.Handle) -> None:
        super()._adopt(handle)
        found = describe(handle)
        self._options = {key: found[key] for key in ("class_name", "name", "seed")}
        self._names = Names()
        for layer in self._layers:
            self._names.take(layer.name or "")

    @property
    def layers(self) -> list[Layer]:
        """The layers without the input, as in Keras."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    def add(self, layer: Layer | KerasTensor) -> None:
        """Add a layer behind the last. Weights stay; a training begins anew."""
        if isinstance(layer, KerasTensor) and layer.node is not None:
            layer = layer.node.layer
        if not isinstance(layer, Layer):
            raise ArgumentError(f"expected a layer, received {layer!r}")
        if any(layer is other for other in self._layers):
            raise UnsupportedError(f"{layer!r} is in this model already; use Model to share layers")
        _check_free(layer)
        check_names([*self._layers, layer])
        self._check_no_fit("add()")
        if self._model is not None:
            self._extend(self._model, layer)
        elif isinstance(layer, InputLayer) and not self._layers:
            _, self._names = self._create([layer])
        self._layers.append(layer)
        self._signature_cache = None

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Give a model without `Input` its input's shape, with the batch as None."""
        if self._model is not None:
            return
        entry = InputLayer(shape=[int(extent or 0) for extent in input_shape[1:]])
        self._layers, self._names = self._create([entry, *self._layers])

    def _create(self, layers: list[Layer]) -> tuple[list[Layer], Names]:
        """The library's model of these layers, which become part of it only if all can be."""
        names = Names()
        handle = _lib.call("snn_model_create", self._options)
        named = [(layer, self._append(handle, layer, names)) for layer in layers]
        for layer, name in named:
            layer._bind(handle, name)
        self._model = handle
        return layers, names

    def _extend(self, handle: _lib.Handle, layer: Layer) -> None:
        """Add a layer to the library's model, or, once that is complete, to a new one."""
        try:
            layer._bind(handle, self._append(handle, layer, self._names))
        except StateError:
            weights = [(variable, read(handle, variable)) for variable in variables(handle)]
            _, self._names = self._create([*self._layers, layer])
            for variable, values in weights:
                _lib.call("snn_model_set_variable", self._model, variable.name, values)
            self._trainer = None
            self._sessions.clear()
            self._kept_predictions.clear()
            self._kept_steps.clear()

    def _append(self, handle: _lib.Handle, layer: Layer, names: Names) -> str:
        """Add a layer to the library's model: its name there."""
        name = layer.name or names.make(layer.class_name)
        layer._add_to(handle, _options(layer, name), None)
        names.take(name)
        return name

    def _build_for(self, inputs: Any) -> None:
        if self._model is not None or not self._layers:
            return
        if isinstance(inputs, Dataset):
            if inputs.inputs is None:
                return
            inputs = inputs.inputs
        first = inputs[0] if is_list_of_arrays(inputs) and len(inputs) == 1 else inputs
        shape = np.shape(first)
        self.build(shape if len(shape) > 1 else (*shape, 1))


def _listed(tensors: Any) -> list[KerasTensor]:
    return [tensors] if isinstance(tensors, KerasTensor) else list(tensors)


def _check_free(layer: Layer) -> None:
    if layer._model is not None:
        raise UnsupportedError(
            f"{layer!r} is part of another model, and models cannot share layers yet"
        )


def _names(layers: Sequence[Layer]) -> dict[int, str]:
    """The layers' names; those that were not given are counted by class."""
    names = Names()
    for layer in layers:
        if layer.name is not None:
            names.take(layer.name)
    return {id(layer): layer.name or names.make(layer.class_name) for layer in layers}


def _options(layer: Layer, name: str) -> dict[str, Any]:
    return {**layer.options(), "name": name}


def _replay(handle: _lib.Handle, nodes: Sequence[Node], names: dict[int, str]) -> dict[int, int]:
    """Give the calls to the library in their order: its tensors by the ids of ours."""
    tensors: dict[int, int] = {}
    added: set[int] = set()
    for node in nodes:
        layer, name = node.layer, names[id(node.layer)]
        inputs = [tensors[id(tensor)] for tensor in node.inputs]
        if id(layer) in added:
            made = _lib.call("snn_model_call_layer", handle, name, inputs)
        else:
            made = layer._add_to(handle, _options(layer, name), inputs or None)
            added.add(id(layer))
        tensors[id(node.output)] = made
    return tensors
