"""Who is measured, and how each one's process is started."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import programs
from programs import LIBRARY_FOLDER, ROOT, Program
from rows import LEARNING_RATE, Row
from workers import Worker, WorkerError

PEERS = ROOT / "Benchmarks" / "peers"

# Loaded by path: what the system's libblas.so is changes nothing.
_SYSTEM_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
OPENBLAS_PLACES = tuple(
    f"{folder}/{name}"
    for folder in _SYSTEM_FOLDERS
    for name in ("openblas-pthread/libopenblas.so.0", "libopenblas.so.0")
)
BLIS_PLACES = tuple(
    f"{folder}/{name}"
    for folder in _SYSTEM_FOLDERS
    for name in ("blis-openmp/libblis.so.4", "libblis.so.4")
)

# BLIS 0.9's number of its kernels for AVX-512, of arch_t in its bli_type_defs.h.
_BLIS_SKYLAKEX = "0"

# Inductor's own pool of compiling processes would stay beside the measurement.
_TORCH = {"TORCHINDUCTOR_COMPILE_THREADS": "1"}
_SWIFTNN = {
    "PYTHONPATH": str(ROOT / "bindings" / "python"),
    "SWIFTNN_LIBRARY": str(LIBRARY_FOLDER / "libswiftnn.so"),
}


@dataclass(frozen=True)
class Contestant:
    """One of those that are compared.

    Attributes
    ----------
    title : str
        How the table names it.
    command : callable
        Gives the command of its process, after building what that needs in a folder.
    is_ours : bool
        Whether it is there without anything installed.
    """

    title: str
    command: Callable[[Path], list[str]]
    is_ours: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, output: Path) -> Worker:
        """Start its process."""
        command = self.command(output / "programs")
        (output / "logs").mkdir(parents=True, exist_ok=True)
        log = output / "logs" / f"{self.title.replace(' ', '-')}.log"
        return Worker(command, self.environment, log)


def _program(program: Program, *arguments: str) -> Callable[[Path], list[str]]:
    return lambda folder: [str(program.build(folder)), *arguments]


def _python(script: str, *arguments: str) -> Callable[[Path], list[str]]:
    return lambda folder: [sys.executable, str(PEERS / script), *arguments]


def _bare_ctypes(folder: Path) -> list[str]:
    nothing = programs.NOTHING.build(folder)
    return [sys.executable, str(PEERS / "ctypes_peer.py"), str(nothing)]


CONTESTANTS: dict[str, Contestant] = {
    "swiftnn": Contestant("swiftnn from C", _program(programs.SWIFTNN), True),
    "swiftnn-python": Contestant(
        "swiftnn from Python", _python("swiftnn_peer.py"), True, _SWIFTNN
    ),
    "swiftnn-predictor": Contestant(
        "swiftnn's predictor in Python", _python("swiftnn_peer.py", "predictor"), True, _SWIFTNN
    ),
    "swiftnn-kernels": Contestant(
        "swiftnn's product", lambda folder: [str(programs.build_kernels())], True
    ),
    "ctypes": Contestant("bare ctypes call", _bare_ctypes, True),
    "torch": Contestant("PyTorch", _python("torch_peer.py", "eager"), environment=_TORCH),
    "torch-channels-last": Contestant(
        "PyTorch channels_last", _python("torch_peer.py", "channels_last"), environment=_TORCH
    ),
    "torch-compile": Contestant(
        "torch.compile", _python("torch_peer.py", "compile"), environment=_TORCH
    ),
    "onnxruntime": Contestant("ONNX Runtime", _python("onnxruntime_peer.py")),
    "openvino": Contestant("OpenVINO", _python("openvino_peer.py")),
    "jax": Contestant("JAX", _python("jax_peer.py"), environment={"JAX_PLATFORMS": "cpu"}),
    "kann": Contestant("KANN from Python", _python("kann_peer.py")),
    "fann": Contestant("FANN from C", _program(programs.FANN)),
    "openblas": Contestant("OpenBLAS", _program(programs.BLAS, *OPENBLAS_PLACES)),
    # A release older than the processor takes plain kernels or those of an older one, with half
    # the vectors: the best that it has are named to it.
    "openblas-avx512": Contestant(
        "OpenBLAS with SkylakeX kernels", _program(programs.BLAS, *OPENBLAS_PLACES),
        environment={"OPENBLAS_CORETYPE": "SKYLAKEX"},
    ),
    "blis": Contestant("BLIS", _program(programs.BLAS, *BLIS_PLACES)),
    "blis-avx512": Contestant(
        "BLIS with SkylakeX kernels", _program(programs.BLAS, *BLIS_PLACES),
        environment={"BLIS_ARCH_TYPE": _BLIS_SKYLAKEX},
    ),
    "limit-flops": Contestant("limit of arithmetic", _program(programs.LIMITS), True),
    "limit-memory": Contestant("limit of memory", _program(programs.LIMITS), True),
}  # fmt: skip


class Entrants:
    """The processes of one run: each is started when a row first wants it."""

    def __init__(self, output: Path, with_peers: bool) -> None:
        self.output = output
        self.with_peers = with_peers
        self._workers: dict[str, Worker] = {}
        self._missing: dict[str, str] = {}

    def worker(self, name: str) -> Worker:
        """The process of a contestant.

        Raises
        ------
        WorkerError
            It cannot be started, now or before: it is not installed.
        """
        contestant = CONTESTANTS[name]
        if name in self._missing:
            raise WorkerError(self._missing[name])
        if name not in self._workers:
            if not (contestant.is_ours or self.with_peers):
                raise WorkerError("left out")
            try:
                self._workers[name] = contestant.start(self.output)
            except WorkerError as error:
                self._missing[name] = f"not installed: {error}"
                raise WorkerError(self._missing[name]) from None
        return self._workers[name]

    def fresh_worker(self, name: str) -> Worker:
        """A process of its own, which the caller ends."""
        if name in self._missing or not (CONTESTANTS[name].is_ours or self.with_peers):
            raise WorkerError(self._missing.get(name, "left out"))
        return CONTESTANTS[name].start(self.output)

    def prepared(self, name: str, row: Row) -> Worker:
        """The process of a contestant, ready for a row."""
        worker = self.worker(name)
        worker.ask("prepare", **preparation(row, self.output))
        return worker

    def forget(self, name: str) -> None:
        """End a process that failed; the next row that wants it starts it anew."""
        if worker := self._workers.pop(name, None):
            worker.end()

    def versions(self) -> dict[str, str]:
        """What those that took part say of themselves."""
        return {CONTESTANTS[name].title: w.version for name, w in self._workers.items()}

    def end(self) -> None:
        """End all processes."""
        for name in list(self._workers):
            self.forget(name)


def preparation(row: Row, output: Path) -> dict[str, object]:
    """What a worker is told of a row; each takes what concerns it."""
    told: dict[str, object] = {"mode": row.mode, "threads": row.threads}
    if row.network is None:
        return told | dict(zip("mnk", row.sizes))
    network = row.network
    folder = output / "models"
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{network.name}.json"
    model.write_text(network.json())
    shape = ",".join(map(str, network.input_shape))
    told |= {
        "network": network.name, "batch": row.batch, "shape": shape, "classes": network.classes,
        "model": model, "onnx": folder / f"{network.name}.onnx", "rate": LEARNING_RATE,
        "optimizer": row.optimizer or "none",
        "trainer": _compact(_trainer_options(row)),
        "session": _compact({"threads": row.threads, "batch_capacity": row.batch}),
    }  # fmt: skip
    if network.dense:
        told["dense"] = ",".join(map(str, network.dense))
    return told


def _trainer_options(row: Row) -> dict[str, object]:
    config = {"learning_rate": LEARNING_RATE}
    if row.optimizer == "sgd":
        config["momentum"] = 0.9
    loss = {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}
    return {
        "optimizer": {"class_name": row.optimizer, "config": config},
        "loss": loss,
        "threads": row.threads,
    }


def _compact(options: dict[str, object]) -> str:
    """As one word of a line."""
    return json.dumps(options, separators=(",", ":"))
