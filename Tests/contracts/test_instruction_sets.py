"""Whole trainings in every instruction set, here and on emulated processors that have no other.

The three models of train.c: each activation, batch normalization, dropout and residual addition,
SGD with momentum and Adam, batch sizes that leave a short last batch. What is compared is the
whole saved state of the training, byte for byte.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
from header import HEADER, ROOT

FLAGS = Path("/proc/cpuinfo").read_text()
QEMU = shutil.which("qemu-x86_64")
MODELS = ("classifier", "regressor", "probabilities")
# Units of a layer: enough for its work to be cut for several threads, and few for the emulator.
# Both are even, for glu.
WIDE, NARROW = "24", "4"

# The library chooses by itself where it is not told.
UNTOLD = {name: value for name, value in os.environ.items() if name != "SWIFTNN_ISA"}

needs_avx2 = pytest.mark.skipif("avx2" not in FLAGS, reason="this processor has no AVX2")
needs_avx512 = pytest.mark.skipif("avx512f" not in FLAGS, reason="this processor has no AVX-512")
needs_qemu = pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 (Debian's qemu-user) is missing")


def compiled(source: Path, program: Path, library: Path) -> Path:
    subprocess.run(
        ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-I", HEADER.parent, source,
         "-o", program, "-L", library.parent, "-lswiftnn", "-lm", f"-Wl,-rpath,{library.parent}"],
        check=True,
    )  # fmt: skip
    return program


@pytest.fixture(scope="module")
def trained(tmp_path_factory, library):
    """Trains under an environment, once for each; returns the folder of the files and the number
    of threads that there were."""
    source = ROOT / "Tests" / "contracts" / "train.c"
    program = compiled(source, tmp_path_factory.mktemp("program") / "train", library)
    done: dict[object, tuple[Path, int]] = {}

    def trained(isa: str, threads: int = 2, units: str = WIDE, cpu: str = "") -> tuple[Path, int]:
        key = (isa, threads, units, cpu)
        if key not in done:
            folder = tmp_path_factory.mktemp("trained")
            environment = {**UNTOLD, "SWIFTNN_NUM_THREADS": str(threads)}
            if not cpu:
                environment["SWIFTNN_ISA"] = isa
            said = subprocess.run(
                [*([QEMU, "-cpu", cpu] if cpu else []), program, folder, units], check=True,
                env=environment, text=True, timeout=300, stdout=subprocess.PIPE,
            ).stdout.splitlines()  # fmt: skip
            assert json.loads(said[0])["instruction_set"] == isa
            done[key] = folder, int(said[1])
        return done[key]

    return trained


def files(folder: Path) -> list[bytes]:
    return [(folder / f"{name}.h5").read_bytes() for name in MODELS]


def assert_same_bytes(a: Path, b: Path) -> None:
    assert [x == y for x, y in zip(files(a), files(b))] == [True] * len(MODELS)


@needs_avx512
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("isa", ["avx2", "avx512"])
def test_a_training_has_the_same_bytes_for_each_vector_set_and_number_of_threads(
    trained, isa, threads
):
    folder, threads_seen = trained(isa, threads)
    assert (threads_seen > 1) == (threads > 1), "the work was not cut: nothing is proved"
    assert_same_bytes(folder, trained("avx512", 1)[0])


@pytest.mark.parametrize("threads", [2, 5])
def test_the_base_set_has_the_same_bytes_for_each_number_of_threads(trained, threads):
    folder, threads_seen = trained("base", threads)
    assert threads_seen > 1, "the work was not cut: nothing is proved"
    assert_same_bytes(folder, trained("base", 1)[0])


def weights(path: Path) -> dict[str, np.ndarray]:
    found = {}

    def keep(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and name.startswith("model_weights/"):
            found[name] = item[...]

    with h5py.File(path) as file:
        file.visititems(keep)
    return found


@needs_avx2
@pytest.mark.parametrize("name", MODELS)
def test_the_base_set_agrees_to_rounding(trained, name):
    base, other = (weights(trained(isa)[0] / f"{name}.h5") for isa in ("base", "avx2"))
    assert base.keys() == other.keys() and len(base) > 5
    for key, values in base.items():
        np.testing.assert_allclose(values, other[key], rtol=1e-4, atol=1e-4, err_msg=key)


# No instruction is reached that the processor lacks: the emulator refuses those. Opteron_G1 is
# the first of all, without SSSE3, SSE4 and POPCNT.
@needs_qemu
@pytest.mark.parametrize("cpu", ["Nehalem", "Opteron_G1"])
def test_a_processor_without_avx_trains_to_the_bytes_of_the_base_set(trained, cpu):
    assert_same_bytes(trained("base", units=NARROW, cpu=cpu)[0], trained("base", units=NARROW)[0])


@needs_qemu
@needs_avx2
def test_a_processor_without_avx512_trains_to_the_bytes_of_avx2(trained):
    emulated, _ = trained("avx2", units=NARROW, cpu="Haswell-noTSX")
    assert_same_bytes(emulated, trained("avx2", units=NARROW)[0])


@needs_qemu
@pytest.mark.parametrize("cpu", ["Nehalem", "Haswell-noTSX"])
def test_the_c_consumer_runs_on_that_processor(tmp_path, library, run, cpu):
    consumer = ROOT / "Tests" / "consumers" / "consumer.c"
    run(QEMU, "-cpu", cpu, compiled(consumer, tmp_path / "consumer", library), env=UNTOLD)
