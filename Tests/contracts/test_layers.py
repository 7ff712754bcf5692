"""Layers that the host computes, from C."""

import header


def test_a_layer_in_c(tmp_path, library, run):
    program = tmp_path / "layers"
    run(
        "gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror",
        "-I", header.HEADER.parent, header.ROOT / "Tests" / "contracts" / "layers.c",
        "-o", program, "-L", library.parent, "-lswiftnn", "-lm", "-lpthread",
        f"-Wl,-rpath,{library.parent}",
    )  # fmt: skip
    run(program)
