"""The progress of a training as text: a line that updates in place, or plain lines."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any, TextIO

_WIDTH = 20
_REDRAWS_EVERY = 0.05  # seconds; a terminal shows no more, and drawing costs time


class ProgressLine:
    """One line for each epoch.

    Parameters
    ----------
    verbose : int
        0: nothing. 1: a bar on a terminal, and one line an epoch elsewhere. 2: one line an epoch.
    stream : file, optional
        Where to write; standard output otherwise, as it is when the line is made.
    """

    def __init__(self, verbose: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._verbose = verbose
        self._draws = verbose == 1 and bool(getattr(self._stream, "isatty", lambda: False)())
        self._title = ""
        self._began = 0.0
        self._drawn = 0.0
        self._is_open = False

    def is_due(self) -> bool:
        """Whether `update` would show anything now."""
        return self._draws and time.monotonic() - self._drawn >= _REDRAWS_EVERY

    def begin(self, title: str) -> None:
        """Start a line: ``Epoch 3/40``."""
        self._title = title
        self._began = time.monotonic()
        self._drawn = 0.0

    def update(self, done: int, total: int, logs: dict[str, Any]) -> None:
        """Show how far the line is."""
        if not self.is_due():
            return
        self._drawn = now = time.monotonic()
        filled = _WIDTH * done // max(total, 1)
        bar = ("=" * filled + ">" + "." * _WIDTH)[:_WIDTH]
        text = f"{self._title} [{bar}] {done}/{total}{self._values(logs, now)}"
        # A text that goes on in the next row could not be drawn over.
        self._show(text[: shutil.get_terminal_size().columns - 1])
        self._is_open = True

    def end(self, logs: dict[str, Any]) -> None:
        """Finish the line with its values."""
        if self._verbose == 0:
            return
        self._show(f"{self._title}{self._values(logs, time.monotonic())}\n")
        self._is_open = False

    def abandon(self) -> None:
        """Leave a line that was begun as it stands, so that what follows has its own."""
        if self._is_open:
            self._stream.write("\n")
            self._stream.flush()
            self._is_open = False

    def _values(self, logs: dict[str, Any], now: float) -> str:
        parts = [f"{name}: {_shown(value)}" for name, value in logs.items()]
        return " " + " - ".join([*parts, f"{now - self._began:.1f}s"])

    def _show(self, text: str) -> None:
        # Back to the margin, the text, and what an older one was longer is cleared.
        self._stream.write(f"\r{text.rstrip()}\x1b[K" if self._draws else text.rstrip("\n"))
        if text.endswith("\n"):
            self._stream.write("\n")
        self._stream.flush()


def _shown(value: Any) -> str:
    """A number; or several, in brackets."""
    if getattr(value, "ndim", 0):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.4g}"
