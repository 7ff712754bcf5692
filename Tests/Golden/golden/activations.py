"""`activations.json`: every activation of Keras 3, and sin, cos and square, with derivatives.

Computed in float64 and rounded once. At a kink the derivative is a convention: `dx` is Keras's,
and the file also says what the derivatives on both sides are; a test may take any of these.
"""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from .text import array, document, number
from .values import Values

POINTS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 2.9375, 3.0, 4.0, 5.984375, 6.0, 7.5, 10.0]
POINTS += [16.0, 20.0, 30.0, 60.0, 80.0]
FAR = [500.0, 10000.0]

ARGUMENTS = {
    "relu": [{}, {"negative_slope": 0.25}, {"max_value": 6.0}, {"threshold": 1.0},
             {"negative_slope": 0.25, "max_value": 4.0, "threshold": 0.5}],
    "leaky_relu": [{}, {"negative_slope": 0.3}],
    "elu": [{}, {"alpha": 0.5}],
    "celu": [{}, {"alpha": 2.0}],
    "gelu": [{}, {"approximate": True}],
    "hard_shrink": [{}, {"threshold": 1.0}],
    "soft_shrink": [{}, {"threshold": 1.0}],
    "squareplus": [{}, {"b": 1.0}],
    "threshold": [{"threshold": 1.0, "default_value": 0.25}],
}
WHOLE_AXIS = {"softmax", "log_softmax", "sparsemax", "glu"}
OURS = {"sin": jnp.sin, "cos": jnp.cos, "square": jnp.square}
# Keras casts a float64 argument of tanh to float32.
IN_FLOAT64 = {"tanh": jnp.tanh}
ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}


def names():
    """Every name that `keras.activations.get` takes, once."""
    from keras.src.activations import ALL_OBJECTS_DICT

    return sorted(set(ALL_OBJECTS_DICT) - set(ALIASES))


def function(name, arguments):
    call = OURS.get(name) or IN_FLOAT64.get(name) or keras.activations.get(name)
    return lambda x: call(x, **arguments)


def points(name):
    x = POINTS + ([] if name in ("exponential", "sin", "cos", "square") else FAR)
    return np.array(sorted({-v for v in x} | set(x))) + 0.0  # no -0.0


def elementwise(name, arguments):
    call = function(name, arguments)
    slope = jax.grad(lambda x: call(x).sum())
    x = points(name)
    step = 1e-9
    below, at, above = (np.asarray(slope(jnp.asarray(x + s))) for s in (-step, 0.0, step))
    kinks = [
        {"index": int(i), "below": number(below[i]), "above": number(above[i])}
        for i in np.flatnonzero(np.abs(above - below) > 1e-3 * (1 + np.abs(at)))
    ]
    return {
        "name": name,
        "arguments": arguments,
        "keras": name not in OURS,
        "x": array(x),
        "y": array(call(jnp.asarray(x))),
        "dx": array(at),
        "kinks": kinks,
    }


def along_last_axis(name, shape, spread):
    values = Values(f"{name} {shape} {spread}")
    x = values.uniform(*shape) * spread
    call = function(name, {})
    y, pull = jax.vjp(call, jnp.asarray(x))
    cotangent = values.uniform(*y.shape)
    return {
        "name": name,
        "arguments": {},
        "keras": True,
        "x": array(x),
        "y": array(y),
        "cotangent": array(cotangent),
        "dx": array(pull(jnp.asarray(cotangent))[0]),
    }


def make():
    cases = []
    for name in names() + sorted(OURS):
        if name in WHOLE_AXIS:
            for shape in ([3, 4], [2, 3, 6], [1, 18]):
                cases += [along_last_axis(name, shape, spread) for spread in (1.0, 32.0)]
        else:
            cases += [elementwise(name, arguments) for arguments in ARGUMENTS.get(name, [{}])]
    return document(aliases=ALIASES, cases=cases)
