"""Traps left in the library, counted where they are.

A trap is a `ud2` or a call of something that ends the process. One that is left is a second line
of defence that no argument and no file may reach; the bad-argument table shows that. In the C
entry functions and in the kernels there shall be none: traps.txt lists the ones that stand, and a
number may only go down.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

MODULES = (
    "SNNCore SNNKernelsBase SNNKernelsAVX2 SNNKernelsAVX512 SNNKernels SNNGraph SNNLayers "
    "SNNTraining SNNCheckpoint SwiftNN SwiftNNC"
).split()
LABEL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TRAP = re.compile(
    r"\tud2\b|\t(?:call|jmp)\w*\s.*<(?:abort|exit|_exit|__assert_fail|swift_unexpectedError"
    r"|swift_deletedMethodError|swift_abort\w*)(?:@plt)?>"
)


def module_of(function: str) -> str:
    """The target that a function was written in, by the name that the compiler gave it."""
    if function.startswith("snn_"):
        return "C entry functions"
    if function.startswith("snnk_"):
        return "kernels"
    for module in MODULES:
        if function.startswith(("$s", "$e")) and function[2:].startswith(f"{len(module)}{module}"):
            if module in ("SNNKernelsBase", "SNNKernelsAVX2", "SNNKernelsAVX512"):
                return "kernels"
            return "C entry functions" if module == "SwiftNNC" else module
    return "standard library and others"


def allowed() -> dict[str, int]:
    lines = (Path(__file__).parent / "traps.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: int(count) for name, count in rows}


@pytest.fixture(scope="module")
def functions(debug_library) -> dict[str, int]:
    """Every function of the library with the number of its traps."""
    import subprocess

    counts: dict[str, int] = {}
    current = ""
    with subprocess.Popen(
        ["objdump", "-d", "--no-show-raw-insn", debug_library], stdout=subprocess.PIPE, text=True
    ) as listing:
        assert listing.stdout is not None
        for line in listing.stdout:
            if label := LABEL.match(line.rstrip()):
                current = label[1]
                counts.setdefault(current, 0)
            elif TRAP.search(line):
                counts[current] = counts.get(current, 0) + 1
    assert listing.returncode == 0
    return counts


def test_traps_are_counted(functions, figure):
    per_module: Counter[str] = Counter()
    for function, count in functions.items():
        per_module[module_of(function)] += count
    figure("traps: " + ", ".join(f"{m} {n}" for m, n in sorted(per_module.items())))
    assert any(function.startswith("snn_") for function in functions), "symbols are missing"


def test_entry_functions_and_kernels_have_no_more_traps_than_listed(functions):
    found = {
        function: count
        for function, count in functions.items()
        if count and module_of(function) in ("C entry functions", "kernels")
    }
    listed = allowed()
    more = {f: n for f, n in found.items() if n > listed.get(f, 0)}
    assert more == {}
    fewer = {f: n for f, n in listed.items() if found.get(f, 0) < n}
    assert fewer == {}, "these went down: lower them in traps.txt too"
