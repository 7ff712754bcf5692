"""An HDF5 file as a document, to compare two files by content."""

import json

import h5py
import numpy as np


def plain(value):
    """An attribute or dataset as JSON has it; JSON inside a text is opened."""
    if isinstance(value, (bytes, np.bytes_)):
        value = bytes(value).decode()
    if isinstance(value, str):
        return json.loads(value) if value.startswith("{") else value
    if isinstance(value, np.ndarray) and value.dtype.kind in "OS":
        return [plain(v) for v in value]
    return np.asarray(value).tolist()


def content(path):
    """Every object's path, with attributes, dtype, shape and values. Versions are left out."""
    result = {}
    with h5py.File(path, "r") as file:

        def visit(name, item):
            entry = {
                "attributes": {
                    k: plain(v) for k, v in item.attrs.items() if k != "keras_version"
                }
            }
            if isinstance(item, h5py.Dataset):
                entry["dtype"] = str(item.dtype)
                entry["shape"] = list(item.shape)
                entry["data"] = np.asarray(item[()]).reshape(-1).tolist()
            result[name] = entry

        visit("/", file["/"])
        file.visititems(visit)
    return result
