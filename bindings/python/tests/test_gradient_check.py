"""Gradients against differences, from Python."""

import numpy as np
import pytest

import swiftnn
from swiftnn import layers, regularizers


def model():
    x = swiftnn.Input(shape=(6,), name="x")
    hidden = layers.Dense(
        9, activation="tanh", kernel_regularizer="l2", activity_regularizer="l2", name="first"
    )(x)
    hidden = layers.BatchNormalization(name="norm")(layers.GaussianDropout(0.2)(hidden))
    made = swiftnn.Model(x, layers.Dense(2, name="last")(hidden))
    made.compile("sgd", loss="mse")
    return made


def batch():
    generator = np.random.default_rng(1)
    return generator.normal(size=(8, 6)), generator.normal(size=(8, 2))


def test_a_sound_model_passes_and_stays_as_it_is():
    made, (x, y) = model(), batch()
    before = made.get_weights()
    found = swiftnn.gradient_check(made, x, y)
    assert set(found) == {
        "input 'x'",
        *(f"first/{name}" for name in ("kernel", "bias")),
        *(f"norm/{name}" for name in ("gamma", "beta")),
        *(f"last/{name}" for name in ("kernel", "bias")),
    }
    for name, row in found.items():
        assert row["error"] < 5e-3, name
        assert row["compared"] + row["kinks"] == min(20, {"first/kernel": 54, "input 'x'": 48,
            "last/kernel": 18, "last/bias": 2}.get(name, 9)), name  # fmt: skip
        assert row["compared"] > 0
    for old, new in zip(before, made.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_it_tells_what_is_not_smooth():
    x, _ = batch()
    found = swiftnn.gradient_check(layers.ReLU(), np.full((4, 6), 0.003), numbers=1000)
    # Of 24, those that count.
    assert found["input 'input_layer'"]["kinks"] > 10
    found = swiftnn.gradient_check(layers.ReLU(), np.abs(x) + 1, numbers=1000)
    assert found["input 'input_layer'"] | {"error": 0} == found["input 'input_layer'"] | {
        "error": 0, "kinks": 0, "compared": 48
    }  # fmt: skip


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dense(4, activation="gelu", bias_regularizer="l2"),
        layers.Dense(3, kernel_regularizer=regularizers.OrthogonalRegularizer(3.0)),
        layers.AlphaDropout(0.3),
        layers.Add(),
    ],
    ids=lambda layer: layer.class_name,
)
def test_a_layer_alone(layer):
    x, _ = batch()
    found = swiftnn.gradient_check(layer, [x, x + 1] if isinstance(layer, layers.Add) else x)
    assert found
    assert all(row["error"] < 2e-2 for row in found.values()), found


def test_mistakes():
    with pytest.raises(swiftnn.ArgumentError, match="a Model, a Sequential or a Layer"):
        swiftnn.gradient_check("model", np.zeros((2, 2)))
    made, (x, y) = model(), batch()
    with pytest.raises(swiftnn.Error):
        swiftnn.gradient_check(made, x, y, numbers=0)
    with pytest.raises(swiftnn.Error):
        swiftnn.gradient_check(made, x, y[:3])


def test_layers_in_a_row_are_a_model_too():
    x, y = batch()
    made = swiftnn.Sequential([swiftnn.Input((6,)), layers.Dense(2, activation="tanh")])
    made.compile("sgd", loss="mse")
    found = swiftnn.gradient_check(made, x, y)
    assert all(row["error"] < 5e-3 for row in found.values()), found
