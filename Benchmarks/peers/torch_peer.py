"""PyTorch.

torch_peer.py eager|compile|channels_last
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from server import Request, Work, serve, shape_of
from torch import nn
from torch_networks import channels_first, network

VARIANT = sys.argv[1]
modes = ExitStack()


def prepare(request: Request) -> Work:
    modes.close()
    torch.set_num_threads(int(request["threads"]))
    torch.compiler.reset()
    if request["mode"] == "sgemm":
        return Work(product(*(int(request[key]) for key in "mnk")))
    units = [int(count) for count in request.get("dense", "").split(",") if count]
    model = network(request["network"], units)
    x = torch.randn(channels_first(shape_of(request)))
    if VARIANT == "channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.to(
            memory_format=torch.channels_last
        )
    if request["mode"] == "train":
        return Work(training_step(model, x, request))
    modes.enter_context(torch.inference_mode())
    run = compiled(model.eval())
    return Work(lambda: run(x))


def product(m: int, n: int, k: int) -> Callable[[], Any]:
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    return lambda: torch.mm(a, b, out=c)


def training_step(model: nn.Module, x: torch.Tensor, request: Request) -> Callable[[], Any]:
    rate = float(request["rate"])
    optimizer: torch.optim.Optimizer = (
        torch.optim.Adam(model.parameters(), lr=rate)
        if request["optimizer"] == "adam"
        else torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    )
    labels = torch.arange(len(x)) % int(request["classes"])
    loss = nn.CrossEntropyLoss()
    run = compiled(model.train())

    def step() -> None:
        optimizer.zero_grad()
        loss(run(x), labels).backward()
        optimizer.step()

    return step


def compiled(model: nn.Module) -> Any:
    return torch.compile(model) if VARIANT == "compile" else model


if __name__ == "__main__":
    serve(torch.__version__, prepare)
