"""Traps left in the library, counted where they are.

A trap is a `ud2` or a call of something that ends the process. One that is left is a second line
of defence that no argument and no file may reach; the bad-argument table shows that. In the C
entry functions and in the kernels there shall be none: LEFT says how many stand, and it may only
go down.
"""

import re
from collections import Counter

import pytest

MODULES = (
    "SNNCore SNNKernelsBase SNNKernelsAVX2 SNNKernelsAVX512 SNNKernels SNNLinear SNNGraph "
    "SNNLayers SNNTraining SNNCheckpoint SwiftNN SwiftNNC"
).split()
LABEL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TRAP = re.compile(
    r"\tud2\b|\t(?:call|jmp)\w*\s.*<(?:abort|exit|_exit|__assert_fail|swift_unexpectedError"
    r"|swift_deletedMethodError|swift_abort\w*)(?:@plt)?>"
)


# Checks of array bounds in the entry functions' own steps; the kernels have none.
LEFT = {"C entry functions": 24, "kernels": 0}


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


@pytest.mark.parametrize("group", LEFT)
def test_no_more_traps_than_stood_before(functions, group):
    found = {f: n for f, n in functions.items() if n and module_of(f) == group}
    assert sum(found.values()) <= LEFT[group], found
