#!/usr/bin/env python3
"""Makes digits.h5 from the copy of the UCI digits that scikit-learn ships; see README.md.

The rows of x_test are beside it once more as plain bytes, digits_test.u8: for programs that want
them in memory and have no HDF5 reader of their own.

    make_digits.py           writes both files beside this script
    make_digits.py --check   compares the committed file with scikit-learn's data

Needs numpy, h5py and scikit-learn; the file's readers need none of them.
"""

import argparse
import hashlib
import pathlib
import sys

import h5py
import numpy as np
from sklearn.datasets import load_digits

PATH = pathlib.Path(__file__).resolve().parent / "digits.h5"
TEST_BYTES = PATH.with_name("digits_test.u8")
ATTRIBUTES = {
    "source": "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49 "
    "(its test part, the copy in scikit-learn)",
    "licence": "CC BY 4.0",
    "split": "x_test, y_test: rows 0, 5, 10, ... of x, y; x_train, y_train: the others, in order",
}


def datasets():
    """Name and array of everything in the file."""
    digits = load_digits()
    x = digits.images.astype(np.uint8)
    y = digits.target.astype(np.uint8)
    assert x.shape == (1797, 8, 8) and x.max() == 16 and np.array_equal(x, digits.images)
    held_out = np.arange(len(x)) % 5 == 0
    return {
        "x": x,
        "y": y,
        "x_train": x[~held_out],
        "y_train": y[~held_out],
        "x_test": x[held_out],
        "y_test": y[held_out],
    }


def write():
    with h5py.File(PATH, "w", libver=("v108", "v110")) as file:
        for name, text in ATTRIBUTES.items():
            file.attrs[name] = text
        for name, value in datasets().items():
            file.create_dataset(name, data=value, track_times=False)
    TEST_BYTES.write_bytes(datasets()["x_test"].tobytes())


def check():
    """The differences, one line each."""
    with h5py.File(PATH, "r") as file:
        made = datasets()
        if set(file) != set(made):
            yield f"datasets are {sorted(file)}, not {sorted(made)}"
        for name in set(file) & set(made):
            value = file[name][()]
            if value.dtype != made[name].dtype or not np.array_equal(value, made[name]):
                yield f"{name} differs"
        if dict(file.attrs) != ATTRIBUTES:
            yield "attributes differ"
    if TEST_BYTES.read_bytes() != made["x_test"].tobytes():
        yield f"{TEST_BYTES.name} differs"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    faults = []
    if parser.parse_args().check:
        faults = list(check())
    else:
        write()
    print("\n".join(faults) or hashlib.sha256(PATH.read_bytes()).hexdigest())
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
