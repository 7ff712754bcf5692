"""What the tests share."""

from pathlib import Path

import numpy as np
import pytest

import swiftnn
from swiftnn import layers

DIGITS = Path(__file__).resolve().parents[3] / "Examples" / "data" / "digits.h5"


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def points(rng):
    """Points in a plane and the side of a line on which they lie."""
    x = rng.normal(size=(256, 2)).astype(np.float32)
    return x, (x[:, :1] + 2 * x[:, 1:] > 0.3).astype(np.float32)


@pytest.fixture
def digits():
    """The training part as a data set that is read from the file."""
    return swiftnn.Dataset.from_hdf5(DIGITS, ["x_train"], ["y_train"], scale=1 / 16)


def two_layers(seed=1, units=8):
    """A classifier of points, compiled."""
    model = swiftnn.Sequential(
        [
            swiftnn.Input(shape=(2,)),
            layers.Dense(units, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ],
        seed=seed,
    )
    model.compile(
        swiftnn.optimizers.Adam(learning_rate=0.03), "binary_crossentropy", metrics=["accuracy"]
    )
    return model


def digit_reader(seed=1, units=32):
    """A residual network with batch normalization and dropout, compiled."""
    inputs = swiftnn.Input(shape=(8, 8), name="image")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(inputs))
    y = layers.BatchNormalization()(layers.Dense(units, use_bias=False)(x))
    x = layers.ReLU()(layers.Add()([x, y]))
    outputs = layers.Dense(10, activation="softmax", name="digit")(layers.Dropout(0.2)(x))
    model = swiftnn.Model(inputs, outputs, name="digits", seed=seed)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def two_in_two_out(seed=3):
    """Two inputs that share a layer, two outputs."""
    left, right = swiftnn.Input(shape=(3,), name="left"), swiftnn.Input(shape=(3,), name="right")
    shared = layers.Dense(4, activation="relu", name="shared")
    both = layers.Concatenate(name="both")([shared(left), shared(right)])
    total = layers.Dense(1, name="total")(both)
    kind = layers.Dense(2, activation="softmax", name="kind")(both)
    return swiftnn.Model([left, right], [total, kind], name="pair", seed=seed)


def weight_bytes(model):
    """All weights as one text of bytes."""
    return b"".join(weight.tobytes() for weight in model.get_weights())
