"""A step and a prediction take no memory once they have run before."""

import header
import pytest

STEADY = ["fit", "train_on_batch", "predict", "predict_arrays"]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_steady_state_takes_no_memory(tmp_path, run, library, threads):
    program = tmp_path / "allocations"
    run(
        "gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror",
        "-I", header.HEADER.parent, header.ROOT / "Tests" / "contracts" / "allocations.c",
        "-o", program, "-L", library.parent, "-lswiftnn", f"-Wl,-rpath,{library.parent}",
    )  # fmt: skip
    report = run(program, header.ROOT / "Examples" / "data", threads)
    counted = dict(line.split() for line in report.splitlines())
    assert counted == dict.fromkeys(STEADY, "0")
