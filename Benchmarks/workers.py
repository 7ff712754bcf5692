"""Processes that are measured: started once, asked by lines, and stopped while others run."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from neighbours import Moment, Neighbours

_PR_SET_PDEATHSIG = 1
# torch.compile takes minutes on a busy machine.
_PATIENCE_SECONDS = 900


class WorkerError(Exception):
    """A worker cannot do what it is asked; the message is the row's reason."""


class Worker:
    """One contestant's process.

    It is stopped (SIGSTOP) but for the time in which it answers: threads of its libraries that
    spin for a while after their work then take nothing from the next contestant, and every
    library keeps its own settings of how long to spin.

    Attributes
    ----------
    version : str
        What the process says of itself.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as words:
            self._process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=words, text=True, preexec_fn=_end_with_parent,
            )  # fmt: skip
        kind, _, self.version = self._answer().partition(" ")
        if kind != "ready":
            raise WorkerError(f"unexpected answer: {kind} {self.version}")
        self._pause()

    def ask(self, request: str, **values: object) -> dict[str, str]:
        """Ask, and give the values of the answer."""
        words = [request, *(f"{key}={value}" for key, value in values.items())]
        self._process.send_signal(signal.SIGCONT)
        try:
            self._requests.write(" ".join(words) + "\n")
            self._requests.flush()
        except BrokenPipeError:
            raise WorkerError(self._last_words()) from None
        kind, _, rest = self._answer().partition(" ")
        self._pause()
        if kind != "ok":
            raise WorkerError(rest)
        return dict(word.split("=", 1) for word in rest.split() if "=" in word)

    def measure(self, seconds: float, neighbours: Neighbours | None = None) -> float:
        """The median time of a call of what was prepared, in seconds."""
        before = Moment(self._process.pid)
        found = float(self.ask("measure", seconds=seconds)["seconds"])
        if neighbours is not None:
            neighbours.add(before, Moment(self._process.pid))
        return found

    def least(self, seconds: float) -> float:
        """The shortest time of a call, of programs that tell it."""
        return float(self.ask("measure", seconds=seconds)["least"])

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()

    @property
    def _requests(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(_PATIENCE_SECONDS):
                self.end()
                raise WorkerError(f"no answer in {_PATIENCE_SECONDS} s")
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise WorkerError(self._last_words())
        return line.rstrip("\n")

    def _last_words(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line]
        return lines[-1] if lines else f"ended with {self._process.poll()}"


def _end_with_parent() -> None:
    """A stopped process would outlive a runner that was killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
