"""What a call through ctypes costs at the least: a function that does nothing, with the arguments
of snn_session_predict, declared as the package declares them.

    ctypes_peer.py <shared object>
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial

import numpy as np
from server import Request, Work, serve, shape_of

nothing = ctypes.CDLL(sys.argv[1]).do_nothing
nothing.restype = ctypes.c_int32
nothing.argtypes = [
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64,
]  # fmt: skip


def prepare(request: Request) -> Work:
    x = np.zeros(shape_of(request), np.float32)
    y = np.empty((len(x), int(request["classes"])), np.float32)
    # Arguments that are C's already, as the package prepares them: ctypes would convert a Python
    # number at each call.
    call = partial(
        nothing, ctypes.c_void_p(1), ctypes.c_void_p(x.ctypes.data), ctypes.c_int64(len(x)),
        ctypes.c_void_p(y.ctypes.data), ctypes.c_int64(y.size),
    )  # fmt: skip
    call.arrays = (x, y)  # type: ignore[attr-defined]
    return Work(call)


if __name__ == "__main__":
    serve(f"Python {sys.version.split()[0]}", prepare)
