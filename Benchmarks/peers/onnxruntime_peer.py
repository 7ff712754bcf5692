"""ONNX Runtime's prediction on the processor."""

from __future__ import annotations

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx_file import onnx_file
from server import Request, Work, serve, shape_of

Array = NDArray[np.float32]


def channels_first(x: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x


def prepare(request: Request) -> Work:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(request["threads"])
    session = onnxruntime.InferenceSession(
        onnx_file(request), options, providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(0).standard_normal(shape_of(request), np.float32)
    inputs = {"x": channels_first(x)}
    return Work(lambda: session.run(None, inputs))


if __name__ == "__main__":
    serve(onnxruntime.__version__, prepare)
