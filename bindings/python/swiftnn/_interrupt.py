"""Ctrl-C during a call of the library."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class InterruptFlag:
    """While entered, Ctrl-C sets a flag instead of raising `KeyboardInterrupt` where it lands.

    A callback that C calls is no place for an exception: it may come before the callback's first
    line, where nothing catches it, and ctypes drops it. So the callback reads the flag, the
    library returns, and leaving the block raises what was asked for.

    Only Python's own handler is replaced, and only in the main thread; a handler of the host's
    keeps its signals.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._replaced = False

    def __enter__(self) -> InterruptFlag:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._handle)
            self._replaced = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._replaced = False
        if self.is_set and kind is None:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.is_set = True
