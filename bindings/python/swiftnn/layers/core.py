"""Dense layers, activations by name, and inputs."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._graph import KerasTensor, Node
from ..errors import ArgumentError
from ._layer import Described, Layer


@dataclass(eq=False, repr=False)
class InputLayer(Layer):
    """Where data enters a model.

    Parameters
    ----------
    shape : tuple of int, or int
        The shape of one sample, without the batch.
    """

    shape: Sequence[int] | int

    # The tensor, as long as somebody holds it.
    _output: weakref.ref[KerasTensor] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        shape = (self.shape,) if isinstance(self.shape, (int, np.integer)) else tuple(self.shape)
        for extent in shape:
            if not isinstance(extent, (int, np.integer)) or extent < 1:
                raise ArgumentError(
                    "Input: expected the shape of a sample, without the batch, in whole numbers "
                    f"from 1, received {self.shape!r}"
                )
        self._set("shape", tuple(int(extent) for extent in shape))

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape as a tuple."""
        return (self.shape,) if isinstance(self.shape, int) else tuple(self.shape)

    @property
    def output(self) -> KerasTensor:
        """The tensor that the data becomes."""
        output = self._output() if self._output else None
        if output is None:
            output = Node(self, ()).make_output((None, *self.sample_shape))
            self._set("_output", weakref.ref(output))
        return output

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> InputLayer:
        """Make an input of Keras's configuration, whose shape includes the batch."""
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        return cls(
            shape=tuple(shape[1:]) if shape else config.get("shape", ()), name=config.get("name")
        )


def Input(shape: Sequence[int] | int, name: str | None = None) -> KerasTensor:  # noqa: N802
    """The tensor of a model's input.

    Parameters
    ----------
    shape : tuple of int, or int
        The shape of one sample, without the batch.
    name : str, optional
        The name of the input.
    """
    return InputLayer(shape=shape, name=name).output


@dataclass(eq=False, repr=False)
class Dense(Layer):
    """``activation(x @ kernel + bias)``, over the last axis.

    Parameters
    ----------
    units : int
        The size of the result's last axis.
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

    units: int
    activation: Described = None
    use_bias: bool = True
    kernel_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    kernel_regularizer: Described = None
    bias_regularizer: Described = None
    kernel_constraint: Described = None
    bias_constraint: Described = None


@dataclass(eq=False, repr=False)
class Activation(Layer):
    """An activation function by its name.

    Parameters
    ----------
    activation : str
        The name: ``"relu"``, ``"softmax"`` ...
    """

    activation: Described
