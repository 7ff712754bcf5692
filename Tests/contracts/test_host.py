"""Loading and using the library leaves the process that does it as it was."""

import os
import shutil
from pathlib import Path

import header
import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def host(tmp_path_factory, library):
    import subprocess

    program = tmp_path_factory.mktemp("host") / "host"
    subprocess.run(
        ["gcc", "-std=gnu11", "-O1", "-Wall", "-I", header.ROOT / "include", HERE / "host.c",
         "-o", program, "-ldl", "-lm"], check=True,
    )  # fmt: skip
    return program


def test_nothing_of_the_host_changes(host, library, run):
    run(host, library)


def test_nothing_changes_where_a_swift_toolchain_is_named(host, library, run):
    # With SWIFT_ROOT a regular Swift runtime takes over seven signals.
    swiftc = shutil.which("swiftc")
    if swiftc is None:
        pytest.skip("no Swift toolchain here to name")
    root = Path(swiftc).resolve().parents[1]
    run(host, library, env={**os.environ, "SWIFT_ROOT": str(root)})


def test_nothing_changes_in_a_german_locale_or_with_odd_variables(host, library, run):
    run(host, library, env={"LC_ALL": "de_DE.UTF-8", "SWIFTNN_NUM_THREADS": "nonsense"})
