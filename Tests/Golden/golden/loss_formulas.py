"""`loss_formulas.json`: the other losses, in the form of `losses.json`, and `reduction`.

Where a loss has one value for the batch, `values` is of shape [1].
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
    loss = make(**config, dtype="float32")
    value, gradient = jax.value_and_grad(lambda p: loss(y_true, p, sample_weight=weight))(y_pred)
    return {
        "name": name,
        "class_name": class_name,
        "config": config,
        "y_true": array(y_true),
        "y_pred": array(y_pred),
        "sample_weight": None if weight is None else array(weight),
        "values": array(np.atleast_1d(np.asarray(loss.call(y_true, y_pred)))),
        "loss": number(value),
        "gradient": array(gradient),
    }


def both(name, class_name, config, true, predicted):
    """Plain and weighted: a weight a sample, of which one is 0."""
    yield case(name, class_name, config, true, predicted)
    if np.ndim(true) > 2 or len(np.shape(predicted)) > 2:
        return
    weight = Values(f"{name} weights").uniform(len(predicted), low=0, high=2)
    weight[1] = 0
    reductions = ["sum_over_batch_size"]
    if class_name in ("Huber", "SparseCategoricalCrossentropy"):
        reductions += ["sum", "mean_with_sample_weight"]
    for reduction in reductions:
        options = {} if reduction == "sum_over_batch_size" else {"reduction": reduction}
        text = f"{name} weighted {reduction}"
        yield case(text, class_name, {**config, **options}, true, predicted, weight)


SHAPES = ([4, 3], [5, 1], [2, 19], [2, 3, 4])


def numbers():
    configs = [
        ("Huber", {}, -1.5), ("Huber", {"delta": 0.25}, -1.5), ("LogCosh", {}, -1.5),
        ("MeanAbsolutePercentageError", {}, -1.5), ("MeanSquaredLogarithmicError", {}, 0),
        ("CosineSimilarity", {}, -1.5), ("Poisson", {}, 0),
    ]
    for class_name, config, low in configs:
        for shape in SHAPES:
            name = f"{class_name} {config} {shape}"
            v = Values(name)
            true, predicted = v.uniform(*shape, low=low), v.uniform(*shape, low=low) + 1 / 4096
            yield from both(name, class_name, config, true, predicted)
    far = np.array([[0.0, 1e3], [-1e3, 40.0], [1e-3, -1e-4]])
    yield case("LogCosh far and near", "LogCosh", {}, far * 0, far)
    yield case("MeanSquaredLogarithmicError below 0", "MeanSquaredLogarithmicError", {}, far, -far)
    small = np.array([[0.0, 1e-9], [2.0, 0.5]])
    yield case("MeanAbsolutePercentageError of 0", "MeanAbsolutePercentageError", {}, small, far[:2] - 1)
    yield case("Poisson of 0", "Poisson", {}, far[:1] * 0, np.array([[0.0, 0.5]]))
    zero = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]])
    yield case("CosineSimilarity to 0", "CosineSimilarity", {}, zero, zero[::-1] + zero + 0.5)


def hinges():
    for class_name in ("Hinge", "SquaredHinge"):
        for shape in SHAPES:
            for kind in ("binary", "signs", "soft"):
                name = f"{class_name} {kind} {shape}"
                v = Values(name)
                true = v.integers(*shape, below=2).astype(np.float32)
                if kind == "signs":
                    true = 2 * true - 1
                elif kind == "soft":
                    true = v.uniform(*shape)
                yield from both(name, class_name, {}, true, v.uniform(*shape))
    for shape in ([4, 3], [2, 3, 4]):
        name = f"CategoricalHinge {shape}"
        v = Values(name)
        true = np.eye(shape[-1])[v.integers(*shape[:-1], below=shape[-1])]
        yield from both(name, "CategoricalHinge", {}, true, v.uniform(*shape))


def divergence():
    for shape in ([4, 3], [2, 19], [2, 3, 4]):
        name = f"KLDivergence {shape}"
        v = Values(name)
        yield from both(name, "KLDivergence", {}, v.probabilities(*shape), v.probabilities(*shape))
    ends = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])
    yield case("KLDivergence at 0", "KLDivergence", {}, ends, ends[::-1] * 0.875)


def focal():
    options = [
        {}, {"gamma": 1.5}, {"gamma": 0.0}, {"gamma": 1.0}, {"gamma": 3.0, "alpha": 0.75},
        {"label_smoothing": 0.125}, {"from_logits": True},
        {"from_logits": True, "gamma": 2.5, "label_smoothing": 0.25},
    ]
    for shape in ([6, 1], [4, 3], [2, 19], [2, 3, 4]):
        for config in options:
            for balancing in (False, True):
                whole = {**config, "apply_class_balancing": balancing}
                name = f"BinaryFocalCrossentropy {whole} {shape}"
                v = Values(name)
                true = v.integers(*shape, below=2)
                predicted = v.uniform(*shape) * 4
                if not config.get("from_logits"):
                    predicted = v.uniform(*shape, low=0, high=1)
                make = both if config in options[:2] else lambda *a: [case(*a)]
                yield from make(
                    name, "BinaryFocalCrossentropy", whole, true.astype(np.float32), predicted
                )
            if shape[-1] == 1:
                continue
            name = f"CategoricalFocalCrossentropy {config} {shape}"
            v = Values(name)
            true = np.eye(shape[-1])[v.integers(*shape[:-1], below=shape[-1])]
            predicted = v.uniform(*shape) * 4
            if not config.get("from_logits"):
                predicted = v.uniform(*shape, low=0, high=1)
            yield from both(name, "CategoricalFocalCrossentropy", config, true, predicted)


def overlaps():
    for class_name, config in (
        ("Dice", {}), ("Tversky", {}), ("Tversky", {"alpha": 0.25, "beta": 0.75}),
    ):
        for shape in ([4, 3], [2, 3, 4], [2, 3, 2, 2]):
            rank = len(shape)
            choices = [None, [0], list(range(1, rank)), list(range(rank - 1)), [-1], [0, -1]]
            for axis in choices:
                whole = config if axis is None else {**config, "axis": axis}
                name = f"{class_name} {whole} {shape}"
                v = Values(name)
                true = v.integers(*shape, below=2).astype(np.float32)
                predicted = v.uniform(*shape, low=0, high=1)
                yield case(name, class_name, whole, true, predicted)
                if axis is None or (axis == [1] and rank == 2):
                    weight = v.uniform(shape[0], low=0, high=2)
                    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
                        options = {**whole, "reduction": reduction}
                        text = f"{name} weighted {reduction}"
                        yield case(text, class_name, options, true, predicted, weight)


def circle():
    for config in ({}, {"gamma": 20.0, "margin": 0.25}, {"remove_diagonal": False}):
        for rows, width, below in ((6, 4, 3), (9, 8, 3), (4, 2, 9)):
            name = f"Circle {config} {rows} {width}"
            v = Values(name)
            raw = v.uniform(rows, width)
            # A little longer than 1 would be clipped.
            predicted = (raw / np.linalg.norm(raw, axis=1, keepdims=True) * 0.96875)
            labels = v.integers(rows, below=below) - 1
            labels[1] = labels[0]
            yield case(name, "Circle", config, labels, predicted)
            weight = v.uniform(rows, low=0, high=2)
            yield case(f"{name} weighted", "Circle", config, labels, predicted, weight)


def ignoring():
    class_name = "SparseCategoricalCrossentropy"
    for shape in ([6, 4], [2, 5, 4]):
        for ignored in (-1, 2, 255):
            for from_logits in (False, True):
                config = {"ignore_class": ignored, "from_logits": from_logits}
                name = f"{class_name} {config} {shape}"
                v = Values(name)
                labels = v.integers(*shape[:-1], below=4)
                labels.reshape(-1)[[1, 2, 5]] = ignored
                predicted = v.uniform(*shape) * 4 if from_logits else v.probabilities(*shape)
                yield from both(name, class_name, config, labels, predicted)
    v = Values("reduction")
    true, predicted = v.uniform(4, 3), v.uniform(4, 3)
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        yield case(f"reduction {reduction}", "MeanSquaredError", {"reduction": reduction}, true,
                   predicted)


def make():
    cases = [*numbers(), *hinges(), *divergence(), *focal(), *overlaps(), *circle(), *ignoring()]
    return document(cases=cases)
