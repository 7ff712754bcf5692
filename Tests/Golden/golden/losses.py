"""`losses.json`: loss functions with their options, and the gradient for the predictions.

Computed in float32, as Keras does: what a probability is clipped to, `1 - 1e-7`, depends on it.
"""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from .text import array, document, number
from .values import Values


def case(name, class_name, config, y_true, y_pred, sample_weight=None):
    make = getattr(keras.losses, class_name)
    y_pred = jnp.asarray(y_pred, jnp.float32)
    y_true = np.asarray(y_true, np.int32 if np.asarray(y_true).dtype.kind == "i" else np.float32)
    weight = None if sample_weight is None else np.asarray(sample_weight, np.float32)
    each = make(**config, reduction=None, dtype="float32")
    mean = make(**config, dtype="float32")
    loss, gradient = jax.value_and_grad(lambda p: mean(y_true, p, sample_weight=weight))(y_pred)
    return {
        "name": name,
        "class_name": class_name,
        "config": config,
        "y_true": array(y_true),
        "y_pred": array(y_pred),
        "sample_weight": None if weight is None else array(weight),
        "values": array(each(y_true, y_pred)),
        "loss": number(loss),
        "gradient": array(gradient),
    }


def regression():
    for class_name in ("MeanSquaredError", "MeanAbsoluteError"):
        for shape in ([4, 3], [5, 1], [2, 3, 4]):
            v = Values(f"{class_name} {shape}")
            # Off the grid of the targets: no accidental kinks.
            true, predicted = v.uniform(*shape), v.uniform(*shape) + 1 / 4096
            name = f"{class_name} rank {len(shape)} of {shape[-1]}"
            yield case(name, class_name, {}, true, predicted)
            weight = v.uniform(shape[0], low=0, high=2)
            if len(shape) == 2:
                yield case(f"{name} weighted", class_name, {}, true, predicted, weight)
            else:
                weight = v.uniform(*shape[:-1], low=0, high=2)
                yield case(f"{name} weighted", class_name, {}, true, predicted, weight)
                column = weight[:, :1]
                yield case(f"{name} weighted [n, 1]", class_name, {}, true, predicted, column)
    # Where both agree the derivative is a convention: 1 in JAX, 0 in PyTorch. A test takes
    # anything between the two sides.
    v = Values("MeanAbsoluteError kink")
    true, predicted = v.uniform(2, 2), v.uniform(2, 2)
    true[0, 1] = predicted[0, 1]
    kinked = case("MeanAbsoluteError at its kink", "MeanAbsoluteError", {}, true, predicted)
    yield {**kinked, "kinks": [{"index": 1, "below": -0.25, "above": 0.25}]}


def options(smoothing=True):
    """The configurations of a crossentropy: both kinds of prediction, with smoothing or not."""
    for from_logits in (False, True):
        for label_smoothing in (0.0, 0.125) if smoothing else (0.0,):
            config = {"from_logits": from_logits}
            text = " logits" if from_logits else " probabilities"
            if label_smoothing:
                config["label_smoothing"] = label_smoothing
                text += " smoothed"
            yield text, config


def binary():
    class_name = "BinaryCrossentropy"
    for text, config in options():
        for shape in ([6, 1], [4, 3], [2, 3, 2]):
            name = f"{class_name}{text} rank {len(shape)} of {shape[-1]}"
            v = Values(name)
            true = v.integers(*shape, below=2).astype(np.float32)
            if config["from_logits"]:
                predicted = v.uniform(*shape) * 8
            else:
                predicted = v.uniform(*shape, low=0, high=1)
            yield case(name, class_name, config, true, predicted)
            weight = v.uniform(*shape[:-1], low=0, high=2)
            yield case(f"{name} weighted", class_name, config, true, predicted, weight)
    ends = np.array([[0.0], [1.0], [0.0], [1.0]], np.float32)
    far = np.array([[-200.0], [200.0], [200.0], [-200.0]], np.float32)
    probabilities = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)
    yield case(f"{class_name} at 0 and 1", class_name, {}, ends, probabilities)
    yield case(f"{class_name} far logits", class_name, {"from_logits": True}, ends, far)
    soft = Values("soft").uniform(4, 1, low=0, high=1)
    yield case(f"{class_name} soft targets", class_name, {"from_logits": True}, soft, far / 64)


def categorical(class_name, smoothing):
    sparse = class_name.startswith("Sparse")
    for text, config in options(smoothing):
        for shape in ([5, 4], [3, 10], [2, 3, 4]):
            name = f"{class_name}{text} rank {len(shape)} of {shape[-1]}"
            v = Values(name)
            labels = v.integers(*shape[:-1], below=shape[-1])
            true = labels if sparse else np.eye(shape[-1], dtype=np.float32)[labels]
            logits = v.uniform(*shape) * 4
            predicted = logits if config["from_logits"] else v.probabilities(*shape)
            yield case(name, class_name, config, true, predicted)
            weight = v.uniform(*shape[:-1], low=0, high=2)
            yield case(f"{name} weighted", class_name, config, true, predicted, weight)
    labels = np.array([0, 1, 2], np.int32)
    true = labels if sparse else np.eye(3, dtype=np.float32)[labels]
    certain = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    yield case(f"{class_name} at 0 and 1", class_name, {}, true, certain)
    logits = {"from_logits": True}
    yield case(f"{class_name} far logits", class_name, logits, true, certain * 400 - 200)
    unnormalized = np.array([[0.5, 0.25, 0.5], [2, 1, 1], [0.125, 0.25, 0.125]], np.float32)
    yield case(f"{class_name} unnormalized", class_name, {}, true, unnormalized)
    if sparse:
        yield case(f"{class_name} labels [n, 1]", class_name, {}, true[:, None], unnormalized)
    else:
        soft = np.array([[0.5, 0.5, 0], [0, 0.25, 0.75], [1, 0, 0]], np.float32)
        yield case(f"{class_name} soft targets", class_name, logits, soft, unnormalized)


def make():
    cases = [
        *regression(),
        *binary(),
        *categorical("CategoricalCrossentropy", True),
        *categorical("SparseCategoricalCrossentropy", False),
    ]
    return document(cases=cases)
