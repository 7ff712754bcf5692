"""Puts libswiftnn.so and swiftnn.h into the wheel; builds the library where none is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Makes the wheel one for any Python 3 on this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # which finds the repository's own build
            return
        sources = self._sources()
        header = sources / "include" / "swiftnn.h"
        if not header.exists():
            raise SystemExit(f"swiftnn: {header} is missing")
        library = self._given_library() or self._built_library(sources)
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["force_include"][str(library)] = "swiftnn/libswiftnn.so"
        build_data["force_include"][str(header)] = "swiftnn/swiftnn.h"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"

    def _sources(self) -> Path:
        """The Swift package: beside us in a source archive, around us in the repository."""
        root = Path(self.root)
        packed = root / "library"
        return packed if packed.exists() else root.parent.parent

    def _given_library(self) -> Path | None:
        given = os.environ.get("SWIFTNN_LIBRARY")
        if not given:
            return None
        path = Path(given).resolve()
        if not path.is_file():
            raise SystemExit(f"swiftnn: SWIFTNN_LIBRARY={given} is no file")
        return path

    def _built_library(self, sources: Path) -> Path:
        staged = sources / "build" / "lib" / "libswiftnn.so"
        if not staged.exists():
            self._build(sources)
        return staged.resolve()

    def _build(self, sources: Path) -> None:
        missing = [
            f"  - {what}"
            for what, found in (
                ("swift >= 6.3 on PATH (https://swift.org/install)", shutil.which("swift")),
                ("make on PATH", shutil.which("make")),
                (f"{sources / 'Makefile'}", (sources / "Makefile").exists()),
                ("HDF5's headers (apt-get install libhdf5-dev)", _has_hdf5()),
            )
            if not found
        ]
        if missing:
            raise SystemExit(
                "swiftnn: cannot build libswiftnn.so from source. Missing:\n"
                + "\n".join(missing)
                + "\nOr set SWIFTNN_LIBRARY to a library that was built elsewhere, or install a "
                "wheel (pip install --only-binary=:all: swiftnn)."
            )
        # Swift's own compiler is meant, not the one that Python was built with.
        environment = {key: value for key, value in os.environ.items() if key not in ("CC", "CXX")}
        subprocess.run(["make", "-C", str(sources)], check=True, env=environment)


def _has_hdf5() -> bool:
    tool = shutil.which("pkg-config")
    return bool(tool) and subprocess.run([tool, "--exists", "hdf5"]).returncode == 0
