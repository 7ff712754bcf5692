"""Models in files, in memory and in pickles."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from typing import Any

from . import _lib, optimizers
from ._host_losses import HostLosses
from ._training import TrainableModel
from ._weights import describe
from .errors import StateError
from .layers import CustomLayer, deserialize
from .layers._registry import claim, classes

Path = str | os.PathLike[str]


class SavedModel(TrainableModel):
    """A model that can be saved."""

    def save(self, filepath: Path, overwrite: bool = True, include_optimizer: bool = True) -> None:
        """Write the model as an HDF5 file that Keras opens.

        The file is replaced in one step, and the previous one kept as ``<filepath>.prev``.

        Parameters
        ----------
        filepath : str or path
            The file.
        overwrite : bool
            Whether a file may be replaced.
        include_optimizer : bool
            Whether the training state of a compiled model goes in: training goes on from it
            as if it had never stopped.
        """
        if not overwrite and os.path.exists(filepath):
            raise FileExistsError(f"{os.fspath(filepath)!r} exists, and overwrite is False")
        if include_optimizer and self.compiled:
            _lib.call("snn_trainer_save", self._make_trainer(), os.fspath(filepath), None)
        else:
            _lib.call("snn_model_save", self._handle, os.fspath(filepath), None)

    def save_weights(self, filepath: Path, overwrite: bool = True) -> None:
        """Write the weights alone: in Keras 3's layout as ``.weights.h5``, in the older one
        under another name.
        """
        if not overwrite and os.path.exists(filepath):
            raise FileExistsError(f"{os.fspath(filepath)!r} exists, and overwrite is False")
        _lib.call("snn_model_save_weights", self._handle, os.fspath(filepath), None)

    def load_weights(self, filepath: Path) -> None:
        """Read the weights of `save_weights` or of Keras: all, or on an error none."""
        _lib.call("snn_model_load_weights", self._handle, os.fspath(filepath), None)

    def __getstate__(self) -> dict[str, Any]:
        if self.compiled:
            data = _lib.call("snn_trainer_save_memory", self._make_trainer(), None)
        else:
            data = _lib.call("snn_model_save_memory", self._handle, None)
        return {
            "data": data,
            "layers": {
                layer.name: (layer.class_name, type(layer))
                for layer in self._layers
                if isinstance(layer, CustomLayer)
            },
            "losses": self._host_losses.functions if self._training_options else {},
            "optimizer": self.optimizer.copy() if self.optimizer else None,
            "training_options": copy.deepcopy(self._training_options),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        TrainableModel.__init__(self)
        with classes(by_layer=state["layers"]):
            if state["training_options"] is None:
                self._adopt(_lib.call("snn_model_load_memory", state["data"], None))
                return
            host = HostLosses(state["losses"])
            with host:
                model, trainer = _lib.call("snn_trainer_load_memory", state["data"], None)
            self._adopt(model)
        self.optimizer = state["optimizer"]
        self._training_options = state["training_options"]
        self._adopt_losses(host, trainer)
        self._adopt_trainer(trainer)

    def _adopt_losses(self, host: HostLosses, trainer: _lib.Handle) -> dict[str, Any]:
        """Take the losses of a trainer that was loaded: its description, with them in it."""
        options: dict[str, Any] = json.loads(_lib.call("snn_trainer_describe", trainer))
        options["loss"] = host.adopt(options.get("loss"), self._signature.output_shapes)
        self._host_losses = host
        return options

    def _adopt(self, handle: _lib.Handle) -> None:
        """Become the model of a handle: its layers are described anew."""
        self._model = handle
        config = json.loads(_lib.call("snn_model_to_json", handle))["config"]
        self._layers = [
            claim(entry["class_name"], entry["config"].get("name")) or deserialize(entry)
            for entry in config["layers"]
        ]
        for layer in self._layers:
            layer._bind(handle, layer.name or "")


def load_model(
    filepath: Path,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    *,
    foreign: bool = True,
    previous: bool = False,
) -> Any:
    """Read a model that this library or Keras saved as HDF5.

    Parameters
    ----------
    filepath : str or path
        The file.
    custom_objects : dict, optional
        What is your own, by name: the losses that the model was compiled with, functions or objects
        of classes derived from `losses.Loss`; classes of layers that were not registered.
    compile : bool
        Whether the training state is read too, where the file has one.
    foreign : bool
        Whether files of Keras are read. Open those only from sources that you trust.
    previous : bool
        Whether ``<filepath>.prev`` is read where the file is damaged.

    Returns
    -------
    Model or Sequential
        The model, compiled if the file has a training state.
    """
    options = {"foreign": foreign, "previous": previous}
    path = os.fspath(filepath)
    with classes(custom_objects):
        if compile:
            host = HostLosses(custom_objects)
            try:
                with host:
                    handle, trainer = _lib.call("snn_trainer_load", path, options)
            except StateError:  # no training state in the file
                pass
            else:
                return _trained(_model_of(handle), host, trainer)
        return _model_of(_lib.call("snn_model_load", path, options))


def _trained(model: SavedModel, host: HostLosses, trainer: _lib.Handle) -> SavedModel:
    """The model with a trainer of its file."""
    options = model._adopt_losses(host, trainer)
    model.optimizer = optimizers.get(options.pop("optimizer"))
    model._training_options = {key: value for key, value in options.items() if value is not None}
    model._adopt_trainer(trainer)
    return model


def model_from_json(
    json_string: str, custom_objects: Mapping[str, Any] | None = None, *, seed: int | None = None
) -> Any:
    """A freshly initialized model of Keras's JSON of an architecture.

    Parameters
    ----------
    json_string : str
        What ``to_json`` of a model gave.
    custom_objects : dict, optional
        Classes of layers of your own by name, that were not registered.
    seed : int, optional
        What initial weights, dropout and shuffling follow from; see `set_random_seed`.

    Returns
    -------
    Model or Sequential
        The model.
    """
    from ._seed import next_seed

    options = {"seed": next_seed() if seed is None else seed}
    with classes(custom_objects):
        return _model_of(_lib.call("snn_model_create_from_json", json_string, options))


def _model_of(handle: _lib.Handle) -> SavedModel:
    from . import _model  # which is built on this module

    is_sequential = describe(handle)["class_name"] == "Sequential"
    kind: type[SavedModel] = _model.Sequential if is_sequential else _model.Model
    model = kind.__new__(kind)
    TrainableModel.__init__(model)
    model._adopt(handle)
    return model
