"""The loop of the workers in Python: lines in, lines out, as README.md describes."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter
from typing import IO, Any

Request = dict[str, str]

# Calls shorter than this are timed several at a time, so that the clock costs nothing.
_SAMPLE_SECONDS = 50e-6


@dataclass(frozen=True)
class Work:
    """What is timed: a function without arguments, and how many of the row's calls it makes."""

    call: Callable[[], Any]
    calls: int = 1


def serve(version: str, prepare: Callable[[Request], Work]) -> None:
    """Answer requests until there are no more."""
    answers = _own_stdout()
    work = Work(lambda: None)

    def answer(text: str) -> None:
        answers.write(text + "\n")
        answers.flush()

    answer(f"ready {version}")
    for line in sys.stdin:
        request, *words = line.split()
        values = dict(word.split("=", 1) for word in words)
        try:
            if request == "prepare":
                # What was prepared before goes first: two large models may not fit.
                work = Work(lambda: None)
                gc.collect()
                work = prepare(values)
                work.call()
                answer("ok")
            elif request == "measure":
                answer(f"ok seconds={_median(work, float(values['seconds'])):.9g}")
            elif request == "peak":
                answer(f"ok bytes={_peak_bytes()}")
            else:
                answer(f"error unknown request {request}")
        except Exception as error:
            answer(f"error {_one_line(error)}")


def _own_stdout() -> IO[str]:
    """The runner's pipe, for answers alone: what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _timed(work: Work, count: int) -> float:
    call = work.call
    start = perf_counter()
    for _ in repeat(None, count):
        call()
    return (perf_counter() - start) / (count * work.calls)


def _median(work: Work, seconds: float) -> float:
    """The median time of a call over `seconds`, after calls that warm up."""
    gc.collect()
    gc.disable()
    try:
        end = perf_counter() + 0.1 * seconds
        one = _timed(work, 1)
        while perf_counter() < end:
            one = _timed(work, 1)
        # One, where a call takes longer than a sample.
        count = int(_SAMPLE_SECONDS / (one * work.calls)) + 1
        samples: list[float] = []
        end = perf_counter() + seconds
        while not samples or perf_counter() < end:
            samples.append(_timed(work, count))
    finally:
        gc.enable()
    samples.sort()
    return samples[len(samples) // 2]


def _peak_bytes() -> int:
    with open("/proc/self/status") as status:
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
    return int(found[1]) * 1024 if found else 0


def _one_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def shape_of(request: Request) -> tuple[int, ...]:
    """The shape of a batch, channels last."""
    sample = (int(size) for size in request["shape"].split(","))
    return (int(request["batch"]), *sample)
