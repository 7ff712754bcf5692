"""The layers: Keras's classes, with Keras's arguments."""

from __future__ import annotations

from typing import Any

from ._custom import CustomLayer, Weight, register_layer, registered
from ._layer import Layer, OtherLayer
from .activations import LeakyReLU, ReLU, Softmax
from .convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from .core import Activation, Dense, Input, InputLayer
from .merging import Add, Concatenate
from .normalization import BatchNormalization
from .regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from .reshaping import Flatten, Permute, Reshape

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "BatchNormalization",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "CustomLayer",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Input",
    "InputLayer",
    "Layer",
    "LeakyReLU",
    "Permute",
    "ReLU",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "Weight",
    "deserialize",
    "register_layer",
]


def deserialize(entry: dict[str, Any]) -> Layer:
    """The layer of Keras's ``{"class_name": ..., "config": ...}``."""
    own = registered(entry["class_name"])
    if own is not None:
        layer: Layer = own.from_config(entry["config"])
        return layer
    candidate = globals().get(entry["class_name"])
    if (
        entry["class_name"] in __all__
        and isinstance(candidate, type)
        and issubclass(candidate, Layer)
        and candidate is not CustomLayer
    ):
        return candidate.from_config(entry["config"])
    return OtherLayer(entry["class_name"], entry["config"])
