"""`initializers.json`: exact values of the deterministic ones, the distribution of the others.

The formulas are Keras's (`keras/src/initializers/random_initializers.py`); each is compared here
with draws of Keras itself before it is written.
"""

import math

import keras
import numpy as np
from keras.src.initializers import ALL_OBJECTS_DICT, Initializer
from keras.src.initializers.random_initializers import VarianceScaling, compute_fans

from .text import array, document, number

SHAPES = ([3, 5], [3, 3, 4, 8], [7], [64, 16])

# The standard deviation of a normal distribution cut at two standard deviations.
TRUNCATED = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))

RANDOM = [
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 0.5, "stddev": 0.25}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": -0.25, "maxval": 1.0}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}),
    *((name, {}) for name in ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform")),
    *((name, {}) for name in ("LecunNormal", "LecunUniform", "VarianceScaling")),
    *(
        ("VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ),
]

STFT = [
    {}, {"side": "imag"}, {"window": None}, {"window": "hamming"}, {"window": "blackman"},
    {"window": "boxcar"}, {"scaling": "spectrum"}, {"scaling": None}, {"periodic": True},
]


def full_config(class_name, config):
    return getattr(keras.initializers, class_name)(**config).get_config()


def exact():
    """Class, configuration, shape and values."""
    rows = [("Zeros", {}, [2, 3]), ("Ones", {}, [2, 3]), ("Constant", {}, [4])]
    rows += [("Constant", {"value": 0.1}, [2, 3]), ("Constant", {"value": -2.5}, [3])]
    rows += [("Identity", {"gain": gain}, shape) for gain, shape in
             ((1.0, [3, 3]), (0.25, [2, 4]), (2.0, [4, 2]))]
    rows += [("STFT", config, shape) for config in STFT for shape in ([8, 1, 5],)]
    rows += [("STFT", {}, [6, 1, 9]), ("STFT", {"side": "imag", "periodic": True}, [5, 1, 3])]
    for class_name, config, shape in rows:
        initializer = getattr(keras.initializers, class_name)(**config)
        dtype = "float64" if class_name == "STFT" else "float32"
        yield {
            "name": " ".join([class_name, str(config), str(shape)]),
            "class_name": class_name,
            "config": full_config(class_name, config),
            "values": array(initializer(shape, dtype=dtype)),
        }


def distribution(initializer, shape):
    """Kind, mean, standard deviation and limits (null: none) of the values of `shape`."""
    fan_in, fan_out = compute_fans(shape)
    if isinstance(initializer, VarianceScaling):
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        variance = initializer.scale / max(1.0, fan[initializer.mode])
        mean, deviation, kind = 0.0, math.sqrt(variance), initializer.distribution
        limit = math.sqrt(3 * variance)
        if kind == "truncated_normal":
            limit = 2 * deviation / TRUNCATED
        low, high = -limit, limit
    elif isinstance(initializer, keras.initializers.RandomUniform):
        kind, low, high = "uniform", initializer.minval, initializer.maxval
        mean, deviation = (low + high) / 2, (high - low) / math.sqrt(12)
    else:
        cut = isinstance(initializer, keras.initializers.TruncatedNormal)
        kind = "truncated_normal" if cut else "untruncated_normal"
        mean, deviation = initializer.mean, initializer.stddev * (TRUNCATED if cut else 1)
        low, high = mean - 2 * initializer.stddev, mean + 2 * initializer.stddev
    bounded = kind != "untruncated_normal"
    return {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "distribution": kind,
        "mean": number(mean),
        "standard_deviation": number(deviation),
        "lower": number(low) if bounded else None,
        "upper": number(high) if bounded else None,
    }


def confirm(class_name, config, shape, expected):
    """Fails when Keras's own draws do not follow the formulas."""
    make = getattr(keras.initializers, class_name)
    draws = min(40, max(1, 20000 // math.prod(shape)))
    sample = np.concatenate(
        [np.asarray(make(**config, seed=s)(shape)).reshape(-1) for s in range(draws)]
    ).astype(np.float64)
    deviation = expected["standard_deviation"]
    noise = 5 / math.sqrt(sample.size)
    assert abs(sample.mean() - expected["mean"]) < noise * deviation, (class_name, shape)
    assert abs(sample.std() / deviation - 1) < noise, (class_name, config, shape)
    if expected["upper"] is not None:
        slack = 1e-6 * (expected["upper"] - expected["lower"])
        assert sample.max() <= expected["upper"] + slack, (class_name, config, shape)
        assert sample.min() >= expected["lower"] - slack, (class_name, config, shape)


def random():
    for class_name, config in RANDOM:
        for shape in SHAPES:
            initializer = getattr(keras.initializers, class_name)(**config, seed=1)
            expected = distribution(initializer, shape)
            confirm(class_name, config, shape, expected)
            yield {
                "name": " ".join([class_name, str(config), str(shape)]),
                "class_name": class_name,
                "config": full_config(class_name, config),
                "shape": shape,
                **expected,
            }


def orthogonal():
    """Shapes for which the flattened matrix has orthonormal rows or columns, times gain."""
    for gain, shape in ((1.0, [4, 4]), (1.0, [3, 5]), (2.0, [5, 3]), (0.5, [3, 3, 4, 8])):
        values = np.asarray(keras.initializers.Orthogonal(gain=gain, seed=1)(shape))
        flat = values.reshape(-1, shape[-1]).astype(np.float64) / gain
        product = flat.T @ flat if flat.shape[0] >= flat.shape[1] else flat @ flat.T
        assert np.allclose(product, np.eye(len(product)), atol=1e-5)
        yield {
            "class_name": "Orthogonal",
            "config": full_config("Orthogonal", {"gain": gain}),
            "shape": shape,
            "orthonormal": "columns" if flat.shape[0] >= flat.shape[1] else "rows",
        }


def fans():
    for shape in ([], [7], [3, 5], [5, 3, 2], [3, 3, 4, 8], [2, 3, 3, 4, 8], [1, 1]):
        fan_in, fan_out = compute_fans(shape)
        yield {"shape": shape, "fan_in": fan_in, "fan_out": fan_out}


def make():
    aliases = {n: c.__name__ for n, c in sorted(ALL_OBJECTS_DICT.items()) if c is not Initializer}
    return document(
        aliases=aliases,
        fans=list(fans()),
        exact=list(exact()),
        random=list(random()),
        orthogonal=list(orthogonal()),
    )
