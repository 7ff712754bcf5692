"""Programs under valgrind: no leak, no bad access, no uninitialized value."""

import os

import header
import pytest


@pytest.fixture
def watch(tmp_path, run):
    """Runs a program under valgrind."""

    def watch(*program: object) -> str:
        return run(
            "valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", *program,
            # Valgrind calls a function for each fused multiply-add: the base set has none.
            cwd=tmp_path, env={**os.environ, "SWIFTNN_ISA": "base"},
        )  # fmt: skip

    return watch


def test_the_c_demo_leaks_nothing(watch):
    """One epoch of it."""
    watch(header.ROOT / "build" / "demo" / "digits", header.ROOT / "Examples" / "data", 1)


def test_what_fails_at_its_creation_leaves_nothing(build, watch):
    assert watch(build("failures")).strip().endswith("0")
