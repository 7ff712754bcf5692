"""`models/`: real files of Keras 3 with what the model in them predicts.

For each model: `NAME.h5` (whole), `NAME.weights.h5`, `NAME.legacy.h5` (weights alone in the old
layout) and `NAME.json` (the model's JSON, inputs and predictions).
"""

import json

import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from . import keras2
from .text import array, document, dump
from .training import give_weights, named_weights
from .values import Values

layers = keras.layers


def sequential():
    return keras.Sequential(
        [
            keras.Input((4, 3), name="image"),
            layers.Flatten(),
            layers.Dense(8, activation="gelu"),
            layers.BatchNormalization(epsilon=1e-2),
            layers.ReLU(max_value=2.0, negative_slope=0.125),
            layers.Dropout(0.25),
            layers.Dense(6, use_bias=False, kernel_initializer="he_normal"),
            layers.Reshape((2, -1)),
            layers.Softmax(axis=1),
            layers.LeakyReLU(negative_slope=0.5),
        ],
        name="sequential_golden",
    )


def functional():
    """Residual, with two inputs and outputs, a shared layer and activations that are objects."""
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    encoder = layers.Dense(6, activation=layers.LeakyReLU(negative_slope=0.1), name="encoder")
    a, b = encoder(left), encoder(right)
    x = layers.Dense(6, name="stem")(layers.Concatenate(name="both")([a, b]))
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.Add(name="add")([x, a])
    x = layers.Activation(layers.ReLU(max_value=3.0), name="capped")(x)
    y = layers.Dense(3, activation="softmax", name="kind")(x)
    z = layers.Dense(1, activation="tanh", name="amount")(layers.Dropout(0.5, name="drop")(x))
    # Inputs and outputs in another order than that of their layers.
    return keras.Model([right, left], [z, y], name="functional_golden")


def frozen():
    """A layer that does not train: the old layout lists its weights in creation order."""
    inputs = keras.Input((4,), name="x")
    x = layers.Dense(4, activation="hard_sigmoid", name="fixed", trainable=False)(inputs)
    x = layers.BatchNormalization(name="fixed_norm", trainable=False)(x)
    x = layers.BatchNormalization(name="norm", center=False)(x)
    return keras.Model(inputs, layers.Dense(2, name="y")(x), name="frozen_golden")


def nested():
    """A model inside a model, called twice."""
    inner_input = keras.Input((3,), name="inner_input")
    y = layers.Dense(3, activation="elu", name="inner_dense")(inner_input)
    y = layers.BatchNormalization(name="inner_norm")(y)
    inner = keras.Model(inner_input, y, name="inner")
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    x = layers.Add(name="add")([inner(a), inner(b)])
    return keras.Model([a, b], layers.Dense(2, name="y")(x), name="nested_golden")


def expected(model, values):
    x = [values.uniform(4, *i.shape[1:]).astype(np.float32) for i in model.inputs]
    y = model.predict(x if len(x) > 1 else x[0], verbose=0)
    outputs = y if isinstance(y, list) else [y]
    return {"x": [array(part) for part in x], "y": [array(part) for part in outputs]}


def write(folder, name, content):
    path = folder / f"{name}.json"
    path.write_text(dump(content) + "\n", encoding="utf-8")
    return path


def write_model(folder, name, build):
    keras.backend.clear_session()
    model = build()
    values = Values(f"model {name}")
    give_weights(model, values)
    whole, weights = folder / f"{name}.h5", folder / f"{name}.weights.h5"
    legacy = folder / f"{name}.legacy.h5"
    model.save(whole)
    model.save_weights(weights)
    with h5py.File(legacy, "w") as file:
        save_weights_to_hdf5_group(file, model)
    content = document(
        model=json.loads(model.to_json()),
        weights=named_weights(model),
        predict=expected(model, values),
    )
    return [whole, weights, legacy, write(folder, name, content)]


def write_compiled(folder):
    """A model saved after training: training_config and optimizer_weights are in the file."""
    paths = []
    for name, optimizer in (
        ("compiled_adam", keras.optimizers.Adam(0.01)),
        ("compiled_sgd", keras.optimizers.SGD(0.1, momentum=0.9)),
    ):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((4,), name="x"),
                layers.Dense(5, activation="relu", name="hidden"),
                layers.BatchNormalization(name="norm"),
                layers.Dense(3, activation="softmax", name="y"),
            ],
            name=name,
        )
        values = Values(f"model {name}")
        give_weights(model, values)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        for _ in range(3):
            x = values.uniform(8, 4).astype(np.float32)
            model.train_on_batch(x, values.integers(8, below=3))
        whole, weights = folder / f"{name}.h5", folder / f"{name}.weights.h5"
        model.save(whole)
        model.save_weights(weights)
        state = [{"name": v.path, "value": array(v.value)} for v in model.optimizer.variables]
        content = document(
            weights=named_weights(model), optimizer=state, predict=expected(model, values)
        )
        paths += [whole, weights, write(folder, name, content)]
    return paths


def make(folder):
    """Writes everything; returns the paths."""
    paths = []
    for build in (sequential, functional, frozen, nested):
        paths += write_model(folder, build.__name__, build)
    return paths + write_compiled(folder) + keras2.make(folder)
