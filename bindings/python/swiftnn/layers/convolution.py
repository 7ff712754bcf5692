"""Convolutions along one, two and three axes; channels come last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._layer import Described, Layer

Extents = int | Sequence[int]


@dataclass(eq=False, repr=False)
class _Convolution(Layer):
    filters: int
    kernel_size: Extents
    strides: Extents = 1
    padding: str = "valid"
    data_format: str | None = None
    dilation_rate: Extents = 1
    groups: int = 1
    activation: Described = None
    use_bias: bool = True
    kernel_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    kernel_regularizer: Described = None
    bias_regularizer: Described = None
    kernel_constraint: Described = None
    bias_constraint: Described = None


@dataclass(eq=False, repr=False)
class Conv1D(_Convolution):
    """Cross-correlation of a sequence with a kernel, and a bias; see `Conv2D`."""


@dataclass(eq=False, repr=False)
class Conv2D(_Convolution):
    """Cross-correlation of an image with a kernel, and a bias.

    Parameters
    ----------
    filters : int
        The number of output channels.
    kernel_size : int or tuple of int
        The extents of the kernel.
    strides : int or tuple of int
        How far apart the places are where it is put.
    padding : str
        ``"valid"``: the kernel stays inside; ``"same"``: zeros around, an odd one at the end, so
        that stride 1 keeps the extents; in one dimension ``"causal"``, too: zeros before alone.
    data_format : str, optional
        ``"channels_last"``, what it is without, or ``"channels_first"``.
    dilation_rate : int or tuple of int
        How far apart the places are that the kernel looks at.
    groups : int
        Parts of the channels, each of which is seen by one part of the filters.
    activation : str, optional
        The activation's name; linear without.
    use_bias : bool
        Whether a bias is added.
    kernel_initializer, bias_initializer : str, dict or Initializer
        How the weights begin.
    kernel_regularizer, bias_regularizer : str, dict or Regularizer, optional
        Penalties that are added to the loss.
    kernel_constraint, bias_constraint : str, dict or Constraint, optional
        What holds for the weights after each step.
    """


@dataclass(eq=False, repr=False)
class Conv3D(_Convolution):
    """Cross-correlation of a volume with a kernel, and a bias; see `Conv2D`."""


@dataclass(eq=False, repr=False)
class _Depthwise(Layer):
    kernel_size: Extents
    strides: Extents = 1
    padding: str = "valid"
    depth_multiplier: int = 1
    data_format: str | None = None
    dilation_rate: Extents = 1
    activation: Described = None
    use_bias: bool = True
    depthwise_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    depthwise_regularizer: Described = None
    bias_regularizer: Described = None
    depthwise_constraint: Described = None
    bias_constraint: Described = None


@dataclass(eq=False, repr=False)
class DepthwiseConv1D(_Depthwise):
    """A convolution of each channel of a sequence by itself.

    Parameters
    ----------
    depth_multiplier : int
        Outputs of each channel; output ``c * depth_multiplier + j`` sees channel c.
    others
        As those of `Conv2D`.
    """


@dataclass(eq=False, repr=False)
class DepthwiseConv2D(_Depthwise):
    """A convolution of each channel of an image by itself.

    Parameters
    ----------
    depth_multiplier : int
        Outputs of each channel; output ``c * depth_multiplier + j`` sees channel c.
    others
        As those of `Conv2D`.
    """


@dataclass(eq=False, repr=False)
class _Separable(Layer):
    filters: int
    kernel_size: Extents
    strides: Extents = 1
    padding: str = "valid"
    data_format: str | None = None
    dilation_rate: Extents = 1
    depth_multiplier: int = 1
    activation: Described = None
    use_bias: bool = True
    depthwise_initializer: Described = "glorot_uniform"
    pointwise_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    depthwise_regularizer: Described = None
    pointwise_regularizer: Described = None
    bias_regularizer: Described = None
    depthwise_constraint: Described = None
    pointwise_constraint: Described = None
    bias_constraint: Described = None


@dataclass(eq=False, repr=False)
class SeparableConv1D(_Separable):
    """A convolution of each channel, whose results a pointwise one mixes.

    Parameters
    ----------
    filters : int
        The number of output channels.
    depth_multiplier : int
        Numbers between the two for each input channel.
    others
        As those of `Conv2D`; strides and dilation are the first one's.
    """


@dataclass(eq=False, repr=False)
class SeparableConv2D(_Separable):
    """A convolution of each channel, whose results a pointwise one mixes.

    Parameters
    ----------
    filters : int
        The number of output channels.
    depth_multiplier : int
        Numbers between the two for each input channel.
    others
        As those of `Conv2D`; strides and dilation are the first one's.
    """


@dataclass(eq=False, repr=False)
class _Transposed(Layer):
    filters: int
    kernel_size: Extents
    strides: Extents = 1
    padding: str = "valid"
    output_padding: Extents | None = None
    data_format: str | None = None
    dilation_rate: Extents = 1
    activation: Described = None
    use_bias: bool = True
    kernel_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    kernel_regularizer: Described = None
    bias_regularizer: Described = None
    kernel_constraint: Described = None
    bias_constraint: Described = None


@dataclass(eq=False, repr=False)
class Conv1DTranspose(_Transposed):
    """A convolution backward: each step adds its kernel to a longer one.

    Parameters
    ----------
    filters : int
        The number of output channels.
    strides : int or tuple of int
        How far apart the places are that neighbours of the input are put to.
    output_padding : int or tuple of int, optional
        Places at the end beyond the fewest, less than the strides.
    others
        As those of `Conv2D`.
    """


@dataclass(eq=False, repr=False)
class Conv2DTranspose(_Transposed):
    """A convolution backward: each place adds its kernel to a larger image.

    Parameters
    ----------
    filters : int
        The number of output channels.
    strides : int or tuple of int
        How far apart the places are that neighbours of the input are put to.
    output_padding : int or tuple of int, optional
        Places at the end beyond the fewest, less than the strides.
    others
        As those of `Conv2D`.
    """


@dataclass(eq=False, repr=False)
class Conv3DTranspose(_Transposed):
    """A convolution backward: each place adds its kernel to a larger volume.

    Parameters
    ----------
    filters : int
        The number of output channels.
    strides : int or tuple of int
        How far apart the places are that neighbours of the input are put to.
    output_padding : int or tuple of int, optional
        Places at the end beyond the fewest, less than the strides.
    others
        As those of `Conv2D`.
    """
