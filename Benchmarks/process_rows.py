"""What is measured of whole processes: start-up, memory, size."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from statistics import median

from contestants import CONTESTANTS, Entrants, preparation
from programs import LIBRARY_FOLDER
from rows import Row, all_rows
from workers import WorkerError

Tell = Callable[[str], None]

# Rows whose peak is measured, and the part of PyTorch's that is asked for.
MEMORY_ROWS: dict[str, float | None] = {
    "mlp train batch 64": None,
    "resnet20 train batch 128": 0.25,
}


@dataclass(frozen=True)
class ProcessResult:
    """A quantity of ours and of others, and what is asked of it.

    `ours` is None where it could not be measured, and `failure` says why."""

    name: str
    unit: str
    ours: float | None
    others: dict[str, float]
    asked: str = ""
    is_met: bool | None = None
    failure: str = ""


_TIMED = """
import sys, time
start = time.perf_counter()
{work}
print(time.perf_counter() - start)
"""

_IMPORTS = {
    "swiftnn": """
import numpy as np, swiftnn
model = swiftnn.Sequential([swiftnn.Input(shape=(4,)), swiftnn.layers.Dense(16, activation="relu"),
                            swiftnn.layers.Dense(3)])
model.predict(np.zeros((1, 4), np.float32), verbose=0)
""",
    "numpy's import alone": "import numpy",
    "PyTorch": """
import torch
model = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
with torch.inference_mode():
    model(torch.zeros(1, 4))
""",
}
_STARTUP_GOAL_SECONDS = 0.3


def startup(rounds: int, with_peers: bool, tell: Tell) -> ProcessResult:
    """Import to first prediction in a fresh process, in turn; the first round warms the disk."""
    times: dict[str, list[float]] = {}
    wanted = {n: work for n, work in _IMPORTS.items() if with_peers or n != "PyTorch"}
    for turn in range(rounds + 1):
        tell(f"start-up, round {turn} of {rounds}")
        for name, work in wanted.items():
            try:
                seconds = _run_timed(work)
            except WorkerError as error:
                if name == "swiftnn":
                    return ProcessResult("start-up", "ms", None, {}, failure=str(error))
                continue
            if turn > 0:
                times.setdefault(name, []).append(seconds)
    ours = median(times.pop("swiftnn"))
    return ProcessResult(
        "start-up: import to first prediction in Python", "ms", 1e3 * ours,
        {name: 1e3 * median(seconds) for name, seconds in times.items()},
        f"≤ {1e3 * _STARTUP_GOAL_SECONDS:g} ms", ours <= _STARTUP_GOAL_SECONDS,
    )  # fmt: skip


def _run_timed(work: str) -> float:
    environment = os.environ | dict(CONTESTANTS["swiftnn-python"].environment)
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(work=work)], env=environment, text=True,
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise WorkerError(done.stderr.splitlines()[-1])
    return float(done.stdout)


def peak_memory(entrants: Entrants, seconds: float, tell: Tell) -> list[ProcessResult]:
    """The most memory that fresh processes had while they trained: from C, and from Python."""
    rows = {row.name: row for row in all_rows()}
    return [
        result
        for name, share in MEMORY_ROWS.items()
        for result in _peaks(entrants, rows[name], share, seconds, tell)
    ]


def _peaks(
    entrants: Entrants, row: Row, share: float | None, seconds: float, tell: Tell
) -> list[ProcessResult]:
    """One row's peaks; `share` is the part of PyTorch's that is asked for, if any."""
    ours: dict[str, float] = {}
    others: dict[str, float] = {}
    for name in ("swiftnn", "swiftnn-python", "torch", "jax"):
        contestant = CONTESTANTS[name]
        tell(f"memory of {contestant.title}")
        try:
            mebibytes = _peak_mebibytes(entrants, name, row, seconds)
        except WorkerError as error:
            if contestant.is_ours:
                return [ProcessResult(f"peak memory: {row.name}", "MiB", None, {},
                                      failure=str(error))]  # fmt: skip
            continue
        (ours if contestant.is_ours else others)[contestant.title] = mebibytes
    theirs = others.get(CONTESTANTS["torch"].title)
    return [
        ProcessResult(
            f"peak memory: {row.name}, {title}", "MiB", mebibytes, others,
            f"≤ {share:g} × PyTorch's" if share else "",
            mebibytes <= share * theirs if share and theirs else None,
        )
        for title, mebibytes in ours.items()
    ]  # fmt: skip


def _peak_mebibytes(entrants: Entrants, name: str, row: Row, seconds: float) -> float:
    worker = entrants.fresh_worker(name)
    try:
        worker.ask("prepare", **preparation(row, entrants.output))
        worker.measure(seconds)
        return float(worker.ask("peak")["bytes"]) / 2**20
    finally:
        worker.end()


def library_size() -> ProcessResult:
    """The stripped library against the whole of what a peer's package installs."""
    packages = {"PyTorch": "torch", "ONNX Runtime": "onnxruntime", "OpenVINO": "openvino",
                "JAX": "jaxlib"}  # fmt: skip
    others = {}
    for title, package in packages.items():
        if size := _installed_bytes(package):
            others[title] = size / 1e6
    library = LIBRARY_FOLDER / "libswiftnn.so"
    if not library.exists():
        return ProcessResult("library size", "MB", None, others, failure="it is not built")
    megabytes = library.resolve().stat().st_size / 1e6
    return ProcessResult(
        "library size (peers: their package, without what it requires)", "MB",
        megabytes, others, "≤ 2 MB", megabytes <= 2,
    )  # fmt: skip


def _installed_bytes(package: str) -> int:
    try:
        installed: Sequence[object] = files(package) or []
    except PackageNotFoundError:
        return 0
    return sum(getattr(path, "size", 0) or 0 for path in installed)
