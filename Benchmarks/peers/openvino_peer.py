"""OpenVINO's prediction on the processor, in float32 and for latency."""

from __future__ import annotations

import numpy as np
import openvino
from onnx_file import onnx_file
from server import Request, Work, serve, shape_of

core = openvino.Core()


def prepare(request: Request) -> Work:
    x = np.random.default_rng(0).standard_normal(shape_of(request), np.float32)
    if x.ndim == 4:
        x = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    model = core.read_model(onnx_file(request))
    model.reshape(list(x.shape))
    settings = {
        "INFERENCE_NUM_THREADS": int(request["threads"]),
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    inference = core.compile_model(model, "CPU", settings).create_infer_request()
    inference.set_input_tensor(openvino.Tensor(x, shared_memory=True))
    return Work(inference.infer)


if __name__ == "__main__":
    serve(openvino.__version__, prepare)
