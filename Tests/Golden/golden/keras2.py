"""Files in the dialect of Keras 2, written by hand; predictions are computed here in numpy.

`keras2_dialect.h5` is what Keras 3 opens too (checked); `keras2_hard_sigmoid.h5` says version
2.9.0, where hard_sigmoid is another function, and carries its input shape on the first layer.
"""

import json

import h5py
import keras
import numpy as np

from .text import array, document, dump
from .values import Values


def layer(class_name, name, inbound=None, **config):
    row = {
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
    }
    if inbound is not None:
        row["name"] = name
        row["inbound_nodes"] = [[[n, 0, 0, {}] for n in inbound]] if inbound else []
    return row


def input_layer(name, shape):
    config = {"batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False}
    row = {"class_name": "InputLayer", "config": {**config, "ragged": False, "name": name}}
    return {**row, "name": name, "inbound_nodes": []}


def write(path, version, config, weights, layer_names):
    """`weights`: layer name to a list of (base name, array). Name lists have fixed length."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["keras_version"] = version
        group.attrs["backend"] = "tensorflow"
        group.attrs["layer_names"] = np.array([n.encode() for n in layer_names])
        for name in layer_names:
            here = group.create_group(name)
            rows = [(f"{name}/{base}:0", value) for base, value in weights.get(name, [])]
            here.attrs["weight_names"] = np.array([path.encode() for path, _ in rows])
            for weight_path, value in rows:
                here.create_dataset(weight_path, data=value.astype(np.float32))


def dense_weights(values, rows, columns):
    return [("kernel", values.uniform(rows, columns)), ("bias", values.uniform(columns))]


def normalized(x, weights, epsilon):
    gamma, beta, mean, variance = (value for _, value in weights)
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def applied(x, weights):
    return x @ weights[0][1] + weights[1][1]


def result(path, config, x, y):
    content = document(model=config, predict={"x": [array(x)], "y": [array(y)]})
    path.write_text(dump(content) + "\n", encoding="utf-8")
    return path


def dialect(folder):
    values = Values("keras2 dialect")
    config = {
        "class_name": "Functional",
        "config": {
            "name": "keras2_dialect",
            "trainable": True,
            "layers": [
                input_layer("x", [5]),
                layer("Dense", "stem", ["x"], units=4, activation="linear", use_bias=True),
                layer("BatchNormalization", "norm", ["stem"], axis=[1], momentum=0.99,
                      epsilon=0.001, center=True, scale=True),
                layer("LeakyReLU", "leaky", ["norm"], alpha=0.25),
                layer("Add", "add", ["leaky", "stem"]),
                layer("Dropout", "drop", ["add"], rate=0.5, noise_shape=None, seed=None),
                layer("Dense", "y", ["drop"], units=2, activation="hard_sigmoid", use_bias=True),
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["y", 0, 0]],
        },
    }
    norm = [("gamma", values.uniform(4)), ("beta", values.uniform(4))]
    norm += [("moving_mean", values.uniform(4)), ("moving_variance", values.uniform(4, low=0.25))]
    weights = {"stem": dense_weights(values, 5, 4), "norm": norm}
    weights["y"] = dense_weights(values, 4, 2)
    names = [row["name"] for row in config["config"]["layers"]]
    path = folder / "keras2_dialect.h5"
    write(path, "3.0.0", config, weights, names)

    x = values.uniform(6, 5)
    stem = applied(x, weights["stem"])
    leaky = normalized(stem, norm, 0.001)
    leaky = np.where(leaky >= 0, leaky, 0.25 * leaky)
    y = np.clip(applied(leaky + stem, weights["y"]) / 6 + 0.5, 0, 1)
    keras.backend.clear_session()
    opened = keras.models.load_model(path)
    np.testing.assert_allclose(opened.predict(x, verbose=0), y, rtol=1e-5, atol=1e-6)
    return [path, result(folder / "keras2_dialect.json", config, x, y)]


def hard_sigmoid(folder):
    values = Values("keras2 hard_sigmoid")
    first = layer("Dense", "hidden", units=3, activation="hard_sigmoid", use_bias=True,
                  batch_input_shape=[None, 4])
    last = layer("Dense", "y", units=2, activation="linear", use_bias=True)
    config = {
        "class_name": "Sequential",
        "config": {"name": "keras2_hard_sigmoid", "layers": [first, last]},
    }
    weights = {"hidden": dense_weights(values, 4, 3), "y": dense_weights(values, 3, 2)}
    path = folder / "keras2_hard_sigmoid.h5"
    write(path, "2.9.0", config, weights, ["hidden", "y"])

    x = values.uniform(6, 4)
    hidden = np.clip(0.2 * applied(x, weights["hidden"]) + 0.5, 0, 1)
    y = applied(hidden, weights["y"])
    return [path, result(folder / "keras2_hard_sigmoid.json", config, x, y)]


def make(folder):
    return dialect(folder) + hard_sigmoid(folder)
