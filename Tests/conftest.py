"""What the contract tests share: the staged library, a compiler, and a place for figures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from header import ROOT

BUILD = ROOT / "build"
FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def library() -> Path:
    """The library as it is installed: stripped."""
    path = (BUILD / "lib" / "libswiftnn.so").resolve()
    assert path.is_file(), "build/lib/libswiftnn.so is missing: run `make` first"
    return path


@pytest.fixture(scope="session")
def debug_library(library: Path) -> Path:
    """The same library with its symbols."""
    return BUILD / "debug" / library.name


@pytest.fixture(scope="session")
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to what is said after the tests."""
    return request.config.stash.setdefault(FIGURES, []).append


@pytest.fixture
def run() -> Callable[..., str]:
    """Runs a command to its end; on failure the test shows all that it said."""

    def run(*command: object, **options: object) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=600, **options,
        )  # fmt: skip
        said = f"{' '.join(map(str, command))}\n{done.stdout}"
        assert done.returncode == 0, f"exit {done.returncode}: {said}"
        return done.stdout

    return run


@pytest.fixture
def build(tmp_path: Path, run: Callable[..., str], library: Path) -> Callable[[str], Path]:
    """Compiles a program of Tests/contracts."""

    def build(name: str) -> Path:
        program = tmp_path / name
        run(
            "gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
            "-I", ROOT / "include", ROOT / "Tests" / "contracts" / f"{name}.c",
            "-o", program, "-L", library.parent, "-lswiftnn", f"-Wl,-rpath,{library.parent}",
        )  # fmt: skip
        return program

    return build


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(FIGURES, [])
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
