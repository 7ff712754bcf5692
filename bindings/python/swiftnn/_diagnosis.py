"""What `diagnose` gives: a table of a model's layers."""

from __future__ import annotations

import os
from typing import Any

from ._matplotlib import figure

_COLUMNS = (
    ("layer", "name", "{}"),
    ("class", "class_name", "{}"),
    ("weights", "weight_norm", "{:.3g}"),
    ("gradient", "gradient_norm", "{:.3g}"),
    ("update", "update_norm", "{:.3g}"),
    ("ratio", "update_ratio", "{:.2e}"),
    ("mean", "activation_mean", "{:.3g}"),
    ("std", "activation_std", "{:.3g}"),
    ("dead", "dead_share", "{:.0%}"),
    ("saturated", "saturated_share", "{:.0%}"),
    ("verdict", "verdict", "{}"),
)
_COLORS = {
    "healthy": "tab:green",
    "vanishing": "tab:blue",
    "exploding": "tab:red",
    "dead": "black",
    "saturated": "tab:orange",
}


class Diagnosis:
    """What each layer did with a batch; printed, it is a table with what to try.

    Attributes
    ----------
    loss : float or None
        That of the batch; None where it was not finite.
    problem : str or None
        Why a loss or gradient was not finite.
    layers : list of dict
        For each layer ``name``, ``class_name``, ``parameters``, the norms ``weight_norm``,
        ``gradient_norm`` and ``update_norm`` (of the step that the optimizer would make),
        ``update_ratio`` (update to weights; about 1e-3 is usual), ``activation_mean`` and
        ``activation_std``, ``dead_share`` of its units, ``saturated_share`` of its outputs,
        ``verdict`` and ``advice``. None is what a layer does not have.
    thresholds : dict of str to float
        What the verdicts go by.
    """

    def __init__(self, report: dict[str, Any]) -> None:
        self.loss: float | None = report["loss"]
        self.problem: str | None = report["problem"]
        self.layers: list[dict[str, Any]] = report["layers"]
        self.thresholds: dict[str, float] = report["thresholds"]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each layer by its name."""
        return {layer["name"]: layer["verdict"] for layer in self.layers}

    @property
    def is_healthy(self) -> bool:
        """Whether every layer is, and the loss and all gradients are finite."""
        return self.problem is None and set(self.verdicts.values()) <= {"healthy"}

    def __str__(self) -> str:
        rows = [[title for title, _, _ in _COLUMNS], *map(_cells, self.layers)]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in rows
        ]
        if self.problem is not None:
            lines.append(f"problem: {self.problem}")
        advice = {layer["verdict"]: layer["advice"] for layer in self.layers if layer["advice"]}
        lines += [f"{verdict}: {text}" for verdict, text in advice.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Diagnosis({self.verdicts})"

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw norms and ratios, layer by layer, to a PNG file. Needs matplotlib."""
        rows = [layer for layer in self.layers if layer["weight_norm"] is not None]
        names = [layer["name"] for layer in rows]
        colors = [_COLORS.get(layer["verdict"], "gray") for layer in rows]
        with figure(path, rows=2, height=max(4.0, 0.5 * len(rows) + 3)) as (norms, ratios):
            for key, marker in (("weight_norm", "s"), ("gradient_norm", "o")):
                values = [layer[key] or float("nan") for layer in rows]
                norms.plot(names, values, marker=marker, label=key.replace("_", " "))
            norms.set_yscale("log")
            norms.legend()
            values = [layer["update_ratio"] or float("nan") for layer in rows]
            ratios.bar(names, values, color=colors)
            ratios.set_yscale("log")
            ratios.axhline(self.thresholds["usual_update_ratio"], color="gray", linestyle=":")
            ratios.set_ylabel("update / weights")
            for axes in (norms, ratios):
                axes.tick_params(axis="x", rotation=45)


def _cells(layer: dict[str, Any]) -> list[str]:
    """A layer's row of the table."""
    return ["-" if layer[key] is None else form.format(layer[key]) for _, key, form in _COLUMNS]
