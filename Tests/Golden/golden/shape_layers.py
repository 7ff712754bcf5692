"""`shape_layers.json`: layers that merge, move, repeat and rescale; a case is as in `layers.json`."""

import numpy as np

from . import layers
from .text import array, document
from .values import Values

FIRST = {"data_format": "channels_first"}


def named(class_name, config, *shapes, scale=1.0):
    """A case whose name says what it is of."""
    parts = [class_name, *(f"{key} {value}" for key, value in config.items())]
    parts.append("on " + " and ".join(str(shape) for shape in shapes))
    return layers.case(" ".join(parts), class_name, config, *shapes, scale=scale)


def merging():
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        yield named(name, {}, [3, 4], [3, 4])
        yield named(name, {}, [2, 3, 4], [2, 4])
        yield named(name, {}, [2, 1, 4], [2, 3, 1])
        yield named(name, {}, [2, 1], [2, 2, 2, 3])
        if name != "Subtract":
            yield named(name, {}, [2, 5], [2, 5], [2, 5])
            yield named(name, {}, [2, 3, 1], [2, 4], [2, 1, 1])
    for config in ({"axes": 1}, {"axes": -1, "normalize": True}):
        yield named("Dot", config, [3, 5], [3, 5])
    yield named("Dot", {"axes": 2}, [2, 3, 4], [2, 5, 4])
    yield named("Dot", {"axes": [1, 2]}, [2, 4, 3], [2, 5, 4])
    yield named("Dot", {"axes": [2, 1], "normalize": True}, [2, 3, 4], [2, 4])
    yield named("Dot", {"axes": [1, 2], "normalize": True}, [2, 4, 3, 2], [2, 2, 4])
    yield named("Dot", {"axes": [1, 3]}, [2, 4, 3], [2, 2, 3, 4])


def moving():
    yield named("Permute", {"dims": [2, 1]}, [2, 3, 4])
    yield named("Permute", {"dims": [3, 1, 2]}, [2, 2, 3, 4])
    yield named("RepeatVector", {"n": 3}, [2, 4])
    for padding in (1, [0, 2]):
        yield named("ZeroPadding1D", {"padding": padding}, [2, 3, 2])
    yield named("ZeroPadding1D", {"padding": [2, 1], **FIRST}, [2, 2, 3])
    for padding in (1, [2, 0], [[1, 0], [0, 2]]):
        yield named("ZeroPadding2D", {"padding": padding}, [2, 2, 3, 2])
    yield named("ZeroPadding2D", {"padding": [[1, 0], [0, 2]], **FIRST}, [2, 2, 2, 3])
    yield named("ZeroPadding3D", {"padding": [1, 0, 2]}, [1, 2, 1, 2, 2])
    yield named("ZeroPadding3D", {"padding": [[1, 0], [0, 1], [2, 0]]}, [1, 2, 1, 2, 2])
    yield named("Cropping1D", {}, [2, 4, 2])
    yield named("Cropping1D", {"cropping": [0, 2]}, [2, 4, 2])
    for cropping in (1, [1, 0], [[0, 1], [2, 0]]):
        yield named("Cropping2D", {"cropping": cropping}, [2, 3, 4, 2])
    yield named("Cropping2D", {"cropping": [[0, 1], [2, 0]], **FIRST}, [2, 2, 3, 4])
    yield named("Cropping3D", {"cropping": [[0, 1], [1, 1], [0, 2]]}, [1, 3, 3, 3, 2])
    yield named("UpSampling1D", {"size": 3}, [2, 3, 2])
    for interpolation in ("nearest", "bilinear"):
        for size in (2, [3, 1], [2, 4]):
            config = {"size": size, "interpolation": interpolation}
            yield named("UpSampling2D", config, [2, 3, 2, 2])
        yield named(
            "UpSampling2D", {"size": [2, 3], "interpolation": interpolation, **FIRST}, [2, 2, 3, 2]
        )
    yield named("UpSampling2D", {"size": [5, 3], "interpolation": "bilinear"}, [1, 1, 4, 3])
    yield named("UpSampling3D", {"size": [2, 1, 3]}, [1, 2, 2, 2, 2])
    yield named("Flatten", FIRST, [2, 3, 2, 2])


def rescaling():
    yield named("ELU", {}, [3, 5])
    yield named("ELU", {"alpha": 0.3}, [3, 5])
    yield named("PReLU", {}, [3, 4])
    for axes in ([1, 2], [2], [1, 3], [1, 2, 3]):
        yield named("PReLU", {"shared_axes": axes}, [2, 2, 3, 2])
    yield named("Rescaling", {"scale": 0.25, "offset": -1.0}, [3, 4])
    yield named("Rescaling", {"scale": [0.5, 2.0, -1.0], "offset": [0.0, 1.0, 2.0]}, [2, 2, 3])
    for invert in (False, True):
        more = {"invert": invert}
        mean, variance = [0.5, -0.25, 1.0], [0.25, 4.0, 1e-20]
        yield named("Normalization", {"mean": 0.5, "variance": 0.25, **more}, [2, 4])
        yield named("Normalization", {"mean": mean, "variance": variance, **more}, [2, 2, 3])
        config = {"axis": 1, "mean": mean, "variance": variance, **more}
        yield named("Normalization", config, [2, 3, 2])
        for axis in (-1, 1, [1, 3], None):
            yield adapted({"axis": axis, **more}, [5, 2, 3, 4])


def adapted(config, shape):
    """Normalization with the statistics of its data, which are `adapted`."""
    import keras

    name = f"Normalization adapted axis {config['axis']} invert {config['invert']}"
    data = Values(name + " data").uniform(*shape) * 3 + 1
    layer = keras.layers.Normalization(**config, dtype="float64")
    layer.adapt(data)
    mean, variance = np.asarray(layer.adapt_mean), np.asarray(layer.adapt_variance)
    values = Values(name)
    x, cotangent = values.uniform(2, *shape[1:]), values.uniform(2, *shape[1:])
    deviation = np.sqrt(np.asarray(layer.variance))
    return {
        "name": name,
        "class_name": "Normalization",
        "config": config,
        "training": False,
        "adapted": array(data),
        "inputs": [array(x)],
        "weights": [
            {"name": "mean", "trainable": False, "value": array(mean), "after": array(mean)},
            {
                "name": "variance",
                "trainable": False,
                "value": array(variance),
                "after": array(variance),
            },
            {"name": "count", "trainable": False, "value": array(0), "after": array(0)},
        ],
        "outputs": [array(layer(x))],
        "cotangents": [array(cotangent)],
        "input_gradients": [
            array(cotangent * deviation if config["invert"] else cotangent / deviation)
        ],
    }


def make():
    return document(cases=[*merging(), *moving(), *rescaling()])
