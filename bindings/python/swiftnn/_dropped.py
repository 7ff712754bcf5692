"""What Python's functions raise while C calls them.

C knows no exceptions. What such a function raises is kept for its thread, the library is told that
it failed, and the call that led there raises it when it returns, whatever its status is. A signal's
handler may raise before the function's first line or after its last, where nothing catches it:
ctypes drops that exception and gives C an answer that means nothing. It is heard of through
`sys.unraisablehook`, which is ours while such calls are under way.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

# By thread: what was raised and not yet raised again.
_pending: dict[int, BaseException] = {}
_NAME = "swiftnn.entry"


def entry(work: Callable[..., int | None], failed: int) -> Callable[..., int]:
    """A function for C: `failed` where `work` raises, else what it returns, or 0.

    After an exception that was dropped it is `failed`, and nothing is called.
    """

    def entered(*arguments: Any) -> int:
        try:
            if _pending and threading.get_ident() in _pending:
                return failed
            return work(*arguments) or 0
        except BaseException as error:
            keep(error)
            return failed

    # By which the hook knows it.
    entered.__qualname__ = _NAME
    return entered


def keep(error: BaseException) -> None:
    """Have it raised by the call that is under way; the first one counts."""
    _pending.setdefault(threading.get_ident(), error)


def check() -> None:
    """Raise what was kept on this thread."""
    if _pending:
        error = _pending.pop(threading.get_ident(), None)
        if error is not None:
            raise error


class _Watch:
    """Has the hook replaced as long as calls are under way, on any thread.

    A signal's handler may raise in here too: then a call is counted that is over, and the hook
    stays ours, which passes on what is not.
    """

    def __init__(self) -> None:
        # Whether a layer or loss is a function of Python's: others' calls need no watch.
        self.is_needed = False
        self._lock = threading.Lock()
        self._calls = 0
        self._before: Callable[[Any], Any] = sys.unraisablehook
        self._passing = threading.local()

    def __enter__(self) -> None:
        with self._lock:
            self._calls += 1
            if sys.unraisablehook is not _hear:
                self._before = sys.unraisablehook
                sys.unraisablehook = _hear

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._calls -= 1
            if self._calls == 0 and sys.unraisablehook is _hear:
                sys.unraisablehook = self._before

    def hear(self, dropped: Any) -> None:
        """The hook."""
        name = getattr(dropped.object, "__qualname__", "")
        # From Python 3.13 on the function is in the text alone. Handles are freed at any moment:
        # what a signal's handler raises then is of the call that is under way.
        if name in (_NAME, "Handle.__del__") or f"<function {_NAME} at" in (dropped.err_msg or ""):
            keep(dropped.exc_value or dropped.exc_type())
        elif getattr(self._passing, "on", False):
            # Who was passed it passed it back: a hook that was chained to ours.
            sys.__unraisablehook__(dropped)
        else:
            self._passing.on = True
            try:
                self._before(dropped)
            finally:
                self._passing.on = False

    def begin_anew(self) -> None:
        """In a child process, where the other threads' calls are none."""
        self._lock = threading.Lock()
        self._calls = 0


watch = _Watch()
_hear = watch.hear
os.register_at_fork(after_in_child=watch.begin_anew)


def use() -> None:
    """From now on any call may come to a layer or loss of Python's."""
    watch.is_needed = True


def kept(function: Callable[..., int], *arguments: Any) -> int:
    """Call C; what was dropped on the way waits for `check`."""
    if not watch.is_needed:
        return function(*arguments)
    with watch:
        return function(*arguments)


def raising(function: Callable[..., int], *arguments: Any) -> Callable[[], int]:
    """A call of C, to be made again and again, that raises what functions of Python's raised."""
    if not watch.is_needed:
        return functools.partial(function, *arguments)

    def run() -> int:
        with watch:
            status = function(*arguments)
        check()
        return status

    return run
