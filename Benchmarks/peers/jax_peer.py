"""JAX with Optax, compiled by XLA for the processor. It takes all CPUs that the process may use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax_networks import Apply, Parameters, network
from server import Request, Work, serve, shape_of


def prepare(request: Request) -> Work:
    units = [int(count) for count in request.get("dense", "").split(",") if count]
    parameters, apply = network(request["network"], units)
    x = jnp.asarray(np.random.default_rng(0).standard_normal(shape_of(request), np.float32))
    if request["mode"] == "train":
        return Work(training_step(parameters, apply, x, request))
    run = jax.jit(lambda x: apply(parameters, x))
    return Work(lambda: run(x).block_until_ready())


def training_step(
    parameters: Parameters, apply: Apply, x: jax.Array, request: Request
) -> Callable[[], Any]:
    rate = float(request["rate"])
    optimizer = optax.adam(rate) if request["optimizer"] == "adam" else optax.sgd(rate, 0.9)
    labels = jnp.arange(len(x)) % int(request["classes"])

    def loss(parameters: Parameters, x: jax.Array, labels: jax.Array) -> jax.Array:
        logits = apply(parameters, x)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    # The step's results take the memory of its arguments, as JAX's guide wants it for training.
    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Parameters, state: Any, x: jax.Array, labels: jax.Array) -> Any:
        value, gradients = jax.value_and_grad(loss)(parameters, x, labels)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(parameters, updates), state, value

    now = (parameters, optimizer.init(parameters))

    def step() -> None:
        nonlocal now
        *following, value = update(*now, x, labels)
        now = tuple(following)
        jax.block_until_ready((now, value))

    return step


if __name__ == "__main__":
    serve(jax.__version__, prepare)
