"""Builds what the contestants are started from."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workers import WorkerError

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "Benchmarks" / "programs"


@dataclass(frozen=True)
class Program:
    """A C program, or a shared object where its options say so."""

    name: str
    options: tuple[str, ...] = ()

    def build(self, folder: Path) -> Path:
        """Compile it into `folder` where it is older than its sources."""
        source, target = SOURCES / f"{self.name}.c", folder / self.name
        sources = [*SOURCES.iterdir(), ROOT / "include" / "swiftnn.h"]
        newest = max(path.stat().st_mtime for path in sources)
        if target.exists() and target.stat().st_mtime > newest:
            return target
        folder.mkdir(parents=True, exist_ok=True)
        command = [os.environ.get("CC", "gcc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror",
                   str(source), "-o", str(target), *self.options]  # fmt: skip
        _run(command, f"{self.name}.c cannot be compiled")
        return target


LIBRARY_FOLDER = ROOT / "build" / "lib"

SWIFTNN = Program(
    "swiftnn_worker",
    (f"-I{ROOT / 'include'}", f"-L{LIBRARY_FOLDER}", "-lswiftnn", f"-Wl,-rpath,{LIBRARY_FOLDER}"),
)
FANN = Program("fann_worker", ("-lfloatfann", "-lm"))
BLAS = Program("blas_worker", ("-ldl",))
LIMITS = Program("limits_worker", ("-pthread",))
NOTHING = Program("nothing", ("-shared", "-fPIC"))


def build_kernels() -> Path:
    """The Swift program that calls the layers' matrix product, in SwiftPM's release build."""
    # CC and CXX would make SwiftPM call them with options that only clang knows.
    environment = {key: value for key, value in os.environ.items() if key not in ("CC", "CXX")}
    command = ["swift", "build", "-c", "release", "--product", "swiftnn-bench-kernels"]
    _run(command, "swiftnn-bench-kernels cannot be built", environment)
    return ROOT / ".build" / "release" / "swiftnn-bench-kernels"


def _run(command: list[str], failure: str, environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except OSError as error:
        raise WorkerError(f"{failure}: {error}") from None
    if done.returncode != 0:
        wrong = [line for line in done.stdout.splitlines() if "error" in line] or [done.stdout]
        raise WorkerError(f"{failure}: {wrong[0].strip()}")
