"""`regularizers.json`: penalties, constraints and trainings with both, by Keras.

`penalties` are values and gradients of single regularizers, `constraints` what becomes of a
variable, `cases` trainings in the form of `training.json`.
"""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from . import training
from .text import array, document, number
from .values import Values

PENALTIES = [
    ("L1", {"l1": 0.03}),
    ("L1", {}),
    ("L2", {"l2": 0.2}),
    ("L2", {}),
    ("L1L2", {"l1": 0.1, "l2": 0.01}),
    ("L1L2", {"l1": 0.5}),
    ("L1L2", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "rows"}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]

CONSTRAINTS = [
    ("MaxNorm", {"max_value": 1.5}, (5, 3)),
    ("MaxNorm", {"max_value": 1, "axis": 1}, (5, 3)),
    ("MaxNorm", {"max_value": 1.25, "axis": [0, 1, 2]}, (2, 3, 2, 4)),
    ("MaxNorm", {"max_value": 0.5, "axis": [0, -1]}, (3, 4, 2)),
    ("MaxNorm", {"max_value": 0.5, "axis": None}, (3, 4)),
    ("MaxNorm", {"max_value": 0}, (3, 4)),
    ("MaxNorm", {}, (7,)),
    ("NonNeg", {}, (5, 3)),
    ("UnitNorm", {}, (5, 3)),
    ("UnitNorm", {"axis": 1}, (5, 3)),
    ("UnitNorm", {"axis": [1, 2]}, (3, 2, 3, 2)),
    ("MinMaxNorm", {"min_value": 1, "max_value": 1.5}, (5, 3)),
    ("MinMaxNorm", {"min_value": 2, "max_value": 2.5, "rate": 0.25, "axis": -1}, (5, 3)),
    ("MinMaxNorm", {}, (6,)),
]


def penalty(class_name, config, shape):
    regularizer = getattr(keras.regularizers, class_name)(**config)
    x = Values(f"{class_name} {config} {shape}").uniform(*shape).astype(np.float32)
    value, gradient = jax.value_and_grad(lambda x: jnp.sum(regularizer(x)))(x)
    return {
        "regularizer": {"class_name": class_name, "config": config},
        "x": array(x),
        "value": number(value),
        "gradient": array(gradient),
    }


def constraint(class_name, config, shape):
    x = Values(f"{class_name} {config} {shape}").uniform(*shape).astype(np.float32)
    y = getattr(keras.constraints, class_name)(**config)(x)
    return {
        "constraint": {"class_name": class_name, "config": config},
        "x": array(x),
        "y": array(y),
    }


def regularized(kernel, bias=None, activity=None):
    """A network with penalties, whose first layer is called twice.

    Not with a penalty on its activity, of which Keras counts each call, but on JAX the last alone:
    its trainer calls `Model.call`, and then every call of a layer clears the layer's losses.
    """

    def build():
        layers = keras.layers
        left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
        encoders = [
            layers.Dense(
                5,
                activation="tanh",
                name=name,
                kernel_regularizer=kernel,
                bias_regularizer=bias,
                activity_regularizer=activity,
            )
            for name in ("encoder", "other")
        ]
        second = encoders[0 if activity is None else 1]
        x = layers.Concatenate(name="both")([encoders[0](left), second(right)])
        x = layers.BatchNormalization(
            name="norm", momentum=0.9, gamma_regularizer=kernel, beta_regularizer=bias
        )(x)
        x = layers.ActivityRegularization(l1=0.01, l2=0.02, name="activity")(x)
        outputs = layers.Dense(2, name="y", kernel_regularizer=kernel)(x)
        return keras.Model([left, right], outputs, name="regularized")

    return build


def orthogonal(kernel, activity):
    def build():
        layers = keras.layers
        x = inputs = keras.Input((4,), name="x")
        x = layers.Dense(
            6, activation="silu", name="first", kernel_regularizer=kernel,
            activity_regularizer=activity,
        )(x)
        return keras.Model(inputs, layers.Dense(2, name="y")(x), name="orthogonal")

    return build


def constrained(kernel, bias=None):
    def build():
        layers = keras.layers
        x = inputs = keras.Input((4,), name="x")
        x = layers.Dense(
            6, activation="tanh", name="first", kernel_constraint=kernel, bias_constraint=bias
        )(x)
        x = layers.BatchNormalization(
            name="norm", momentum=0.9, gamma_constraint=bias, beta_constraint=bias
        )(x)
        outputs = layers.Dense(2, name="y", kernel_constraint=kernel)(x)
        return keras.Model(inputs, outputs, name="constrained")

    return build


def cases():
    regularizers, constraints = keras.regularizers, keras.constraints
    squares = "mean_squared_error"
    adam = ("Adam", {"learning_rate": 0.01})
    momentum = ("SGD", {"learning_rate": 0.05, "momentum": 0.9})
    clipped = ("SGD", {"learning_rate": 0.05, "global_clipnorm": 0.25})
    rows = regularizers.OrthogonalRegularizer(0.1, mode="rows")
    columns = regularizers.OrthogonalRegularizer(0.1, mode="columns")
    return [
        training.case("L2", regularized(regularizers.L2(0.02)), momentum, squares),
        training.case(
            "L1", regularized(regularizers.L1(0.005), regularizers.L1(0.01)), ("SGD", {}), squares
        ),
        training.case(
            "L1L2 activity",
            regularized(
                regularizers.L1L2(l1=0.005, l2=0.02), regularizers.L2(0.1), regularizers.L2(0.05)
            ),
            adam,
            squares,
            weighted=True,
        ),
        training.case("L2 clipped", regularized(regularizers.L2(0.1)), clipped, squares),
        training.case("orthogonal rows", orthogonal(rows, columns), momentum, squares),
        training.case("orthogonal columns", orthogonal(columns, rows), momentum, squares),
        training.case("MaxNorm", constrained(constraints.MaxNorm(0.75), "non_neg"), adam, squares),
        training.case("UnitNorm", constrained(constraints.UnitNorm(axis=1)), momentum, squares),
        training.case(
            "MinMaxNorm",
            constrained(constraints.MinMaxNorm(0.5, 0.75, rate=0.5, axis=0), "unit_norm"),
            momentum,
            squares,
        ),
    ]


def make():
    return document(
        penalties=[
            penalty(name, config, shape)
            for name, config in PENALTIES
            for shape in [(5, 3), (3, 7), (9, 19)]
        ],
        constraints=[constraint(*row) for row in CONSTRAINTS],
        cases=cases(),
    )
