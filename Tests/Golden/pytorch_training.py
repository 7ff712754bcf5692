#!/usr/bin/env python3
"""Writes `pytorch_training.json`: what PyTorch computes where Keras has nothing (L-BFGS, OneCycleLR,
a linear warm-up), and where both have the same formula. Run it where PyTorch is.
"""

import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from golden import text  # noqa: E402
from golden.values import Values  # noqa: E402

ROWS = 12
STEPS = [*range(0, 40), 60, 99]


def network(values, widths):
    """Dense layers with tanh between them, as arrays in Keras's order: kernel, bias, ..."""
    weights = []
    for inputs, units in zip(widths, widths[1:]):
        weights.append(values.uniform(inputs, units).astype(np.float32))
        weights.append(values.uniform(units, low=-0.25, high=0.25).astype(np.float32))
    return weights


def predict(x, weights):
    for index in range(0, len(weights), 2):
        x = x @ weights[index] + weights[index + 1]
        if index + 2 < len(weights):
            x = torch.tanh(x)
    return x


def lbfgs(widths, config, steps):
    """Losses before each step and weights after it; in float64, so that rounding does not steer."""
    values = Values(f"LBFGS {widths} {config}")
    start = network(values, widths)
    x = values.uniform(ROWS, widths[0]).astype(np.float32)
    y = values.uniform(ROWS, widths[-1]).astype(np.float32)
    weights = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in start]
    optimizer = torch.optim.LBFGS(weights, **config)
    inputs, targets = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)

    def closure():
        optimizer.zero_grad()
        loss = torch.mean((predict(inputs, weights) - targets) ** 2)
        loss.backward()
        return loss

    losses, after = [], []
    for _ in range(steps):
        losses.append(float(optimizer.step(closure)))
        after.append([text.array(w.detach().numpy()) for w in weights])
    return {
        "widths": widths,
        "config": config,
        "x": text.array(x),
        "y": text.array(y),
        "parameters": [text.array(w) for w in start],
        "losses": losses,
        "after": after,
    }


def rates(make, steps=100):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.3)
    schedule = make(optimizer)
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return [seen[step] for step in STEPS]


def one_cycle(**config):
    made = rates(
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer, cycle_momentum=False, **config
        )
    )
    return {"class_name": "OneCycleLR", "config": config, "rates": made}


def warmup(start_factor, total_iters, gamma):
    def make(optimizer):
        scheduler = torch.optim.lr_scheduler
        return scheduler.SequentialLR(
            optimizer,
            [
                scheduler.LinearLR(
                    optimizer, start_factor=start_factor, total_iters=total_iters
                ),
                scheduler.ExponentialLR(optimizer, gamma),
            ],
            milestones=[total_iters],
        )

    following = {
        "class_name": "ExponentialDecay",
        "config": {"initial_learning_rate": 0.3, "decay_steps": 1, "decay_rate": gamma},
    }
    config = {
        "learning_rate": following,
        "start_factor": start_factor,
        "total_iters": total_iters,
    }
    return {"class_name": "LinearWarmup", "config": config, "rates": rates(make)}


def main():
    content = {
        "format": text.FORMAT,
        "pytorch": torch.__version__.split("+")[0],
        "steps": STEPS,
        "schedules": [
            one_cycle(max_lr=0.5, total_steps=100),
            one_cycle(max_lr=0.5, total_steps=100, pct_start=0.25, anneal_strategy="linear"),
            one_cycle(
                max_lr=0.5,
                total_steps=100,
                pct_start=0.4,
                div_factor=10.0,
                final_div_factor=100.0,
                three_phase=True,
            ),
            one_cycle(max_lr=0.5, epochs=10, steps_per_epoch=10, three_phase=True),
            warmup(1.0 / 3, 5, 0.9),
            warmup(0.01, 30, 0.95),
        ],
        "lbfgs": [
            lbfgs([3, 1], {"max_iter": 3}, 4),
            lbfgs([3, 1], {"max_iter": 5, "line_search_fn": "strong_wolfe"}, 3),
            lbfgs([3, 4, 1], {"lr": 0.5, "max_iter": 4, "history_size": 3}, 4),
            lbfgs([3, 4, 2], {"max_iter": 4, "line_search_fn": "strong_wolfe"}, 4),
            lbfgs(
                [3, 4, 1],
                {"max_iter": 3, "history_size": 2, "line_search_fn": "strong_wolfe"},
                6,
            ),
            lbfgs(
                [3, 4, 1],
                {"max_iter": 10, "max_eval": 4, "lr": 4.0, "line_search_fn": "strong_wolfe"},
                3,
            ),
        ],
    }
    json.dumps(content, allow_nan=False)
    (HERE / "pytorch_training.json").write_text(text.dump(content) + "\n", encoding="utf-8")


main()
