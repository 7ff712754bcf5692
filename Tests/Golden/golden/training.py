"""`training.json`: small models trained by Keras for five batches, in order, in float32.

A Dense layer in front of a BatchNormalization has no bias here: its gradient is zero but for
rounding, and Adam would make steps of the full learning rate out of that noise.
"""

import json

import keras
import numpy as np

from .text import array, document, number
from .values import Values

BATCHES, ROWS = 5, 16


def residual():
    """The demo's network in small."""
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    x = layers.Dense(8, use_bias=False, name="stem")(inputs)
    x = layers.BatchNormalization(momentum=0.9, name="stem_norm")(x)
    shortcut = x = layers.ReLU(name="stem_relu")(x)
    x = layers.Dense(8, use_bias=False, name="first")(x)
    x = layers.BatchNormalization(momentum=0.9, name="first_norm")(x)
    x = layers.Activation("relu", name="first_relu")(x)
    x = layers.Dense(8, use_bias=False, name="second")(x)
    x = layers.BatchNormalization(momentum=0.9, name="second_norm")(x)
    x = layers.Add(name="add")([x, shortcut])
    x = layers.Activation("tanh", name="out_of_block")(x)
    x = layers.Dropout(0.0, name="dropout")(x)
    outputs = layers.Dense(3, activation="softmax", name="y")(x)
    return keras.Model(inputs, outputs, name="residual")


def shared():
    """One layer called twice, two inputs, a concatenation, a linear output."""
    layers = keras.layers
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    encoder = layers.Dense(5, activation="silu", name="encoder")
    x = layers.Concatenate(name="both")([encoder(left), encoder(right)])
    x = layers.LeakyReLU(negative_slope=0.2, name="leaky")(layers.Dense(6, name="hidden")(x))
    return keras.Model([left, right], layers.Dense(2, name="y")(x), name="shared")


def give_weights(model, values):
    """Fixed values in the scale of Glorot's; gamma and the moving variance near 1."""
    for layer in model.layers:
        for weight in layer.weights:
            value = values.uniform(*weight.shape, low=-0.75, high=0.75)
            if weight.name in ("gamma", "moving_variance"):
                value = 1 + value / 4
            weight.assign(value.astype(np.float32))


def named_weights(model):
    """`layer/variable` and value, in the model's order."""
    return [
        {"name": f"{layer.name}/{w.name}", "value": array(w.value)}
        for layer in model.layers
        for w in layer.weights
    ]


def batch(model, index, rows, loss, values):
    x = [values.uniform(rows, i.shape[-1]).astype(np.float32) for i in model.inputs]
    if loss.startswith("sparse"):
        y = values.integers(rows, below=model.output_shape[-1])
    else:
        y = values.uniform(rows, model.output_shape[-1]).astype(np.float32)
    return x, y


def case(name, build, optimizer, loss, weighted=False):
    values = Values(name)
    keras.backend.clear_session()
    model = build()
    give_weights(model, values)
    class_name, config = optimizer
    model.compile(getattr(keras.optimizers, class_name)(**config), loss=loss)
    initial = named_weights(model)
    batches = []
    for index in range(BATCHES):
        rows = ROWS if index < BATCHES - 1 else ROWS // 2 + 1  # The last one is short.
        x, y = batch(model, index, rows, loss, values)
        weight = values.uniform(rows, low=0, high=2).astype(np.float32) if weighted else None
        model.reset_metrics()
        value = model.train_on_batch(x if len(x) > 1 else x[0], y, sample_weight=weight)
        batches.append(
            {
                "x": [array(part) for part in x],
                "y": array(y),
                "sample_weight": None if weight is None else array(weight),
                "loss": number(value),
            }
        )
    final = named_weights(model)
    x, _ = batch(model, BATCHES, 4, loss, values)
    predictions = model.predict(x if len(x) > 1 else x[0], verbose=0)
    return {
        "name": name,
        "model": json.loads(model.to_json()),
        "optimizer": {"class_name": class_name, "config": config},
        "loss": loss,
        "initial": initial,
        "batches": batches,
        "final": final,
        "predict": {"x": [array(part) for part in x], "y": array(predictions)},
    }


def make():
    adam = ("Adam", {"learning_rate": 0.01})
    momentum = ("SGD", {"learning_rate": 0.05, "momentum": 0.9})
    nesterov = ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True})
    crossentropy, squares = "sparse_categorical_crossentropy", "mean_squared_error"
    return document(
        cases=[
            case("residual Adam", residual, adam, crossentropy),
            case("residual SGD momentum", residual, momentum, crossentropy),
            case("residual SGD weighted", residual, ("SGD", {}), crossentropy, weighted=True),
            case("shared Adam", shared, adam, squares),
            case("shared SGD nesterov", shared, nesterov, squares, weighted=True),
        ]
    )
