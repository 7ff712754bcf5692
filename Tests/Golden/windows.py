#!/usr/bin/env python3
"""Makes `windows.json`: SciPy's windows that need no parameter (written with SciPy 1.17.1)."""

import json
import pathlib

from scipy.signal import get_window

NAMES = {
    "boxcar": ["box", "ones", "rect", "rectangular"],
    "triangle": ["triang", "tri"],
    "bartlett": ["bart", "brt"],
    "barthann": ["brthan", "bth"],
    "bohman": ["bman", "bmn"],
    "parzen": ["parz", "par"],
    "cosine": ["halfcosine"],
    "lanczos": ["sinc"],
    "tukey": ["tuk"],
    "exponential": ["poisson"],
    "hann": ["han"],
    "hamming": ["hamm", "ham"],
    "blackman": ["black", "blk"],
    "nuttall": ["nutl", "nut"],
    "blackmanharris": ["blackharr", "bkh"],
    "flattop": ["flat", "flt"],
    "taylor": ["taylorwin"],
}


def rows():
    for name, aliases in NAMES.items():
        for alias in aliases:
            assert (get_window(alias, 9) == get_window(name, 9)).all(), alias
        for length in (1, 2, 3, 7, 8, 21):
            for periodic in (False, True):
                yield {
                    "names": [name, *aliases],
                    "length": length,
                    "periodic": periodic,
                    "values": get_window(name, length, fftbins=periodic).tolist(),
                }


path = pathlib.Path(__file__).with_name("windows.json")
path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows()) + "\n]\n", encoding="utf-8")
