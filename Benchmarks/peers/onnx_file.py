"""The ONNX file of a row's network, which PyTorch exports; the batch is left open.

    onnx_file.py <network> <shape of a batch> <units or ""> <file>
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from server import Request, shape_of


def onnx_file(request: Request) -> Path:
    """The file; it is made when it is not there. The export is a process of its own, so that
    PyTorch's threads and memory stay out of the worker's."""
    path = Path(request["onnx"])
    if not path.exists():
        shape = ",".join(map(str, shape_of(request)))
        words = [request["network"], shape, request.get("dense", ""), str(path)]
        done = subprocess.run(
            [sys.executable, __file__, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"PyTorch cannot export it: {done.stdout.splitlines()[-1]}")
    return path


def export(name: str, shape: tuple[int, ...], units: list[int], path: str) -> None:
    import torch
    from torch_networks import channels_first, network

    torch.onnx.export(
        network(name, units).eval(), (torch.randn(channels_first(shape)),), path,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}}, dynamo=False,
    )  # fmt: skip


if __name__ == "__main__":
    name, shape, units, path = sys.argv[1:]
    export(name, tuple(map(int, shape.split(","))), [int(u) for u in units.split(",") if u], path)
