"""How much of a training one call may do."""

from __future__ import annotations

import time
from numbers import Real
from typing import Any

from . import _lib
from .errors import ArgumentError


class Budget:
    """Steps and seconds, from now on; None is no limit."""

    def __init__(
        self, trainer: _lib.Handle, max_steps: int | None, max_seconds: float | None
    ) -> None:
        if max_steps is not None and not (
            isinstance(max_steps, Real) and max_steps >= 1 and float(max_steps).is_integer()
        ):
            raise ArgumentError(f"max_steps: expected a number from 1, received {max_steps!r}")
        if max_seconds is not None and not (
            isinstance(max_seconds, Real) and 0 <= max_seconds <= 1e9
        ):
            raise ArgumentError(f"max_seconds: expected 0 to 1e9, received {max_seconds!r}")
        self._trainer = trainer
        self._last_step = None if max_steps is None else self._step + int(max_steps)
        self._deadline = None if max_seconds is None else time.monotonic() + max_seconds

    @property
    def _step(self) -> int:
        return int(_lib.call("snn_trainer_get_position", self._trainer)[2])

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        if self._last_step is not None and self._step >= self._last_step:
            return True
        return self._deadline is not None and time.monotonic() >= self._deadline

    def options(self) -> dict[str, Any]:
        """What is left, as options of the library's fit."""
        options: dict[str, Any] = {}
        if self._last_step is not None:
            options["max_steps"] = max(1, self._last_step - self._step)
        if self._deadline is not None:
            options["max_milliseconds"] = max(0.0, 1000 * (self._deadline - time.monotonic()))
        return options
