"""`metrics.json`: a metric's result after each of several updates, with and without weights.

`choices` says which metric the word "accuracy" means for given shapes.
"""

import keras
import numpy as np

from .text import array, document, number
from .values import Values


def updates(class_name, rank, weighted):
    """Three batches; the last one is shorter, as at the end of an epoch."""
    for rows, part in ((6, "a"), (6, "b"), (3, "c")):
        v = Values(f"{class_name} {rank} {part}")
        shape = [rows, 4] if rank == 2 else [rows, 2, 4]
        if class_name.startswith("Binary"):
            true = v.integers(*shape, below=2).astype(np.float32)
            predicted = v.uniform(*shape, low=0, high=1)
            predicted.reshape(-1)[0] = 0.5  # On the threshold.
        elif "ategorical" in class_name:
            labels = v.integers(*shape[:-1], below=4)
            true = labels if class_name.startswith("Sparse") else np.eye(4)[labels]
            predicted = v.probabilities(*shape).astype(np.float64)
            predicted.reshape(-1, 4)[0] = 0.25  # A tie: the first of the largest counts.
        elif class_name == "Accuracy":
            true, predicted = v.integers(*shape, below=3), v.integers(*shape, below=3)
        else:
            true, predicted = v.uniform(*shape), v.uniform(*shape)
        if class_name == "Accuracy":
            true, predicted = true.astype(np.float32), predicted.astype(np.float32)
        weight = v.uniform(*shape[:-1], low=0, high=2) if weighted else None
        yield true, predicted.astype(np.float32), weight


def case(class_name, config, rank, weighted):
    metric = getattr(keras.metrics, class_name)(**config, dtype="float32")
    steps = []
    for true, predicted, weight in updates(class_name, rank, weighted):
        metric.update_state(true, predicted, sample_weight=weight)
        steps.append(
            {
                "y_true": array(true),
                "y_pred": array(predicted),
                "sample_weight": None if weight is None else array(weight),
                "result": number(metric.result()),
            }
        )
    options = " ".join(f"{k} {v}" for k, v in config.items())
    name = f"{class_name} {options} rank {rank}{' weighted' if weighted else ''}"
    return {
        "name": " ".join(name.split()),
        "class_name": class_name,
        "config": config,
        "updates": steps,
    }


def cases():
    plain = ["Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"]
    plain += ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy"]
    plain += ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
    for class_name in plain:
        for rank in (2, 3):
            for weighted in (False, True):
                yield case(class_name, {}, rank, weighted)
    yield case("BinaryAccuracy", {"threshold": 0.75}, 2, False)
    logits = {"from_logits": True}
    for class_name in ("BinaryCrossentropy", "CategoricalCrossentropy"):
        yield case(class_name, {**logits, "label_smoothing": 0.125}, 2, True)
    yield case("SparseCategoricalCrossentropy", logits, 2, True)


def choices():
    from keras.src.trainers.compile_utils import get_metric

    for true, predicted in (
        ([8, 1], [8, 1]), ([8], [8, 1]), ([8], [8, 10]), ([8, 1], [8, 10]), ([8, 10], [8, 10]),
        ([8, 2], [8, 2]), ([8, 5], [8, 5, 10]), ([8, 5, 1], [8, 5, 1]), ([8, 5, 10], [8, 5, 10]),
    ):
        metric = get_metric("accuracy", np.zeros(true), np.zeros(predicted))
        yield {"y_true": true, "y_pred": predicted, "class_name": type(metric).__name__}


def make():
    return document(choices=list(choices()), cases=list(cases()))
