"""The rows of `make bench`: data alone. A later layer's workload is one more entry here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models import NETWORKS, Network


@dataclass(frozen=True)
class Goal:
    """What is asked of a row: a speed over the best peer's of at least `speed`, or a time over
    the peer's of at most `time`."""

    speed: float | None = None
    time: float | None = None

    def is_met(self, speed: float) -> bool:
        """Whether this speed over the peer's is enough."""
        if self.speed is not None:
            return speed >= self.speed
        return self.time is not None and 1 / speed <= self.time

    def __str__(self) -> str:
        if self.speed is not None:
            return f"≥ {self.speed:g}"
        return f"time ≤ {self.time:g} ×"


@dataclass(frozen=True)
class Row:
    """One measurement, of us and of the peers that it names.

    Attributes
    ----------
    mode : str
        "train", "predict" or "sgemm".
    amount : float
        What one call works through, in the unit's terms.
    unit : str
        "µs" and "ms" are times of a call; any other one is an amount per second.
    flops, bytes : float
        Operations of one call, and memory that it cannot but move.
    moves : str
        Whether those bytes are read ("read") or read and written again ("update").
    threads, limit_threads : int
        Of each contestant, and of the machine's limit where that is another number.
    limit_goal : float
        The share of the machine's limit that is asked, or 0.
    recorded : mapping
        Seconds of a call that stand in PERFORMANCE and cannot be measured here.
    """

    name: str
    mode: str
    peers: tuple[str, ...]
    unit: str
    amount: float
    flops: float
    bytes: float
    network: Network | None = None
    batch: int = 0
    sizes: tuple[int, int, int] = (0, 0, 0)
    optimizer: str = ""
    threads: int = 2
    limit_threads: int = 0
    ours: str = "swiftnn"
    moves: str = "read"
    goal: Goal | None = None
    limit_goal: float = 0
    recorded: Mapping[str, float] = field(default_factory=dict)

    def value(self, seconds: float) -> float:
        """A call's time in the row's unit."""
        if self.unit in ("µs", "ms"):
            return seconds * {"µs": 1e6, "ms": 1e3}[self.unit]
        return self.amount / seconds


# What is over before a second thread could help is held against the limit of one.
_FLOPS_WORTH_A_THREAD = 1e6

# A fixed batch must stay what it is through millions of steps: with a usual rate a network learns
# it by heart, units die and moments become subnormal, which is slow for reasons that real
# training does not have. The arithmetic of a step does not depend on the rate.
LEARNING_RATE = 1e-8

# Bytes that an optimizer's step moves for each parameter: reads and writes of float32.
OPTIMIZER_BYTES = {"adam": 28, "sgd": 20}

TRAINERS = ("torch", "torch-compile", "jax")
PREDICTORS = ("torch", "torch-compile", "onnxruntime", "openvino")
BLAS = ("openblas", "openblas-avx512", "blis", "blis-avx512", "torch")

SGEMM_SIZES = (
    (256, 256, 256), (1024, 1024, 1024), (2048, 2048, 2048), (64, 512, 784), (512, 512, 784),
    (64, 512, 512), (64, 64, 576), (16, 1024, 144),
)  # fmt: skip


def _sgemm(sizes: tuple[int, int, int], threads: int) -> Row:
    m, n, k = sizes
    flops = 2 * m * n * k
    return Row(
        f"sgemm {m}x{n}x{k} {threads} thread{'s' * (threads > 1)}", "sgemm", BLAS, "GFLOP/s",
        flops / 1e9, flops, 4 * (m * k + k * n + m * n), sizes=sizes, threads=threads,
        ours="swiftnn-kernels", goal=Goal(speed=1.0 if threads == 1 else 1.15),
        limit_goal=0.92 if sizes == (1024, 1024, 1024) and threads == 1 else 0,
    )  # fmt: skip


def _train(
    name: str, network: str, batch: int, optimizer: str, unit: str,
    peers: tuple[str, ...] = TRAINERS, goal: Goal | None = None, ours: str = "swiftnn",
    recorded: Mapping[str, float] | None = None,
) -> Row:  # fmt: skip
    model = NETWORKS[network]
    return Row(
        name, "train", peers, unit, batch, batch * model.training_flops,
        OPTIMIZER_BYTES[optimizer] * model.parameters, network=model, batch=batch,
        limit_threads=_limit_threads(batch * model.training_flops), optimizer=optimizer,
        moves="update", ours=ours, goal=goal, recorded=recorded or {},
    )  # fmt: skip


def _predict(
    name: str, network: str, batch: int, unit: str, peers: tuple[str, ...] = PREDICTORS,
    goal: Goal | None = None, ours: str = "swiftnn",
) -> Row:  # fmt: skip
    model = NETWORKS[network]
    return Row(
        name, "predict", peers, unit, batch, batch * model.forward_flops, 4 * model.parameters,
        network=model, batch=batch, limit_threads=_limit_threads(batch * model.forward_flops),
        ours=ours, goal=goal,
    )  # fmt: skip


def _limit_threads(flops: float) -> int:
    return 1 if flops < _FLOPS_WORTH_A_THREAD else 2


def _dense_rows() -> Iterator[Row]:
    yield _train("mlp train batch 64", "mlp", 64, "adam", "samples/s",
                 (*TRAINERS, "kann"), Goal(speed=1.25))  # fmt: skip
    yield _train("mlp train batch 512", "mlp", 512, "adam", "samples/s", goal=Goal(speed=1.0))
    yield _predict("mlp predict batch 1", "mlp", 1, "µs", (*PREDICTORS, "kann"),
                   Goal(speed=1.2))  # fmt: skip
    yield _predict("mlp predict batch 64", "mlp", 64, "samples/s", goal=Goal(speed=1.0))
    yield _predict("mlp predict batch 512", "mlp", 512, "samples/s", goal=Goal(speed=1.0))
    yield _predict("tiny predict batch 1 from C", "tiny", 1, "µs",
                   ("fann", "kann", *PREDICTORS, "jax"), Goal(speed=2.5))  # fmt: skip
    yield _train("tiny train step batch 16", "tiny", 16, "adam", "µs", ("kann", *TRAINERS),
                 Goal(speed=2.0), recorded={"KANN from C, recorded on Zen 4": 4.1e-6})  # fmt: skip
    yield _predict("tiny predict batch 1 Python over bare ctypes", "tiny", 1, "µs",
                   ("ctypes",), Goal(time=4.0), ours="swiftnn-python")  # fmt: skip
    yield _predict("tiny predict batch 1 Python predictor over bare ctypes", "tiny", 1, "µs",
                   ("ctypes",), Goal(time=2.0), ours="swiftnn-predictor")  # fmt: skip
    yield _train("mlp train batch 64 Python over C", "mlp", 64, "adam", "samples/s",
                 ("swiftnn",), Goal(time=1.05), ours="swiftnn-python")  # fmt: skip


def _image_rows() -> Iterator[Row]:
    for batch in (32, 128):
        yield _train(f"resnet20 train batch {batch}", "resnet20", batch, "sgd", "images/s",
                     ("torch", "torch-channels-last", "torch-compile", "jax"),
                     Goal(speed=1.3))  # fmt: skip
    yield _predict("resnet20 predict batch 1", "resnet20", 1, "µs", goal=Goal(speed=1.1))
    yield _predict("resnet20 predict batch 32", "resnet20", 32, "images/s", goal=Goal(speed=1.05))
    yield _predict("resnet18 224x224 predict batch 1", "resnet18", 1, "ms", goal=Goal(speed=1.1))
    yield _train("resnet18 224x224 train batch 8", "resnet18", 8, "sgd", "images/s",
                 ("torch", "torch-compile"), Goal(speed=1.3))  # fmt: skip
    yield _predict("mobilenetv2 224x224 predict batch 1", "mobilenetv2", 1, "ms",
                   goal=Goal(speed=1.0))  # fmt: skip


def _later_rows() -> Iterator[Row]:
    """Workloads of layers that may not be there yet: they then say so, and count for nothing."""
    yield _train("lstm train batch 32", "lstm", 32, "adam", "sequences/s")
    yield _predict("lstm predict batch 1", "lstm", 1, "µs")
    yield _predict("lstm predict batch 32", "lstm", 32, "sequences/s")
    yield _train("encoder train batch 16", "encoder", 16, "adam", "sequences/s",
                 ("torch", "torch-compile"))  # fmt: skip
    yield _predict("encoder predict batch 1", "encoder", 1, "ms")
    yield _predict("encoder predict batch 32", "encoder", 32, "sequences/s")


def all_rows() -> list[Row]:
    """Every row, in the order of the table."""
    products = [_sgemm(sizes, threads) for threads in (1, 2) for sizes in SGEMM_SIZES]
    return [*products, *_dense_rows(), *_image_rows(), *_later_rows()]
