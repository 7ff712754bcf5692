"""`metric_vectors.json`: the metrics whose result is several numbers, one for each class or threshold,
in the form of `metric_formulas.json` with a list as the result.
"""

import keras
import numpy as np

from .metric_formulas import SHARES, batches
from .text import array, document, number


def case(class_name, config, kind, width, weighted):
    metric = getattr(keras.metrics, class_name)(**config)
    steps = []
    name = f"{class_name} {config} {kind} {width} vector{' weighted' if weighted else ''}"
    for true, predicted, weight in batches(name, kind, width, weighted, integral=False):
        metric.update_state(true, predicted, sample_weight=weight)
        steps.append(
            {
                "y_true": array(true),
                "y_pred": array(predicted),
                "sample_weight": None if weight is None else array(np.float32(weight)),
                "result": [number(x) for x in np.float32(metric.result())],
            }
        )
    return {"name": name, "class_name": class_name, "config": config, "updates": steps}


def kinds():
    # Ascending, in another order with one twice, and those from 0 to 1 in even steps, for which
    # Keras has a way of its own.
    lists = ([0.25, 0.5], [0.75, 0.125, 0.5, 0.125], [0.0, 0.25, 0.5, 0.75, 1.0])
    for class_name in [*SHARES, "Precision", "Recall"]:
        for thresholds in lists:
            yield class_name, {"thresholds": thresholds}, "labels", 3
    for class_name in ("Precision", "Recall"):
        yield class_name, {"thresholds": [0.25, 0.5], "top_k": 2}, "one-hot", 5
        yield class_name, {"thresholds": [0.5, 0.25], "class_id": 1}, "labels", 3
    for threshold in (None, 0.5):
        yield "F1Score", {"threshold": threshold}, "labels", 4
        yield "FBetaScore", {"average": None, "beta": 2.0, "threshold": threshold}, "labels", 4
    yield "F1Score", {}, "one-hot", 1
    for config in ({}, {"num_regressors": 2}):
        yield "R2Score", {"class_aggregation": None, **config}, "numbers", 3


def make():
    return document(
        cases=[case(*kind, weighted) for kind in kinds() for weighted in (False, True)]
    )
