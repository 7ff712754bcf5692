"""Every function of the library, called wrongly in every way that the table knows.

    bad_arguments.py <libswiftnn.so> [part of a row's name]

A row is one call. It passes when the status is one that answers the mistake, the message says
what was expected or what came, no out parameter was written, nothing was printed, the model
predicts the bits that it predicted before, no file was changed, and no memory stays in use. The
rows run in a process of their own, so that a crash or a hang is the failure of one row.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import header
import table
from table import Row
from world import Files, Library, World

NOBODY = 65534
ROW_SECONDS = 20
ROWS_PER_FUNCTION = 30
# What was expected and what came, by the kind of mistake; the other statuses say it in many ways.
SAYS = {
    "SNN_ERROR_ARGUMENT": r"expected|must|received|unknown|already|has no",
    "SNN_ERROR_HANDLE": r"expected",
    "SNN_ERROR_SHAPE": r"expected|must|received|would need|not fit",
    "SNN_ERROR_CONFIGURATION": r"expected|must|received|unknown|required",
    "SNN_ERROR_LIMIT": r"expected|more than|would have|too large",
    "SNN_ERROR_IO": r"expected|\(E[A-Z]+\)",
}


class Worker:
    """Runs rows in this process."""

    def __init__(self, library: Library, files: Files) -> None:
        self.library = library
        self.files = files
        self.functions = {f.name: f for f in header.functions()}
        self.said = os.memfd_create("said")
        for standard in (1, 2):
            os.dup2(self.said, standard)

    def run(self, row: Row) -> dict[str, Any]:
        """{"failure": text or "", "skipped": text or ""}"""
        world = World(self.library, self.files)
        if row.source and row.source.needs and (reason := row.source.needs(world)):
            return {"skipped": reason}
        if row.source and (row.source.as_nobody or row.source.file_limit):
            return {"failure": self._in_child(row, row.source.as_nobody)}
        return {"failure": self._failure(row)}

    def _in_child(self, row: Row, as_nobody: bool) -> str:
        """The row in a child that may do less than this process."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            if as_nobody and os.getuid() == 0:
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            elif not as_nobody:
                resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
            try:
                failure = self._failure(row)
            except BaseException as error:
                failure = f"{type(error).__name__}: {error}"
            os.write(writer, failure.encode()[:60000])
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            failure = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        return f"died of signal {status & 127}" if status & 127 else failure

    def _failure(self, row: Row) -> str:
        """What is wrong with the outcome of a row; "" when nothing is."""
        in_use = self.library.bytes_in_use()
        world = World(self.library, self.files)
        try:
            problems = list(self._problems(row, world))
        finally:
            world.close()
        if (after := self.library.bytes_in_use()) != in_use:
            problems.append(f"{after - in_use} bytes stay in use")
        return "; ".join(problems)

    def _problems(self, row: Row, world: World) -> Iterator[str]:
        function, entry = self.functions[row.function], table.ENTRIES[row.function]
        arguments = []
        for parameter in function.parameters:
            make = row.changes.get(parameter.name) or table.kind_of(function, parameter).good
            arguments.append(make(world))
        bits, files = world.predictions(), self._files()
        os.ftruncate(self.said, 0)

        result = self.library.call(row.function, *arguments)

        if os.fstat(self.said).st_size:
            yield f"printed {os.pread(self.said, 200, 0)!r}"
        if function.result != "snn_status":
            if result is None:
                yield "returned NULL"
            return
        status = self.library.names.get(result, str(result))
        if status not in row.allowed:
            wanted = " or ".join(sorted(row.allowed))
            yield f"{status} ({self.library.last_error()!r}) instead of {wanted}"
        if result < 0:
            yield from self._message_problems(row, status)
            if touched := world.touched():
                yield f"wrote {', '.join(touched)} in spite of the error"
            if files != self._files():
                yield "changed files in spite of the error"
            if bits != world.predictions():
                yield "the model predicts other bits"
        else:
            self._adopt_results(function, arguments, world)
            if entry.after:
                entry.after(world)

    def _message_problems(self, row: Row, status: str) -> Iterator[str]:
        message = self.library.last_error()
        if len(message) < 15 or not re.search(SAYS.get(status, ""), message):
            yield f"the message says too little: {message!r}"
        if len(message) > 2000 or any(ord(c) < 32 or ord(c) == 127 for c in message):
            yield f"the message is long or has control bytes: {message[:200]!r}"
        if row.source and row.source.mentions and row.source.mentions not in message:
            yield f"the message does not name {row.source.mentions!r}: {message!r}"

    def _adopt_results(self, function: header.Function, arguments: list[Any], world: World) -> None:
        """Takes over handles that were made, and forgets those that were freed."""
        for parameter, argument in zip(function.parameters, arguments, strict=True):
            if parameter.type.endswith("**"):
                made = ctypes.c_void_p.from_address(argument).value
                if made:
                    world.adopt(parameter.type.split("snn_")[1].split()[0], made)
        if function.name.endswith("_free") and arguments[0]:
            world.forget(arguments[0])

    def _files(self) -> dict[str, tuple[int, int, int]]:
        """What stands in the folders that rows may write to."""
        folders = [self.files.folder, self.files.path("closed"), self.files.full_disk]
        found = {}
        for folder in folders:
            if folder is not None:
                for entry in os.scandir(folder):
                    about = entry.stat(follow_symlinks=False)
                    found[entry.path] = (about.st_mode, about.st_size, about.st_mtime_ns)
        return found


def work(library: Path, folder: Path, full_disk: str, first: int, pattern: str, pipe: int) -> None:
    """The worker's process: rows from number `first` on, told line by line through the pipe."""
    files = Files(folder, Path(full_disk) if full_disk else None)
    worker = Worker(Library(library), files)
    for number, row in enumerate(selected_rows(pattern)):
        if number < first:
            continue
        os.write(pipe, f"{json.dumps({'start': number})}\n".encode())
        try:
            outcome = worker.run(row)
        except Exception as error:
            outcome = {"failure": f"{type(error).__name__}: {error}"}
        os.write(pipe, f"{json.dumps({'end': number, **outcome})}\n".encode())


def selected_rows(pattern: str) -> list[Row]:
    return [row for row in table.rows() if pattern in f"{row.function} {row.label}"]


def supervise(library: Path, folder: Path, full_disk: str, pattern: str) -> tuple[int, int, int]:
    """Runs all rows, in a new process after each that died. Passed, failed, skipped."""
    rows = selected_rows(pattern)
    passed = failed = skipped = first = 0
    reasons: dict[str, int] = {}
    while first < len(rows):
        reader, writer = os.pipe()
        worker = subprocess.Popen(
            [sys.executable, __file__, "--work", library, folder, full_disk, str(first), pattern,
             str(writer)], pass_fds=[writer], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.close(writer)
        hung = False
        for line in lines(reader):
            if hung := line is None:
                worker.kill()
                break
            told = json.loads(line)
            if "start" in told:
                first = told["start"]
                continue
            first = told["end"] + 1
            if reason := told.get("skipped"):
                skipped += 1
                reasons[reason] = reasons.get(reason, 0) + 1
            elif failure := told["failure"]:
                failed += 1
                report(rows[told["end"]], failure)
            else:
                passed += 1
        os.close(reader)
        code = worker.wait()
        assert worker.stderr is not None
        words = worker.stderr.read().decode(errors="replace").strip()
        if first < len(rows):
            how = f"no end after {ROW_SECONDS} s" if hung else f"died: {death(code)} {words[-300:]}"
            report(rows[first], how)
            failed += 1
            first += 1
    for reason, count in reasons.items():
        print(f"skipped {count}: {reason}")
    return passed, failed, skipped


def lines(descriptor: int) -> Iterator[str | None]:
    """Lines from a pipe until it ends; None when it stays silent for too long."""
    rest = b""
    while select.select([descriptor], [], [], ROW_SECONDS)[0]:
        if not (piece := os.read(descriptor, 65536)):
            return
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole)
    yield None


def death(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def report(row: Row, failure: str) -> None:
    print(f"FAILED {row.function}({row.label}): {failure}", flush=True)


def mount_full_disk(folder: Path) -> str:
    """A small file system without room; "" where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "swiftnn-test", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    try:
        (folder / "filler").write_bytes(bytes(1 << 20))
    except OSError:
        pass  # full, as it should be
    return str(folder)


def main() -> int:
    library = Path(sys.argv[1]).resolve()
    pattern = sys.argv[2] if len(sys.argv) > 2 else ""
    problems = [f"{name} has no entry" for name in table.functions_without_entry()]
    problems += [f"{name} is not in the header" for name in table.entries_without_function()]
    if problems:
        print("\n".join(f"FAILED {problem}" for problem in problems))
        print(f"0 passed, {len(problems)} failed, 0 skipped")
        return 1
    total, functions = len(selected_rows("")), len(table.ENTRIES)
    print(f"{total} rows for {functions} functions, {total / functions:.0f} a function")
    with tempfile.TemporaryDirectory(prefix="swiftnn-arguments-") as folder:
        os.chmod(folder, 0o755)
        files = Path(folder) / "files"
        files.mkdir(mode=0o755)
        full_disk = mount_full_disk(Path(folder) / "full")
        try:
            Files(files, None).make(Library(library))
            passed, failed, skipped = supervise(library, files, full_disk, pattern)
        finally:
            if full_disk:
                subprocess.run(["umount", full_disk], check=False)
    if math.floor(total / functions) < ROWS_PER_FUNCTION:
        print(f"FAILED fewer than {ROWS_PER_FUNCTION} rows a function")
        failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        _, _, path, where, full, start, only, pipe = sys.argv
        work(Path(path), Path(where), full, int(start), only, int(pipe))
    else:
        sys.exit(main())
