"""SwiftNN through its Python package."""

from __future__ import annotations

import inspect
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import swiftnn
from numpy.typing import NDArray
from server import Request, Work, serve, shape_of

Array = NDArray[np.float32]


def prepare(request: Request) -> Work:
    swiftnn.set_num_threads(int(request["threads"]))
    model = swiftnn.model_from_json(Path(request["model"]).read_text(), seed=0)
    x = np.random.default_rng(0).standard_normal(shape_of(request), np.float32)
    if request["mode"] == "train":
        return train(model, x, request)
    return Work(predict(model, x, int(request["classes"])))


def train(model: Any, x: Array, request: Request) -> Work:
    options = json.loads(request["trainer"])
    optimizer = {"adam": swiftnn.optimizers.Adam, "sgd": swiftnn.optimizers.SGD}
    model.compile(
        optimizer=optimizer[request["optimizer"]](**options["optimizer"]["config"]),
        loss=swiftnn.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    y = np.arange(len(x), dtype=np.int32) % int(request["classes"])
    return Work(partial(model.train_on_batch, x, y))


def predict(model: Any, x: Array, classes: int) -> Any:
    """The package's way to predict with the least around it, into an array of the caller where
    it offers that."""
    if "out" in inspect.signature(model.predict_on_batch).parameters:
        return partial(model.predict_on_batch, x, out=np.empty((len(x), classes), np.float32))
    return partial(model.predict_on_batch, x)


if __name__ == "__main__":
    serve(swiftnn.__version__, prepare)
