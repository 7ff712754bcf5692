#!/usr/bin/env python3
"""Saves and loads under every fault, and shows that no checkpoint is ever lost.

    Tests/faults/run.py --library build/lib/libswiftnn.so [--include include] [--kills 100]

Every file call of a save and of a load fails in every way, once and from then on; a saving process
is killed at random moments; and files are saved to places that are none. After each of these the
file must be whole (the old one or the new one), a success must mean the new one, nothing may be
left open or lying about, and nothing may crash. Exit status 0 when all of that held.
"""

import argparse
import functools
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OK, ERROR_IO = 0, -10
NOBODY = 65534
HERE = pathlib.Path(__file__).resolve().parent
# Faults that a correct save or load survives; with the others it may also succeed where the call
# was only a courtesy.
HARMLESS = {"eintr", "short"}


class Outcome:
    """What save_load did: its status, the number in the model, its message."""

    def __init__(self, process: subprocess.CompletedProcess):
        self.code = process.returncode
        words = process.stdout.split(" ", 2)
        self.status = int(words[0]) if len(words) == 3 else None
        self.number = int(words[1]) if len(words) == 3 else None
        self.message = words[2].strip() if len(words) == 3 else ""
        self.printed = process.stderr

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Faults:
    def __init__(self, options: argparse.Namespace, folder: pathlib.Path):
        self.folder = folder
        self.checks = 0
        self.problems: list[str] = []
        self.skipped: list[str] = []
        self.program = folder / "save_load"
        self.injector = folder / "inject.so"
        library = pathlib.Path(options.library).resolve()
        compiler = options.compiler

        def run(*command: object) -> None:
            subprocess.run([str(part) for part in command], check=True)

        run(compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            HERE / "inject.c", "-o", self.injector, "-ldl")
        run(compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-I", options.include,
            HERE / "save_load.c", library, f"-Wl,-rpath,{library.parent}", "-o", self.program)
        self.work = folder / "work"
        self.file = self.work / "model.h5"
        self.old = folder / "old.h5"
        self.work.mkdir()
        self.must_save(self.old, 1)

    def call(self, *arguments, environment=None, **settings) -> Outcome:
        return Outcome(subprocess.run(
            [str(self.program), *map(str, arguments)], capture_output=True, text=True, timeout=60,
            env={**os.environ, **(environment or {})}, **settings))

    def must_save(self, path: pathlib.Path, number: int) -> None:
        outcome = self.call("save", path, number)
        if outcome.code != 0 or outcome.status != OK:
            sys.exit(f"cannot even save: {outcome.message}{outcome.printed}")

    def expect(self, holds: bool, what: str) -> None:
        self.checks += 1
        if not holds:
            self.problems.append(what)
            print("FAILED:", what)

    def leftovers(self) -> list[str]:
        known = {"model.h5", "model.h5.prev"}
        return sorted(name for name in os.listdir(self.work) if name not in known)

    # ------------------------------------------------------------------ every call

    def reset(self) -> None:
        for path in self.work.iterdir():
            path.unlink()
        shutil.copyfile(self.old, self.file)

    def inject(self, mode: list, at: int, kind: str, sticky: bool) -> Outcome:
        environment = {"LD_PRELOAD": str(self.injector), "FAULT_AT": str(at), "FAULT_KIND": kind}
        if sticky:
            environment["FAULT_STICKY"] = "1"
        return self.call(*mode, environment=environment)

    def names_of_calls(self, mode: list) -> list[str]:
        self.reset()
        log = self.folder / "count"
        outcome = self.call(*mode, environment={
            "LD_PRELOAD": str(self.injector), "FAULT_LOG": str(log)})
        calls = log.read_text().split() if log.exists() else []
        if outcome.status != OK or len(calls) < 3:
            sys.exit(f"the injector saw only {calls}: {outcome.message}{outcome.printed}")
        return calls

    def order_of_a_save(self) -> None:
        """What makes a new file survive a power cut: synced before it takes the old one's place,
        and its name synced after that."""
        calls = self.names_of_calls(["save", self.file, 2])
        renames = [at for at, name in enumerate(calls) if name.startswith("rename")]
        syncs = [at for at, name in enumerate(calls) if name == "fsync"]
        writes = [at for at, name in enumerate(calls) if name == "write"]
        right = len(renames) == 2 and len(syncs) == 2 and writes
        right = right and writes[-1] < syncs[0] < renames[0] < renames[1] < syncs[1]
        self.expect(bool(right), f"write, fsync, rename, fsync of the directory: {calls}")

    def every_fault(self, mode: list, judge) -> None:
        calls = len(self.names_of_calls(mode))
        print(f"{mode[0]}: {calls} file calls")
        kinds = [(kind, False) for kind in ("eio", "enospc", "short", "eintr", "kill", "killafter")]
        kinds += [(kind, True) for kind in ("eio", "enospc", "short")]
        for kind, sticky in kinds:
            for at in range(1, calls + 1):
                self.reset()
                outcome = self.inject(mode, at, kind, sticky)
                what = f"{mode[0]}, call {at} {kind}{' from then on' if sticky else ''}"
                ended = outcome.killed if kind.startswith("kill") else outcome.code == 0
                self.expect(ended, f"{what}: ended with {outcome.code}: {outcome.printed}")
                self.expect(outcome.printed == "", f"{what}: printed {outcome.printed!r}")
                if kind in HARMLESS:
                    self.expect(outcome.status == OK, f"{what}: {outcome.status} {outcome.message}")
                judge(outcome, what)

    def judge_save(self, outcome: Outcome, what: str) -> None:
        if outcome.status not in (OK, None):
            self.expect(outcome.status == ERROR_IO, f"{what}: status {outcome.status}")
            self.expect(outcome.message != "", f"{what}: no message")
        found = self.call("load", self.file)
        whole = found.status == OK and found.number in (1, 2)
        self.expect(whole, f"{what}: LOST: {found.status} {found.number} {found.message}")
        if outcome.status == OK:
            self.expect(found.number == 2, f"{what}: FALSE SUCCESS: found {found.number}")
        previous = self.work / "model.h5.prev"
        if previous.exists():
            older = self.call("load", previous)
            self.expect(older.number == 1, f"{what}: the previous file: {older.message}")
        left = self.leftovers()
        # A failed unlink leaves what it was to remove; a killed process what it was writing.
        allowed = 2 if outcome.killed or "eio" in what or "enospc" in what else 0
        self.expect(len(left) <= allowed, f"{what}: left {left}")
        if left:
            self.must_save(self.file, 3)
            self.expect(self.leftovers() == [], f"{what}: the next save left {self.leftovers()}")

    def judge_load(self, outcome: Outcome, what: str) -> None:
        if outcome.status == OK:
            self.expect(outcome.number == 1, f"{what}: loaded {outcome.number}")
        elif outcome.status is not None:
            self.expect(outcome.status == ERROR_IO, f"{what}: status {outcome.status}")
        self.expect(self.leftovers() == [], f"{what}: left {self.leftovers()}")

    # ------------------------------------------------------------------ kill -9

    def kills(self, count: int) -> None:
        self.reset()
        generator = random.Random(20)
        saved = 0
        number = 2
        for _ in range(count):
            process = subprocess.Popen(
                [str(self.program), "loop", str(self.file), str(number)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            # At any moment between the second save and some dozen later.
            process.stdout.readline()
            time.sleep(generator.uniform(0, 0.05))
            process.kill()
            rest, errors = process.communicate()
            acknowledged = [int(line) for line in rest.split("\n")[:-1]]
            saved += 1 + len(acknowledged)
            last = acknowledged[-1] if acknowledged else number
            what = f"kill after {last}"
            self.expect(errors == "", f"{what}: printed {errors!r}")
            found = self.call("load", self.file)
            whole = found.status == OK and found.number in (last, last + 1)
            self.expect(whole, f"{what}: LOST: {found.number} {found.message}")
            self.expect(len(self.leftovers()) <= 2, f"{what}: left {self.leftovers()}")
            number = last + 2
        self.must_save(self.file, number)
        self.expect(self.leftovers() == [], f"after the kills: left {self.leftovers()}")
        print(f"kill -9: {count} kills during {saved} acknowledged saves")

    # ------------------------------------------------------------------ strange places

    def refused(self, path, what: str, *words: str, **settings) -> None:
        outcome = self.call("save", path, 2, **settings)
        right = outcome.code == 0 and outcome.status == ERROR_IO
        self.expect(right, f"{what}: {outcome.code} {outcome.status} {outcome.message}")
        named = all(word in outcome.message for word in words)
        self.expect(named, f"{what}: the message is {outcome.message!r}")

    def skip(self, what: str) -> None:
        self.skipped.append(what)
        print("skipped:", what)

    def strange_places(self) -> None:
        places = self.folder / "places"
        places.mkdir()
        os.mkfifo(places / "fifo")
        (places / "folder").mkdir()
        self.refused(places / "fifo", "FIFO", "FIFO")
        self.refused(places / "folder", "directory", "directory")
        self.refused("/dev/full", "/dev/full", "device")
        self.refused(places / "missing" / "m.h5", "missing directory", "missing", "No such")
        for path, word in ((places / "fifo", "FIFO"), (places / "folder", "directory")):
            outcome = self.call("load", path)
            named = outcome.status == ERROR_IO and word in outcome.message
            self.expect(named, f"load of a {word}: {outcome.status} {outcome.message}")

        shutil.copyfile(self.old, places / "real.h5")
        (places / "link.h5").symlink_to("real.h5")
        outcome = self.call("save", places / "link.h5", 2)
        behind = self.call("load", places / "real.h5")
        self.expect(outcome.status == OK and behind.number == 2, "symlink: the file behind it")
        self.expect((places / "link.h5").is_symlink(), "symlink: still one")

        shutil.copyfile(self.old, places / "limited.h5")
        limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1000, 1000))
        self.refused(places / "limited.h5", "RLIMIT_FSIZE", "large", preexec_fn=limit)
        self.expect(self.call("load", places / "limited.h5").number == 1, "RLIMIT_FSIZE: kept")
        self.read_only_folder(places)
        self.full_disk(places)

    def read_only_folder(self, places: pathlib.Path) -> None:
        if os.getuid() != 0:
            return self.skip("read-only directory: needs root, to become another user")
        closed = places / "closed"
        closed.mkdir(mode=0o755)
        shutil.copyfile(self.old, closed / "m.h5")
        os.chmod(closed / "m.h5", 0o666)
        for path in (self.folder, places):
            os.chmod(path, 0o755)
        if subprocess.run([str(self.program)], user=NOBODY, capture_output=True).returncode != 2:
            return self.skip("read-only directory: user 65534 cannot reach the library")
        self.refused(closed / "m.h5", "read-only directory", "denied", user=NOBODY, group=NOBODY)
        self.expect(self.call("load", closed / "m.h5").number == 1, "read-only directory: kept")
        self.expect(os.listdir(closed) == ["m.h5"], "read-only directory: nothing left")

    def full_disk(self, places: pathlib.Path) -> None:
        disk = places / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)]
        if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
            return self.skip("full disk: no tmpfs can be mounted here")
        try:
            shutil.copyfile(self.old, disk / "m.h5")
            with open(disk / "filler", "wb", buffering=0) as filler:
                try:
                    while True:
                        filler.write(b"x" * 1024)
                except OSError:
                    pass
            self.refused(disk / "m.h5", "full disk", "No space left")
            self.expect(self.call("load", disk / "m.h5").number == 1, "full disk: kept")
            self.expect(sorted(os.listdir(disk)) == ["filler", "m.h5"], "full disk: nothing left")
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", required=True)
    parser.add_argument("--include", default=str(HERE.parent.parent / "include"))
    parser.add_argument("--compiler", default=os.environ.get("CC", "cc"))
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swiftnn-faults-") as folder:
        faults = Faults(options, pathlib.Path(folder))
        faults.order_of_a_save()
        faults.every_fault(["save", faults.file, 2], faults.judge_save)
        faults.every_fault(["load", faults.file], faults.judge_load)
        faults.kills(options.kills)
        faults.strange_places()
    print(f"faults: {faults.checks} checks, {len(faults.problems)} failed, "
          f"{len(faults.skipped)} skipped")
    return 1 if faults.problems else 0


if __name__ == "__main__":
    sys.exit(main())
