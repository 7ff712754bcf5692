"""The demo's data: what its README says, and the same bytes in both files."""

import h5py
from header import ROOT

DATA = ROOT / "Examples" / "data"


def test_the_digits_are_all_there_and_held_out_ones_apart():
    with h5py.File(DATA / "digits.h5") as file:
        shapes = {name: dataset.shape for name, dataset in file.items()}
        assert shapes == {
            "x": (1797, 8, 8), "y": (1797,), "x_train": (1437, 8, 8), "y_train": (1437,),
            "x_test": (360, 8, 8), "y_test": (360,),
        }  # fmt: skip
        assert all(d.dtype == "uint8" and d.chunks is None for d in file.values())
        assert file["x"][()].max() == 16


def test_the_plain_bytes_are_the_rows_held_out():
    with h5py.File(DATA / "digits.h5") as file:
        assert (DATA / "digits_test.u8").read_bytes() == file["x_test"][()].tobytes()
