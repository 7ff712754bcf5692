"""Pictures of a training, as PNG files. They need matplotlib: ``pip install 'swiftnn[plots]'``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._matplotlib import figure
from .callbacks import History
from .errors import ArgumentError

if TYPE_CHECKING:
    from ._training import TrainableModel

__all__ = ["learning_curve", "loss_surface"]

Path = str | os.PathLike[str]


def learning_curve(history: History | Mapping[str, Sequence[Any]], path: Path) -> None:
    """Draw the values of each epoch: one picture for each, with its validation beside it. A metric
    of several numbers has as many lines.

    Parameters
    ----------
    history : History or dict of str to list of float
        What `fit` returned, or its ``history``.
    path : str or path
        The PNG file.
    """
    values = history.history if isinstance(history, History) else history
    names = [name for name in values if not name.startswith("val_")]
    if not names:
        raise ArgumentError("learning_curve: the history is empty")
    epochs = max(len(values[name]) for name in names)
    with figure(path, rows=len(names), height=2.6 * len(names) + 0.6) as axes:
        for name, axis in zip(names, axes):
            axis.plot(range(1, len(values[name]) + 1), values[name], label="training")
            validation = values.get("val_" + name, ())
            if len(validation):
                # With a validation every n-th epoch there are fewer.
                every = max(1, epochs // len(validation))
                at = [every * (index + 1) for index in range(len(validation))]
                axis.plot(at, validation, label="validation")
                axis.legend()
            axis.set_ylabel(name)
        axes[-1].set_xlabel("epoch")


def loss_surface(
    model: TrainableModel,
    x: Any,
    y: Any,
    path: Path | None = None,
    *,
    steps: int = 21,
    radius: float = 1.0,
    seed: int = 0,
    batch_size: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The loss around a model's weights, on a plane of two random directions.

    Each direction is a random one in which every filter (what leads to one unit) has the norm of
    the model's own: Li et al., "Visualizing the Loss Landscape of Neural Nets" (2018). Biases and
    what normalizes stay, as there. The model's weights are as before afterwards.

    Parameters
    ----------
    model : Model
        A compiled model.
    x, y : array_like
        The data.
    path : str or path, optional
        The PNG file; without it nothing is drawn.
    steps : int
        Points along each direction.
    radius : float
        How far to go: at 1 a filter has changed by its own norm.
    seed : int
        Of the directions.
    batch_size : int, optional
        As in `evaluate`.

    Returns
    -------
    tuple of numpy arrays
        The points along a direction, of shape (steps,), and the losses, (steps, steps).
    """
    if steps < 2 or not radius > 0:
        raise ArgumentError(
            f"loss_surface: expected 2 steps or more and a radius above 0, "
            f"received {steps} and {radius}"
        )
    center = model.get_weights()
    rng = np.random.default_rng(seed)
    first, second = (_direction(center, rng) for _ in range(2))
    points = np.linspace(-radius, radius, steps)
    losses = np.empty((steps, steps))
    try:
        for row, b in enumerate(points):
            for column, a in enumerate(points):
                model.set_weights([w + a * u + b * v for w, u, v in zip(center, first, second)])
                values = model.evaluate(x, y, batch_size=batch_size, verbose=0, return_dict=True)
                assert isinstance(values, dict)
                losses[row, column] = values["loss"]
    finally:
        model.set_weights(center)
    if path is not None:
        _draw(points, losses, path)
    return points, losses


def _direction(
    weights: Sequence[NDArray[np.float32]], rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """A random direction with the filters' norms; filters lie along the last axis."""
    made = []
    for weight in weights:
        direction = np.zeros_like(weight)
        if weight.ndim > 1:
            direction = rng.normal(size=weight.shape).astype(np.float32)
            axes = tuple(range(weight.ndim - 1))
            own = np.sqrt((weight**2).sum(axes))
            direction *= own / np.maximum(np.sqrt((direction**2).sum(axes)), 1e-12)
        made.append(direction)
    return made


def _draw(points: NDArray[np.float64], losses: NDArray[np.float64], path: Path) -> None:
    shown = np.where(np.isfinite(losses), losses, np.nan)
    with figure(path, height=6.0) as (axes,):
        # Losses span magnitudes; a logarithm shows the bottom of the bowl too.
        logarithms = np.log10(np.maximum(shown, 1e-12))
        contours = axes.contourf(points, points, logarithms, levels=24, cmap="viridis")
        axes.contour(points, points, logarithms, levels=12, colors="white", linewidths=0.4)
        axes.plot([0], [0], marker="+", color="white", markersize=12)
        axes.figure.colorbar(contours, ax=axes, label="log10 loss")
        axes.set_xlabel("direction 1")
        axes.set_ylabel("direction 2")
