"""The same seed, the same bits: the C demo, two epochs of it, in whatever way it is run."""

import os
import subprocess
from pathlib import Path

import pytest
from header import ROOT

FLAGS = Path("/proc/cpuinfo").read_text()


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """Trains under an environment; the bytes of the saved file and of the predictions."""

    def train(**environment: str) -> tuple[bytes, bytes]:
        folder = tmp_path_factory.mktemp("run")
        subprocess.run(
            [ROOT / "build" / "demo" / "digits", ROOT / "Examples" / "data", "2"], cwd=folder,
            env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return (folder / "digits.h5").read_bytes(), (folder / "predictions_c.bin").read_bytes()

    return train


@pytest.fixture(scope="module")
def usual(train):
    return train()


def test_a_second_run_gives_the_same_bytes(train, usual):
    assert train() == usual


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_the_number_of_threads_changes_no_bit(train, usual, threads):
    assert train(SWIFTNN_NUM_THREADS=threads) == usual


@pytest.mark.skipif("avx512f" not in FLAGS, reason="this processor has no AVX-512")
def test_avx2_gives_the_bits_of_avx512(train, usual):
    assert train(SWIFTNN_ISA="avx2") == usual == train(SWIFTNN_ISA="avx512")


def test_the_base_set_runs(train):
    train(SWIFTNN_ISA="base")


def test_the_regular_build_gives_the_bits_of_the_embedded_one(train, usual, tmp_path):
    swift = ["swift", "build", "--product", "swiftnn"]
    subprocess.run(swift, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    folder = subprocess.run(
        [*swift, "--show-bin-path"], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()
    (tmp_path / "libswiftnn.so.0").symlink_to(Path(folder) / "libswiftnn.so")
    assert train(LD_LIBRARY_PATH=str(tmp_path)) == usual
