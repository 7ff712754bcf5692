#!/usr/bin/env python3
"""Makes the golden files of this folder from Keras 3 on JAX; see README.md.

    make.py                writes them
    make.py --check        makes them in memory and compares with the committed ones
    make.py --only NAME    one of them (layers, losses, models, ...)

With PyTorch installed, formulas that both have are computed a second time by it and compared.
"""

import argparse
import importlib
import os
import pathlib
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"

import json  # noqa: E402

from golden import text  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENTS = [
    "activations", "layers", "convolutions", "normalizations", "poolings", "shape_layers",
    "losses", "metrics", "optimizers", "initializers", "training", "update_rules", "schedules",
    "regularizers", "loss_formulas", "metric_formulas", "metric_vectors",
]


def write(name, folder):
    document = importlib.import_module(f"golden.{name}").make()
    path = folder / f"{name}.json"
    path.write_text(text.dump(document) + "\n", encoding="utf-8")
    return [path]


def write_models(folder):
    from golden import models

    target = folder / "models"
    target.mkdir(exist_ok=True)
    return models.make(target)


def faults(made, committed):
    """What differs between a new file and the committed one of the same name."""
    if not committed.exists():
        return ["is not there"]
    if made.suffix == ".h5":
        from golden import hdf5

        old, new = hdf5.content(committed), hdf5.content(made)
    else:
        old, new = (json.loads(p.read_text(encoding="utf-8")) for p in (committed, made))
    return list(text.differences(old, new))


def check(chosen):
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        paths = make(chosen, folder)
        for path in paths:
            name = path.relative_to(folder)
            for fault in faults(path, HERE / name):
                print(f"{name}: {fault}", file=sys.stderr)
                wrong += 1
        if len(chosen) == len(DOCUMENTS) + 1:
            # Other scripts have files beside ours, but not in models/.
            known = {path.relative_to(folder) for path in paths}
            for stray in sorted({p.relative_to(HERE) for p in HERE.glob("models/*")} - known):
                print(f"{stray}: no longer made", file=sys.stderr)
                wrong += 1
    print(f"{len(paths)} files compared, {wrong} differences")
    return wrong


def make(chosen, folder):
    paths = []
    for name in chosen:
        paths += write_models(folder) if name == "models" else write(name, folder)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--only", choices=[*DOCUMENTS, "models"], help="one of the files")
    arguments = parser.parse_args()
    chosen = [arguments.only] if arguments.only else [*DOCUMENTS, "models"]
    if arguments.check:
        wrong = check(chosen)
    else:
        paths = make(chosen, HERE)
        print(f"{len(paths)} files, {sum(p.stat().st_size for p in paths)} bytes")
        wrong = 0
    from golden import torch_check

    return 1 if wrong + torch_check.run(HERE) else 0


if __name__ == "__main__":
    sys.exit(main())
