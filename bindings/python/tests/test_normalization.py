"""Normalization and what it is adapted to."""

import numpy as np
import pytest

import swiftnn
from swiftnn import layers

DATA = np.random.default_rng(3).normal(5, 3, (700, 2, 3)).astype(np.float32)


def model_of(layer, shape=(2, 3)):
    inputs = swiftnn.Input(shape=shape)
    return swiftnn.Model(inputs, layer(inputs))


def expected(data, axes):
    reduced = tuple(axis for axis in range(data.ndim) if axis not in axes)
    double = data.astype(np.float64)
    mean, variance = double.mean(reduced, keepdims=True), double.var(reduced, keepdims=True)
    return (data - mean) / np.sqrt(variance)


@pytest.mark.parametrize(
    ("axis", "kept"), [(-1, (2,)), (1, (1,)), ([1, 2], (1, 2)), (None, ()), ([-1, -2], (1, 2))]
)
@pytest.mark.parametrize("is_early", [True, False])
def test_adapted_data_has_mean_0_and_variance_1(axis, kept, is_early):
    layer = layers.Normalization(axis=axis)
    if is_early:
        layer.adapt(DATA)
    model = model_of(layer)
    if not is_early:
        layer.adapt(DATA)
    np.testing.assert_allclose(model.predict(DATA, verbose=0), expected(DATA, kept), atol=2e-6)


def test_a_sequential_model_keeps_what_its_layer_was_adapted_to():
    layer = layers.Normalization()
    layer.adapt([DATA[:300], DATA[300:]])
    model = swiftnn.Sequential([swiftnn.Input(shape=(2, 3)), layer])
    model.add(layers.Flatten())
    y = model.predict(DATA, verbose=0)
    np.testing.assert_allclose(y, expected(DATA, (2,)).reshape(-1, 6), atol=2e-6)


def test_training_leaves_the_statistics_alone(tmp_path):
    layer = layers.Normalization()
    layer.adapt(DATA)
    model = swiftnn.Sequential([swiftnn.Input(shape=(2, 3)), layer, layers.Dense(1)])
    before = [w.copy() for w in layer.get_weights()]
    model.compile("sgd", "mse")
    model.fit(DATA, DATA[..., :1], epochs=1, verbose=0)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not any(variable.trainable for variable in layer.variables)
    model.save(tmp_path / "model.h5")
    loaded = swiftnn.load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(loaded.predict(DATA, verbose=0), model.predict(DATA, verbose=0))


def test_inverted_goes_back():
    there, back = layers.Normalization(), layers.Normalization(invert=True)
    there.adapt(DATA)
    back.adapt(DATA)
    inputs = swiftnn.Input(shape=(2, 3))
    model = swiftnn.Model(inputs, back(there(inputs)))
    np.testing.assert_allclose(model.predict(DATA, verbose=0), DATA, atol=1e-5)


def test_grey_values_are_adapted_to_as_they_are_scaled():
    pixels = np.random.default_rng(1).integers(0, 256, (50, 4, 1)).astype(np.uint8)
    layer = layers.Normalization(axis=None)
    model_of(layer, (4, 1))
    layer.adapt(swiftnn.Dataset(pixels, scale=1 / 255))
    mean, variance, count = layer.get_weights()
    np.testing.assert_allclose(mean, pixels.mean() / 255, rtol=1e-6)
    np.testing.assert_allclose(variance, pixels.var() / 255**2, rtol=1e-6)
    assert count == 0


def test_what_cannot_be_adapted_is_refused():
    layer = layers.Normalization(mean=1.0, variance=2.0)
    with pytest.raises(swiftnn.UnsupportedError, match="mean"):
        layer.adapt(DATA)
    model_of(other := layers.Normalization())
    with pytest.raises(swiftnn.ShapeError, match="inputs"):
        other.adapt(DATA[:, :1])
    bad = DATA.copy()
    bad[3, 1, 2] = np.inf
    before = [w.copy() for w in other.get_weights()]
    with pytest.raises(swiftnn.NumericError, match="finite"):
        other.adapt(bad)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
