"""Dense layers, activations by name, and inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._configured import Configured
from .._graph import KerasTensor, Node
from ._layer import Layer

Described = str | dict[str, Any] | Configured | None


@dataclass(eq=False, repr=False)
class InputLayer(Layer):
    """Where data enters a model.

    Parameters
    ----------
    shape : tuple of int, or int
        The shape of one sample, without the batch.
    """

    shape: Sequence[int] | int

    def __post_init__(self) -> None:
        shape = self.shape
        self._set("shape", (shape,) if isinstance(shape, int) else tuple(shape))
        self._calls.append(Node(self, (), (None, *self.sample_shape)))

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape as a tuple."""
        return (self.shape,) if isinstance(self.shape, int) else tuple(self.shape)

    @property
    def output(self) -> KerasTensor:
        """The tensor that the data becomes."""
        return self._calls[0].output

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
    kernel_regularizer, bias_regularizer, activity_regularizer : str or dict, optional
        Penalties that are added to the loss.
    kernel_constraint, bias_constraint : str or dict, optional
        What holds for the weights after each step.
    """

    units: int
    activation: Described = None
    use_bias: bool = True
    kernel_initializer: Described = "glorot_uniform"
    bias_initializer: Described = "zeros"
    kernel_regularizer: Described = None
    bias_regularizer: Described = None
    activity_regularizer: Described = None
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
