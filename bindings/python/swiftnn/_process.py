"""What holds for the whole process."""

from __future__ import annotations

import json
from typing import Any

from . import _lib


def set_num_threads(count: int) -> None:
    """How many threads a call may use; 0 is what the machine offers. Results do not depend on it.

    Parameters
    ----------
    count : int
        From 0 to 256.
    """
    _lib.call("snn_threads_set_count", count)


def get_num_threads() -> int:
    """How many threads a call may use."""
    count: int = _lib.call("snn_threads_get_count")
    return count


def build_info() -> dict[str, Any]:
    """What the library is: version, instruction set, threads, HDF5's version."""
    information: dict[str, Any] = json.loads(_lib.call("snn_build_info"))
    return information
