"""SwiftNN through its Python package.

    swiftnn_peer.py [predictor]
"""

from __future__ import annotations

import json
import sys
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
    """Into an array of the caller: by the ordinary call, or by the one prepared for loops."""
    out = np.empty((len(x), classes), np.float32)
    if "predictor" in sys.argv:
        return model.predictor(x, out=out)
    return partial(model.predict_on_batch, x, out=out)


if __name__ == "__main__":
    serve(swiftnn.__version__, prepare)
