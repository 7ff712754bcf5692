"""Train and run neural networks, with Keras's names, on a small library without dependencies.

>>> import swiftnn
>>> from swiftnn import layers
>>> model = swiftnn.Sequential(
...     [swiftnn.Input(shape=(64,)), layers.Dense(32, activation="relu"), layers.Dense(10)]
... )
>>> model.compile("adam", loss=swiftnn.losses.SparseCategoricalCrossentropy(from_logits=True))
"""

from __future__ import annotations

from . import (
    callbacks,
    constraints,
    initializers,
    layers,
    linalg,
    losses,
    metrics,
    optimizers,
    plots,
    regularizers,
)
from ._checking import gradient_check
from ._dataset import Dataset
from ._diagnosis import Diagnosis
from ._graph import KerasTensor
from ._model import Model, Sequential
from ._predictor import Predictor
from ._process import build_info, get_num_threads, set_num_threads
from ._saving import load_model, model_from_json
from ._seed import set_random_seed
from ._version import __version__
from .errors import (
    ArgumentError,
    BusyError,
    ChecksumError,
    ConfigurationError,
    Error,
    FileError,
    ForbiddenFileError,
    FormatError,
    HandleError,
    InternalError,
    LibraryError,
    LimitError,
    MissingFileError,
    NumericError,
    OutOfMemoryError,
    ShapeError,
    StateError,
    UnsupportedError,
)
from .layers import Input, register_layer

__all__ = [
    "ArgumentError",
    "BusyError",
    "ChecksumError",
    "ConfigurationError",
    "Dataset",
    "Diagnosis",
    "Error",
    "FileError",
    "ForbiddenFileError",
    "FormatError",
    "HandleError",
    "Input",
    "InternalError",
    "KerasTensor",
    "LibraryError",
    "LimitError",
    "MissingFileError",
    "Model",
    "NumericError",
    "OutOfMemoryError",
    "Predictor",
    "Sequential",
    "ShapeError",
    "StateError",
    "UnsupportedError",
    "__version__",
    "build_info",
    "callbacks",
    "constraints",
    "get_num_threads",
    "gradient_check",
    "initializers",
    "layers",
    "linalg",
    "load_model",
    "losses",
    "metrics",
    "model_from_json",
    "optimizers",
    "plots",
    "register_layer",
    "regularizers",
    "set_num_threads",
    "set_random_seed",
]
