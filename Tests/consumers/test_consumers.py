"""Programs outside of this repository find, compile against and run the installed library."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from header import ROOT

HERE = Path(__file__).parent
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# `make test` may run this: its make is not the one to speak to, nor are its places the ones.
MAKES_OWN = "MAKEFLAGS MAKELEVEL MFLAGS PREFIX DESTDIR LIBDIR INCLUDEDIR".split()
OUTSIDE = {k: v for k, v in os.environ.items() if k not in MAKES_OWN}


def install(*variables: str) -> None:
    command = ["make", "--no-print-directory", "-C", str(ROOT), "install", *variables]
    subprocess.run(command, check=True, env=OUTSIDE, stdout=subprocess.PIPE)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory) -> Path:
    prefix = tmp_path_factory.mktemp("installed") / "a place with blanks"
    install(f"PREFIX={prefix}")
    return prefix


@pytest.fixture(scope="module")
def staged(tmp_path_factory) -> Path:
    """What a Debian package would hold."""
    root = tmp_path_factory.mktemp("root")
    install("PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu", f"DESTDIR={root}")
    return root


def pkg_config(prefix: Path, **environment: str) -> list[str]:
    done = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "swiftnn"], check=True, text=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PKG_CONFIG_PATH": str(prefix / "pkgconfig"), **environment},
    )  # fmt: skip
    import shlex

    return shlex.split(done.stdout)


def test_everything_is_in_its_place(staged):
    lib = "usr/lib/x86_64-linux-gnu"
    found = {str(p.relative_to(staged)) for p in staged.rglob("*") if not p.is_dir()}
    assert found == {
        "usr/include/swiftnn.h",
        f"{lib}/libswiftnn.so",
        f"{lib}/libswiftnn.so.0",
        f"{lib}/libswiftnn.so.0.1.0",
        f"{lib}/pkgconfig/swiftnn.pc",
        f"{lib}/cmake/swiftnn/swiftnn-config.cmake",
        f"{lib}/cmake/swiftnn/swiftnn-config-version.cmake",
    }
    assert os.readlink(staged / lib / "libswiftnn.so") == "libswiftnn.so.0"
    assert os.readlink(staged / lib / "libswiftnn.so.0") == "libswiftnn.so.0.1.0"
    for path in (staged / lib).rglob("swiftnn*"):
        assert path.is_dir() or str(staged) not in path.read_text()


def test_c99_through_pkg_config(staged, tmp_path, run):
    lib = staged / "usr/lib/x86_64-linux-gnu"
    flags = pkg_config(lib, PKG_CONFIG_SYSROOT_DIR=str(staged))
    run("gcc", "-std=c99", *STRICT, HERE / "consumer.c", "-o", tmp_path / "consumer", *flags, "-lm")
    run(tmp_path / "consumer", env={"LD_LIBRARY_PATH": str(lib)})


@pytest.mark.parametrize("standard", ["c++98", "c++17"])
def test_cpp_through_pkg_config(standard, prefix, tmp_path, run):
    flags = pkg_config(prefix / "lib")
    run("g++", f"-std={standard}", *STRICT, "-Wno-long-long", HERE / "consumer.cpp",
        "-o", tmp_path / "consumer", *flags)  # fmt: skip
    run(tmp_path / "consumer", env={"LD_LIBRARY_PATH": str(prefix / "lib")})


def test_cmake_finds_the_package_where_it_was_moved_to(prefix, tmp_path, run):
    moved = tmp_path / "moved"
    shutil.copytree(prefix, moved, symlinks=True)
    build = tmp_path / "build"
    run("cmake", "-S", HERE, "-B", build, f"-DCMAKE_PREFIX_PATH={moved}")
    run("cmake", "--build", build)
    run(build / "consumer-c")
    run(build / "consumer-cpp")


def test_cmake_refuses_another_minor_version(prefix, tmp_path):
    done = subprocess.run(
        ["cmake", "-S", HERE, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}", "-DWANTED=0.2"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode != 0
    assert 'compatible with requested version "0.2"' in " ".join(done.stdout.split())
