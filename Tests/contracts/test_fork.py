"""A child of fork() uses its models, whatever other threads were doing at that moment."""

import header


def test_children_come_through(tmp_path, run, library):
    program = tmp_path / "fork"
    run(
        "gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
        "-I", header.HEADER.parent, header.ROOT / "Tests" / "contracts" / "fork.c",
        "-o", program, "-L", library.parent, "-lswiftnn", f"-Wl,-rpath,{library.parent}",
    )  # fmt: skip
    assert run(program).strip() == "0"
