"""Convolutions: impossible geometry, pictures of the wrong size, and files."""

import numpy as np
import pytest

import swiftnn
from swiftnn import layers

HUGE = 2**31 - 1


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (layers.Conv2D(4, 5), (4, 9, 2), ["at least 5", "received 4", "(None, 4, 9, 2)"]),
        (layers.Conv1D(4, 3, dilation_rate=3), (6, 2), ["at least 7", "received 6"]),
        (layers.Conv2D(4, 3, groups=2), (8, 8, 3), ["groups", "2", "(None, 8, 8, 3)"]),
        (layers.Conv2D(4, 3), (8, 8), ["4 axes", "(None, 8, 8)"]),
        (layers.DepthwiseConv2D(3), (2, 8, 3), ["at least 3", "received 2"]),
        (layers.SeparableConv1D(4, 9), (8, 3), ["at least 9", "received 8"]),
        (layers.Conv2DTranspose(1, 4, padding="same", output_padding=0), (1, 1, 1), ["1", "0"]),
        (layers.Conv1DTranspose(1, 1, strides=HUGE), (2**20, 1), [str(HUGE), "1048576"]),
        (layers.Conv3D(1, HUGE, padding="same"), (2, 2, 2, 1), ["more than"]),
        (layers.Conv3DTranspose(1, HUGE, strides=HUGE), (2, 2, 2, 1), ["more than"]),
        (layers.Conv1D(1, 1, dilation_rate=HUGE, padding="causal"), (2, 1), None),
        (layers.MaxPooling2D(HUGE), (2, 2, 1), [str(HUGE), "received 2"]),
        (layers.AveragePooling3D(HUGE, padding="same"), (2, 2, 2, 1), None),
    ],
)
def test_geometry_that_cannot_be_is_named(layer, shape, words):
    inputs = swiftnn.Input(shape)
    if words is None:
        model = swiftnn.Model(inputs, layer(inputs))
        assert np.isfinite(model.predict_on_batch(np.ones((1, *shape), np.float32))).all()
        return
    with pytest.raises(swiftnn.errors.Error) as caught:
        swiftnn.Model(inputs, layer(inputs))
    assert [word for word in [layer.class_name, *words] if word not in str(caught.value)] == []


def test_a_picture_of_another_size_is_refused():
    model = swiftnn.Sequential([swiftnn.Input((8, 8, 3)), layers.Conv2D(4, 3)])
    with pytest.raises(swiftnn.errors.ShapeError, match="8, 8, 3"):
        model.predict(np.zeros((2, 8, 9, 3), np.float32))


def test_a_network_of_convolutions_survives_its_file(tmp_path):
    inputs = swiftnn.Input((8, 8, 3))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    y = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Add()([x, layers.SeparableConv2D(16, 3, padding="same")(y)])
    x = layers.Conv2DTranspose(4, 3, strides=2)(layers.MaxPooling2D()(x))
    model = swiftnn.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    data = np.random.default_rng(0).standard_normal((6, 8, 8, 3)).astype(np.float32)
    model.compile("adam", "mse")
    before = model.evaluate(data, np.ones((6, 2), np.float32))
    model.fit(data, np.ones((6, 2), np.float32), epochs=20, verbose=0)
    assert model.evaluate(data, np.ones((6, 2), np.float32)) < before / 2
    model.save(tmp_path / "net.h5")
    again = swiftnn.load_model(tmp_path / "net.h5")
    np.testing.assert_array_equal(again.predict(data), model.predict(data))
