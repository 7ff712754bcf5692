"""`metric_formulas.json`: the other metrics, in the form of `metrics.json`: several batches, with and
without weights.
"""

import keras
import numpy as np

from .text import array, document, number
from .values import Values

SHARES = ["TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"]
REGRESSIONS = [
    "RootMeanSquaredError", "MeanSquaredLogarithmicError", "MeanAbsolutePercentageError",
    "LogCoshError", "CosineSimilarity", "Hinge", "SquaredHinge", "CategoricalHinge",
    "PearsonCorrelation", "ConcordanceCorrelation", "KLDivergence", "Poisson",
]


def batches(name, kind, width, weighted, integral):
    """Three batches; the last one is shorter, as at the end of an epoch."""
    for rows, part in ((6, "a"), (6, "b"), (3, "c")):
        v = Values(f"{name} {kind} {part}")
        predicted = v.uniform(rows, width, low=0, high=1)
        if kind == "numbers":
            true = v.uniform(rows, width, low=0, high=1)
        elif kind == "labels":
            true = v.integers(rows, width, below=2).astype(np.float32)
            predicted.reshape(-1)[0] = 0.5  # On a threshold.
        elif kind == "logits":
            true = v.integers(rows, width, below=2).astype(np.float32)
            predicted = v.uniform(rows, width) * 3
        elif kind == "classes":
            true = v.integers(rows, below=width)
        elif kind == "one-hot":
            true = np.eye(width)[v.integers(rows, below=width)]
        else:  # both are class numbers
            true = v.integers(rows, width, below=4).astype(np.float32)
            predicted = v.integers(rows, width, below=4).astype(np.float32)
        weight = None
        if weighted:
            weight = v.uniform(rows, low=0, high=2)
            if integral:
                weight = v.integers(rows, below=3)
        yield true, predicted.astype(np.float32), weight


def case(class_name, config, kind, width, weighted, integral=False):
    metric = getattr(keras.metrics, class_name)(**config)
    steps = []
    name = f"{class_name} {config} {kind} {width}{' weighted' if weighted else ''}"
    for true, predicted, weight in batches(name, kind, width, weighted, integral):
        metric.update_state(true, predicted, sample_weight=weight)
        steps.append(
            {
                "y_true": array(true),
                "y_pred": array(predicted),
                "sample_weight": None if weight is None else array(np.float32(weight)),
                "result": number(np.float32(metric.result())),
            }
        )
    return {"name": name, "class_name": class_name, "config": config, "updates": steps}


def kinds():
    for class_name in REGRESSIONS:
        yield class_name, {}, "numbers", 4
    yield "SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes", 4
    for k in (1, 2, 5):
        yield "TopKCategoricalAccuracy", {"k": k}, "one-hot", 7
        yield "SparseTopKCategoricalAccuracy", {"k": k}, "classes", 7
    for class_name in [*SHARES, "Precision", "Recall"]:
        for config in ({}, {"thresholds": 0.25}, {"thresholds": [0.75]}):
            yield class_name, config, "labels", 3
        yield class_name, {}, "labels", 1
    for class_name in ("Precision", "Recall"):
        for config in ({"top_k": 2}, {"class_id": 1}, {"top_k": 2, "class_id": 0},
                       {"top_k": 1, "thresholds": 0.5}):
            yield class_name, config, "one-hot", 5
    for class_name, bound in (
        ("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"),
        ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision"),
    ):
        for config in ({bound: 0.5}, {bound: 0.75, "num_thresholds": 11},
                       {bound: 0.25, "num_thresholds": 1}, {bound: 0.5, "num_thresholds": 2},
                       {bound: 0.5, "class_id": 2}):
            yield class_name, config, "labels", 3
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "majoring", "minoring"):
            yield "AUC", {"curve": curve, "summation_method": method}, "labels", 1
        yield "AUC", {"curve": curve, "multi_label": True}, "labels", 3
    yield "AUC", {}, "labels", 3
    yield "AUC", {"num_thresholds": 5}, "labels", 3
    yield "AUC", {"num_thresholds": 2}, "labels", 1
    yield "AUC", {"thresholds": [0.75, 0.125]}, "labels", 3
    yield "AUC", {"thresholds": [0.25, 0.5, 0.75]}, "labels", 3
    yield "AUC", {"from_logits": True}, "logits", 2
    yield "AUC", {"multi_label": True, "label_weights": [1.0, 0.5, 2.0]}, "labels", 3
    yield "AUC", {"multi_label": True, "num_labels": 2, "curve": "PR"}, "labels", 2
    yield "AUC", {"label_weights": [1.0, 0.5, 2.0]}, "labels", 3
    for average in ("micro", "macro", "weighted"):
        for threshold in (None, 0.5, 0.25):
            config = {"average": average, "threshold": threshold}
            yield "F1Score", config, "labels", 4
            yield "FBetaScore", {**config, "beta": 2.0}, "labels", 4
    for config in ({}, {"class_aggregation": "variance_weighted_average"}, {"num_regressors": 2},
                   {"num_regressors": 400}):
        yield "R2Score", config, "numbers", 3
    yield "R2Score", {}, "numbers", 1


def intersections():
    yield "BinaryIoU", {}, "labels", 3
    yield "BinaryIoU", {"target_class_ids": [1], "threshold": 0.25}, "labels", 3
    yield "IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "pairs", 3
    yield "MeanIoU", {"num_classes": 4, "ignore_class": 1}, "pairs", 3
    yield "MeanIoU", {"num_classes": 3}, "pairs", 3
    yield "OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 3]}, "one-hot", 4
    yield "OneHotMeanIoU", {"num_classes": 4, "dtype": "float32"}, "one-hot", 4
    yield "MeanIoU", {"num_classes": 4, "sparse_y_pred": False}, "classes", 4
    both = {"sparse_y_true": False, "sparse_y_pred": False}
    yield "MeanIoU", {"num_classes": 4, **both}, "one-hot", 4


def make():
    cases = [case(*kind, weighted) for kind in kinds() for weighted in (False, True)]
    for class_name, config, kind, width in intersections():
        # Keras takes weights of vectors there; a weight of a sample is the same for one vector.
        for weighted in (False, True) if kind in ("classes", "one-hot") else (False,):
            cases.append(case(class_name, config, kind, width, weighted, integral=True))
    return document(cases=cases)
