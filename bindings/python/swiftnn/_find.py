"""Where libswiftnn.so and swiftnn.h are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent

SYSTEM_NAMES = ("libswiftnn.so.0", "libswiftnn.so")


def library_candidates() -> Iterator[str]:
    """The library's places, best first; a name without a slash is the system loader's to find.

    ``$SWIFTNN_LIBRARY`` stands alone where it is set: who names a library wants no other one.
    """
    if named := os.environ.get("SWIFTNN_LIBRARY"):
        yield named if os.sep in named else os.path.join(os.curdir, named)
        return
    yield str(PACKAGE / "libswiftnn.so")
    for folder in PACKAGE.parents:
        yield str(folder / "build" / "lib" / "libswiftnn.so")
        if _is_repository(folder):
            break
    yield from SYSTEM_NAMES


def header_candidates() -> Iterator[Path]:
    """The header's places: the package's copy, then the repository's."""
    yield PACKAGE / "swiftnn.h"
    for folder in PACKAGE.parents:
        yield folder / "include" / "swiftnn.h"
        if _is_repository(folder):
            break


def _is_repository(folder: Path) -> bool:
    return (folder / "Package.swift").exists()
