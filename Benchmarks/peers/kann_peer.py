"""KANN through cynn, with Python's overhead: a training call is an epoch of several steps, which
hides most of that. KANN trains with RMSProp and on one thread."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version

import numpy as np
from cynn import kann
from server import Request, Work, serve

_STEPS = 64


def prepare(request: Request) -> Work:
    if "dense" not in request:
        raise ValueError("cynn has dense networks only")
    units = [int(count) for count in request["dense"].split(",")]
    kann.set_verbose(0)
    network = kann.KannNeuralNetwork.mlp(
        units[0], units[1:-1], units[-1], cost_type=kann.COST_MULTI_CROSS_ENTROPY
    )
    generator = np.random.default_rng(0)
    if request["mode"] == "train":
        return train(network, units, int(request["batch"]), generator, float(request["rate"]))
    if request["batch"] != "1":
        raise ValueError("cynn predicts one sample at a time")
    network.switch_mode(False)
    return Work(partial(network.apply, generator.standard_normal(units[0], np.float32)))


def train(
    network: kann.KannNeuralNetwork, units: list[int], batch: int, generator: np.random.Generator,
    rate: float,
) -> Work:  # fmt: skip
    samples = _STEPS * batch
    x = generator.standard_normal((samples, units[0]), np.float32)
    y = np.eye(units[-1], dtype=np.float32)[np.arange(samples) % units[-1]]
    epoch = partial(
        network.train, x, y, learning_rate=rate, mini_batch_size=batch, max_epochs=1,
        min_epochs=1, validation_fraction=0.0,
    )  # fmt: skip
    return Work(epoch, _STEPS)


if __name__ == "__main__":
    serve(f"cynn {version('cynn')}", prepare)
