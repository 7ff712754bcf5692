#!/usr/bin/env python3
"""Check that a library runs on a CPU without AVX: `check_library_symbols.py LIBRARY`.

Reads the disassembly of the unstripped library and fails when an instruction that the base set
lacks (VEX or EVEX encoded, or POPCNT, LZCNT, MOVBE) stands outside of the functions that are
reached through a kernel table only: snnk_avx2_*, snnk_avx512_*, and those mangled with the Swift
modules SNNKernelsAVX2 and SNNKernelsAVX512. Those in turn may call nothing but their own set: the
linker keeps one copy of a weak function, such as a specialization of the standard library, and one
compiled for another set takes its vectors in other registers. Nobody else may call them by name.

A function that the linker folded with others has all their names: it is a vector function when
each of them is. Code that belongs to no symbol is nobody's. `--self-test` proves that the check
can fail.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

# In 64-bit code these first bytes begin nothing else (Intel SDM, volume 2, 2.3 and 2.7).
VEX_AND_EVEX = {"c4", "c5", "62"}
LEGACY_PREFIXES = {"66", "67", "f0", "f2", "f3", "2e", "36", "3e", "26", "64", "65"}
OTHER_BEYOND_BASE = {"popcnt", "lzcnt", "movbe"}

VECTOR_FUNCTION = re.compile(
    r"snnk_avx(2|512)_|\$[se].*(?:14SNNKernelsAVX(?=2)|16SNNKernelsAVX(?=512))(2|512)")
BRANCH = re.compile(r"(?:call|j[a-z]+)\s.*\b([0-9a-f]+) <([^>]+?)(?:\+0x[0-9a-f]+)?>")
SYMBOL = re.compile(r"^([0-9a-f]+) (?:([0-9a-f]+) )?[tTwWiI] (.+)$")
C_FUNCTIONS = {"memcpy@plt", "memmove@plt", "memset@plt", "__stack_chk_fail@plt"}
HEADING = re.compile(r"^([0-9a-f]+) <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(.+)$")
SETS = ("base", "avx2", "avx512")


def is_beyond_base(encoding, text):
    """Whether the instruction of these bytes and this text needs more than the base set."""
    opcode = next((byte for byte in encoding if byte not in LEGACY_PREFIXES), "")
    return opcode in VEX_AND_EVEX or text.split()[0].rstrip("bwlq") in OTHER_BEYOND_BASE


def vector_set(function):
    """The set that the function is compiled for, "2" or "512", or None for any other function."""
    match = VECTOR_FUNCTION.match(function)
    return match and (match[1] or match[2])


def lines_of(*command):
    """Yield the lines that a command says."""
    environment = dict(os.environ, LC_ALL="C")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        for line in process.stdout:
            yield line.rstrip("\n")
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")


class Symbols:
    """The names and the ends of the functions of a library."""

    def __init__(self, library):
        self.names = defaultdict(list)
        self.ends = {}
        for line in lines_of("nm", "--defined-only", "-S", library):
            if symbol := SYMBOL.match(line):
                start = int(symbol[1], 16)
                self.names[start].append(symbol[3])
                # Functions of assembly may come without a size: they reach to the next one.
                self.ends[start] = start + (int(symbol[2] or "0", 16) or 1 << 62)

    def name(self, start, shown):
        """The name to judge a function by: one that is no vector function's, where it has such."""
        names = self.names.get(start, [shown])
        return next((name for name in names if vector_set(name) is None), shown)


def disassemble(library, symbols):
    """Yield (function, bytes, text) of each instruction."""
    function, end = "", 0
    for line in lines_of("objdump", "-d", "--wide", library):
        if heading := HEADING.match(line):
            start = int(heading[1], 16)
            function, end = symbols.name(start, heading[2]), symbols.ends.get(start, 1 << 62)
        elif instruction := INSTRUCTION.match(line):
            if int(instruction[1], 16) >= end and not function.startswith("code behind "):
                function = f"code behind {function}"
            yield function, instruction[2].split(), instruction[3]


def check(library):
    """Return the faults found, as lines of text."""
    faults = Counter()
    example = {}
    calls = set()
    symbols = Symbols(library)
    functions = [name for names in symbols.names.values() for name in names]
    kernels = {name: [f for f in functions if f.startswith(f"snnk_{name}_")] for name in SETS}
    vector_instructions = Counter()
    for function, encoding, text in disassemble(library, symbols):
        own_set = vector_set(function)
        if branch := BRANCH.match(text):
            target = symbols.name(int(branch[1], 16), branch[2])
            if own_set and vector_set(target) != own_set and target not in C_FUNCTIONS:
                calls.add(f"{function} calls {target}, which is not of its set")
            if not own_set and vector_set(target):
                calls.add(f"{function} calls {target} past the kernel table")
        if not is_beyond_base(encoding, text):
            continue
        if own_set:
            vector_instructions[f"avx{own_set}"] += 1
        else:
            faults[function] += 1
            example.setdefault(function, text.replace("\t", " ").strip())

    lines = [
        f"{function}: {count} instructions beyond the base set, as `{example[function]}`"
        for function, count in sorted(faults.items())
    ]
    lines += sorted(calls)
    # Without symbols or without kernels there would be nothing to find.
    for name in SETS:
        if not kernels[name]:
            lines.append(f"no function snnk_{name}_* found: is {library} stripped?")
        elif name != "base" and not vector_instructions[name]:
            lines.append(f"snnk_{name}_*: no vector instruction found: is it compiled for {name}?")
    return lines


YMM = "vaddps %ymm0, %ymm1, %ymm2"
ZMM = "vaddps %zmm0, %zmm1, %zmm2"
# As a linker leaves it that folds equal functions.
SECOND_NAME = """.globl "$es6SIMD16V3sumyyF"
.hidden "$es6SIMD16V3sumyyF"
.type "$es6SIMD16V3sumyyF",@function
.set "$es6SIMD16V3sumyyF", snnk_avx2_add
"""
CLEAN = {
    "snnk_base_add": "addps %xmm0, %xmm1",
    "snnk_avx2_add": YMM,
    "snnk_avx512_add": ZMM,
    "$e14SNNKernelsAVX23sumyyF": YMM,
    "$s16SNNKernelsAVX5123sumyyF": ZMM,
    "swift_release": "lock; decl (%rdi)",
    "tzcnt_is_bsf_on_old_cpus": "rep; bsf %eax, %eax",
}
# What is changed in CLEAN, and the one word that the fault must name; None is no fault.
SELF_TESTS = [
    ({}, None),
    ({"swift_release": YMM}, "swift_release"),
    ({"swift_release": "vaddss %xmm0, %xmm1, %xmm2"}, "swift_release"),
    ({"swift_release": "vpaddd %xmm16, %xmm1, %xmm2"}, "swift_release"),
    ({"swift_release": "kmovw %eax, %k1"}, "swift_release"),
    ({"swift_release": "andn %eax, %ecx, %edx"}, "swift_release"),
    ({"swift_release": "popcnt %eax, %eax"}, "swift_release"),
    ({"swift_release": "movbe (%rdi), %eax"}, "swift_release"),
    ({"snnk_base_add": ZMM}, "snnk_base_add"),
    ({"$e14SNNKernelsBase3sumyyF": YMM}, "SNNKernelsBase"),
    ({"$es6SIMD16V3sumyyF": YMM}, "SIMD16"),
    ({"helper_of_snnk_avx2_add": YMM}, "helper_of"),
    ({"snnk_avx2_add": f"{YMM}; call swift_release"}, "calls swift_release"),
    ({"snnk_avx512_add": f"{ZMM}; jmp snnk_avx2_add"}, "calls snnk_avx2_add"),
    ({"$e14SNNKernelsAVX23sumyyF": "call snnk_base_add"}, "calls snnk_base_add"),
    ({"snnk_avx2_add": f"{YMM}; call snnk_avx2_sum", "snnk_avx2_sum": YMM}, None),
    ({"swift_release": "call snnk_avx2_add"}, "past the kernel table"),
    ({"snnk_base_add": "jne snnk_avx2_add"}, "past the kernel table"),
    ({"snnk_avx2_add": f"{YMM}; je swift_release"}, "calls swift_release"),
    ({"snnk_avx2_add": f"{YMM}; {SECOND_NAME}"}, "$es6SIMD16V3sumyyF"),
    ({"snnk_avx2_add": f"{YMM}; ret; .size snnk_avx2_add, . - snnk_avx2_add; {YMM}"}, "behind"),
    ({"snnk_avx2_add": "addps %xmm0, %xmm1", "$e14SNNKernelsAVX23sumyyF": None}, "snnk_avx2_"),
    ({"snnk_avx512_add": None}, "snnk_avx512_"),
]


def assemble(functions, folder):
    """Make a library of functions of one instruction each."""
    compiler = next(filter(shutil.which, (os.environ.get("CC", "cc"), "gcc", "clang")), None)
    if compiler is None:
        raise SystemExit("the self-test needs a C compiler (cc, gcc or clang)")
    source = os.path.join(folder, "functions.s")
    library = os.path.join(folder, "functions.so")
    with open(source, "w", encoding="ascii") as file:
        for name, instruction in functions.items():
            file.write(f'.globl "{name}"\n.hidden "{name}"\n.type "{name}",@function\n')
            file.write(f'"{name}":\n{instruction}\nret\n')
        file.write('.section .note.GNU-stack,"",@progbits\n')
    subprocess.run([compiler, "-shared", "-nostdlib", "-o", library, source], check=True)
    return library


def self_test():
    """Return what the check got wrong on libraries with known faults."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for change, word in SELF_TESTS:
            functions = {k: v for k, v in {**CLEAN, **change}.items() if v is not None}
            faults = check(assemble(functions, folder))
            if (not faults) if word is None else (len(faults) == 1 and word in faults[0]):
                continue
            failures.append(f"{change}: expected a fault with {word}, found {faults}")
        # What a stripped library looks like: only other names are left.
        other_names = {name.replace("snnk", "snn"): text for name, text in CLEAN.items()}
        if not check(assemble(other_names, folder)):
            failures.append("a library without kernel symbols passed")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", nargs="?", help="the unstripped libswiftnn.so")
    parser.add_argument("--self-test", action="store_true", help="prove that the check can fail")
    arguments = parser.parse_args()
    if arguments.library is None and not arguments.self_test:
        parser.error("a library or --self-test is needed")
    failures = self_test() if arguments.self_test else []
    if arguments.library is not None:
        failures += check(arguments.library)
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"library symbols: {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
