"""Measures SwiftNN beside its peers; README.md tells how to read what it prints.

    run.py [--rows NAME,...] [--seconds S] [--rounds N] [--without-peers] [--output FOLDER]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import picture
import report
from contestants import Entrants
from process_rows import ProcessResult, library_size, peak_memory, startup
from programs import ROOT
from rounds import Result, measure
from rows import Row, all_rows

# What `--rows` may name besides rows.
PROCESS_NAME = "process"
# The rows speak of two threads; a contestant that takes all CPUs must not get more.
CPUS = 2


def main() -> int:
    options = read_options()
    os.chdir(ROOT)
    os.sched_setaffinity(0, separate_cores(os.sched_getaffinity(0))[:CPUS])
    output = Path(os.path.relpath(options.output))
    output.mkdir(parents=True, exist_ok=True)
    rows, with_processes = selected(options.rows)
    entrants = Entrants(output, with_peers=not options.without_peers)
    try:
        results = measure_rows(rows, entrants, options.rounds, options.seconds)
        processes = (
            measure_processes(entrants, options.rounds, options.seconds) if with_processes else []
        )
        facts = machine_facts(options) | entrants.versions()
    finally:
        entrants.end()
    publish(facts, results, processes, output)
    return 0


def separate_cores(cpus: set[int]) -> list[int]:
    """These CPUs, the first of each core before the second ones, which share its units."""
    taken: list[tuple[str, ...]] = []
    ranked = []
    for cpu in sorted(cpus):
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
        names = ("physical_package_id", "core_id")
        core = tuple((topology / n).read_text() for n in names if (topology / n).exists())
        ranked.append((taken.count(core) if core else 0, cpu))
        taken.append(core)
    return [cpu for _, cpu in sorted(ranked)]


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="", help="parts of rows' names, with commas between")
    parser.add_argument("--seconds", type=float, default=0.2, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=7, choices=range(1, 1000), metavar="N")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()
    options.output = options.output.resolve()
    return options


def selected(patterns: str) -> tuple[list[Row], bool]:
    """The rows whose name holds one of the patterns, and whether processes are measured too.

    A pattern that nothing is called like ends the program, whatever the others say.
    """
    words = [word.strip().lower() for word in patterns.split(",") if word.strip()]
    if not words:
        return all_rows(), True
    named = [row.name.lower() for row in all_rows()]
    unknown = [
        word for word in words
        if word != PROCESS_NAME and not any(word in name for name in named)
    ]
    if unknown:
        names = "\n  ".join([*(row.name for row in all_rows()), PROCESS_NAME])
        sys.exit(f"no row is called like {', '.join(map(repr, unknown))}; there are\n  {names}")
    rows = [row for row in all_rows() if any(word in row.name.lower() for word in words)]
    return rows, PROCESS_NAME in words


def measure_rows(
    rows: Sequence[Row], entrants: Entrants, rounds: int, seconds: float
) -> list[Result]:
    results = []
    for index, row in enumerate(rows):
        result = measure(row, entrants, rounds, seconds, progress(index, len(rows), row.name))
        results.append(result)
        cells = report.row_cells(result)
        show(f"[{index + 1}/{len(rows)}] " + "  ".join(c for c in cells if c != "–"), end="\n")
    return results


def measure_processes(entrants: Entrants, rounds: int, seconds: float) -> list[ProcessResult]:
    tell = progress(0, 1, "processes")
    results = [
        startup(rounds, entrants.with_peers, tell),
        *peak_memory(entrants, seconds, tell),
        library_size(),
    ]
    for result in results:
        show("  ".join(c for c in report.process_cells(result) if c != "–"), end="\n")
    return results


def progress(index: int, count: int, name: str) -> Callable[[str], None]:
    """Says on a terminal what goes on just now."""
    return lambda what: show(f"[{index + 1}/{count}] {name}: {what}")


def show(text: str, end: str = "") -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + text + end)
    elif end:
        sys.stderr.write(text + end)
    sys.stderr.flush()


def machine_facts(options: argparse.Namespace) -> dict[str, str]:
    """What the figures depend on."""
    commit = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    found = subprocess.run(commit, capture_output=True, text=True)
    return {
        "processor": processor(),
        "system": f"Linux {platform.release()}, {os.cpu_count()} CPUs, {CPUS} of them used",
        "commit": found.stdout.strip() or "unknown",
        "measured": f"{options.rounds} rounds of {options.seconds:g} s each",
    }


def processor() -> str:
    """Name, family and model, and the widest vectors."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    first = dict(line.split(":", 1) for line in lines if ":" in line)
    values = {key.strip(): value.strip() for key, value in first.items()}
    flags = values.get("flags", "").split()
    vectors = next((f for f in ("avx512f", "avx2") if f in flags), "no AVX2")
    family = f"family {values.get('cpu family')}, model {values.get('model')}"
    return f"{values.get('model name')} ({family}, {vectors})"


def publish(
    facts: dict[str, str], results: list[Result], processes: list[ProcessResult], output: Path
) -> None:
    print(report.text(facts, results, processes))
    (output / "results.md").write_text(report.page(facts, results, processes))
    (output / "results.json").write_text(report.record(facts, results, processes))
    written = ["results.md", "results.json"]
    if picture.draw(results, output / "results.png"):
        written.append("results.png")
    print(f"The same in {output}: {', '.join(written)}")


if __name__ == "__main__":
    sys.exit(main())
