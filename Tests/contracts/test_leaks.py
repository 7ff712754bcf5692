"""The C demo, one epoch of it, under valgrind: no leak, no bad access, no uninitialized value."""

import os

import header


def test_the_c_demo_leaks_nothing(tmp_path, run):
    run(
        "valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
        "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
        header.ROOT / "build" / "demo" / "digits", header.ROOT / "Examples" / "data", 1,
        # Valgrind calls a function for each fused multiply-add: the base set has none.
        cwd=tmp_path, env={**os.environ, "SWIFTNN_ISA": "base"},
    )  # fmt: skip
