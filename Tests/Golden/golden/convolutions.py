"""`convolutions.json`: convolution layers as `layers.json` has the others."""

from .layers import case
from .text import document


def convolutions():
    for padding in ("valid", "same", "causal"):
        for more in ({}, {"strides": 2}, {"dilation_rate": 2}, {"groups": 2}):
            config = {"filters": 4, "kernel_size": 3, "padding": padding, **more}
            yield case(f"Conv1D {config}", "Conv1D", config, [2, 7, 2])
    for padding in ("valid", "same"):
        # Even and odd extents with stride 2: the odd place of padding goes to the end.
        for more in ({}, {"strides": 2}, {"strides": [1, 3]}, {"dilation_rate": [1, 2]},
                     {"groups": 2, "use_bias": False}, {"kernel_size": [1, 1], "strides": 2},
                     {"kernel_size": 1, "activation": "relu"}, {"kernel_size": 4, "strides": 3}):
            config = {"filters": 4, "kernel_size": [3, 2], "padding": padding, **more}
            yield case(f"Conv2D {config}", "Conv2D", config, [2, 6, 7, 2])
        # What takes Winograd's way here.
        config = {"filters": 16, "kernel_size": 3, "padding": padding}
        yield case(f"Conv2D {config}", "Conv2D", config, [1, 6, 7, 16])
        for more in ({}, {"strides": [1, 2, 2]}):
            config = {"filters": 3, "kernel_size": 2, "padding": padding, **more}
            yield case(f"Conv3D {config}", "Conv3D", config, [2, 3, 4, 3, 2])


def depthwise():
    for padding in ("valid", "same"):
        for more in ({}, {"strides": 2}, {"depth_multiplier": 2}, {"dilation_rate": 2}):
            config = {"kernel_size": 3, "padding": padding, **more}
            yield case(f"DepthwiseConv1D {config}", "DepthwiseConv1D", config, [2, 7, 3])
            yield case(f"DepthwiseConv2D {config}", "DepthwiseConv2D", config, [2, 6, 5, 3])
            config = {"filters": 4, **config}
            yield case(f"SeparableConv1D {config}", "SeparableConv1D", config, [2, 7, 3])
            yield case(f"SeparableConv2D {config}", "SeparableConv2D", config, [2, 6, 5, 3])


def transposed():
    for padding in ("valid", "same"):
        for more in ({}, {"strides": 2}, {"strides": 3}, {"kernel_size": 2, "strides": 3},
                     {"kernel_size": 4, "strides": 2}, {"dilation_rate": 2},
                     {"strides": 2, "output_padding": 0}, {"strides": 2, "output_padding": 1}):
            config = {"filters": 3, "kernel_size": 3, "padding": padding, **more}
            yield case(f"Conv1DTranspose {config}", "Conv1DTranspose", config, [2, 4, 2])
            yield case(f"Conv2DTranspose {config}", "Conv2DTranspose", config, [2, 3, 4, 2])
        config = {"filters": 2, "kernel_size": 2, "strides": 2, "padding": padding}
        yield case(f"Conv3DTranspose {config}", "Conv3DTranspose", config, [1, 2, 3, 2, 2])


def make():
    return document(cases=[*convolutions(), *depthwise(), *transposed()])
