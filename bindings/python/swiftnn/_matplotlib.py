"""Pictures by matplotlib, which is optional."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def figure(
    path: str | os.PathLike[str], rows: int = 1, height: float = 4.0
) -> Iterator[tuple[Any, ...]]:
    """The axes of a figure that is written to a PNG file at the end; no window, no global state."""
    try:
        agg = importlib.import_module("matplotlib.backends.backend_agg")
        figures = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise ImportError(
            "pictures need matplotlib, which is not installed: pip install 'swiftnn[plots]'"
        ) from None
    drawn = figures.Figure(figsize=(7.0, height), layout="constrained")
    canvas = agg.FigureCanvasAgg(drawn)
    axes = drawn.subplots(rows, 1, squeeze=False)
    yield tuple(axes[:, 0])
    with open(path, "wb") as file:
        canvas.print_png(file)
