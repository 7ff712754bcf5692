"""The rows' networks in JAX: each as its parameters and a function of parameters and batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Parameters = Any
Apply = Callable[[Parameters, jax.Array], jax.Array]

_generator = np.random.default_rng(0)


def weights(*shape: int) -> jax.Array:
    """Small random numbers."""
    return jnp.asarray(0.05 * _generator.standard_normal(shape), jnp.float32)


def dense(units: Sequence[int]) -> tuple[Parameters, Apply]:
    """Dense layers with relu between them."""

    def apply(parameters: Parameters, x: jax.Array) -> jax.Array:
        *hidden, (kernel, bias) = parameters
        for hidden_kernel, hidden_bias in hidden:
            x = jax.nn.relu(x @ hidden_kernel + hidden_bias)
        return x @ kernel + bias

    return [(weights(a, b), weights(b)) for a, b in zip(units, units[1:])], apply


def _convolution(inputs: int, outputs: int, size: int) -> Parameters:
    return {
        "kernel": weights(size, size, inputs, outputs),
        "gamma": weights(outputs),
        "beta": weights(outputs),
    }


def _normalized(parameters: Parameters, x: jax.Array, stride: int = 1) -> jax.Array:
    """A convolution and batch normalization with the batch's own statistics."""
    x = jax.lax.conv_general_dilated(
        x, parameters["kernel"], (stride, stride), "SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )  # fmt: skip
    axes = (0, 1, 2)
    scale = parameters["gamma"] * jax.lax.rsqrt(x.var(axes) + 1e-5)
    return (x - x.mean(axes)) * scale + parameters["beta"]


def resnet20() -> tuple[Parameters, Apply]:
    """The ResNet-20 of CIFAR-10."""
    blocks, channels = [], 16
    for width in (16, 32, 64):
        for _ in range(3):
            block = {"first": _convolution(channels, width, 3),
                     "second": _convolution(width, width, 3)}  # fmt: skip
            if channels != width:
                block["shortcut"] = _convolution(channels, width, 1)
            blocks.append(block)
            channels = width
    parameters = {"stem": _convolution(3, 16, 3), "blocks": blocks, "head": dense((64, 10))[0]}

    def apply(parameters: Parameters, x: jax.Array) -> jax.Array:
        x = jax.nn.relu(_normalized(parameters["stem"], x))
        for block in parameters["blocks"]:
            stride = 2 if "shortcut" in block else 1
            y = jax.nn.relu(_normalized(block["first"], x, stride))
            y = _normalized(block["second"], y)
            x = _normalized(block["shortcut"], x, stride) if "shortcut" in block else x
            x = jax.nn.relu(x + y)
        ((kernel, bias),) = parameters["head"]
        return x.mean((1, 2)) @ kernel + bias

    return parameters, apply


def lstm(inputs: int = 64, units: int = 128, classes: int = 10) -> tuple[Parameters, Apply]:
    """An LSTM, and a dense layer on its last state."""
    parameters = {
        "kernel": weights(inputs, 4 * units), "recurrent": weights(units, 4 * units),
        "bias": weights(4 * units), "head": dense((units, classes))[0],
    }  # fmt: skip

    def apply(parameters: Parameters, x: jax.Array) -> jax.Array:
        def step(state: Any, sums: jax.Array) -> Any:
            hidden, carry = state
            gates = sums + hidden @ parameters["recurrent"]
            enter, forget, candidate, leave = jnp.split(gates, 4, axis=1)
            carry = jax.nn.sigmoid(forget) * carry + jax.nn.sigmoid(enter) * jnp.tanh(candidate)
            return (jax.nn.sigmoid(leave) * jnp.tanh(carry), carry), None

        # The inputs' product for all time steps at once.
        sums = jnp.swapaxes(x @ parameters["kernel"] + parameters["bias"], 0, 1)
        start = jnp.zeros((len(x), units))
        (hidden, _), _ = jax.lax.scan(step, (start, start), sums)
        ((kernel, bias),) = parameters["head"]
        return hidden @ kernel + bias

    return parameters, apply


def network(name: str, units: Sequence[int]) -> tuple[Parameters, Apply]:
    """A row's network; `units` are those of one that has dense layers only."""
    if units:
        return dense(units)
    return resnet20() if name == "resnet20" else lstm()
