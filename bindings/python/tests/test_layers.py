"""The layers' descriptions."""

import inspect
import json
import re

import numpy as np
import pytest

import swiftnn
from swiftnn import _lib, initializers, layers
from swiftnn.layers import Layer

EXAMPLES = [
    layers.Dense(3),
    layers.Activation("relu"),
    layers.BatchNormalization(),
    layers.Dropout(0.5),
    layers.Flatten(),
    layers.Reshape((2, 3)),
    layers.Permute((1,)),
    layers.RepeatVector(2),
    layers.ZeroPadding1D(),
    layers.ZeroPadding2D(),
    layers.ZeroPadding3D(),
    layers.Cropping1D((0, 0)),
    layers.Cropping2D(),
    layers.Cropping3D(((0, 0), (0, 0), (0, 0))),
    layers.UpSampling1D(),
    layers.UpSampling2D(),
    layers.UpSampling3D(),
    layers.ELU(),
    layers.PReLU(),
    layers.Rescaling(2.0),
    layers.Normalization(),
    layers.Subtract(),
    layers.Multiply(),
    layers.Average(),
    layers.Maximum(),
    layers.Minimum(),
    layers.Dot(1),
    layers.Softmax(),
    layers.ReLU(),
    layers.LeakyReLU(),
    layers.Add(),
    layers.Concatenate(),
    layers.GaussianNoise(0.5),
    layers.GaussianDropout(0.5),
    layers.AlphaDropout(0.5),
    layers.SpatialDropout1D(0.5),
    layers.SpatialDropout2D(0.5),
    layers.SpatialDropout3D(0.5),
    layers.ActivityRegularization(),
    layers.LayerNormalization(),
    layers.GroupNormalization(groups=2),
    layers.RMSNormalization(),
    layers.UnitNormalization(),
    *(getattr(layers, f"MaxPooling{axes}D")(pool_size=(1,) * axes) for axes in (1, 2, 3)),
    *(getattr(layers, f"AveragePooling{axes}D")((1,) * axes) for axes in (1, 2, 3)),
    *(getattr(layers, f"GlobalMaxPooling{axes}D")() for axes in (1, 2, 3)),
    *(getattr(layers, f"GlobalAveragePooling{axes}D")() for axes in (1, 2, 3)),
    *(getattr(layers, f"Conv{axes}D")(2, (1,) * axes) for axes in (1, 2, 3)),
    *(getattr(layers, f"Conv{axes}DTranspose")(2, (1,) * axes) for axes in (1, 2, 3)),
    *(getattr(layers, f"DepthwiseConv{axes}D")((1,) * axes) for axes in (1, 2)),
    *(getattr(layers, f"SeparableConv{axes}D")(2, (1,) * axes) for axes in (1, 2)),
]
MERGING = (
    layers.Add,
    layers.Average,
    layers.Concatenate,
    layers.Dot,
    layers.Maximum,
    layers.Minimum,
    layers.Multiply,
    layers.Subtract,
)


def of_one_layer(layer):
    """A model of this layer alone, on six numbers, or on twice as many."""
    axes = re.search("([123])D", layer.class_name)
    places = int(axes[1]) if axes else 0
    shape = (1,) * places + (6,)
    inputs = [swiftnn.Input(shape=shape) for _ in range(1 + isinstance(layer, MERGING))]
    return swiftnn.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))


def test_the_examples_are_all_classes():
    classes = {
        kind
        for kind in vars(layers).values()
        if isinstance(kind, type) and issubclass(kind, Layer) and kind.__name__ in layers.__all__
    }
    bases = {Layer, layers.InputLayer, layers.CustomLayer}
    assert {type(example) for example in EXAMPLES} == classes - bases


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda layer: layer.class_name)
def test_the_defaults_are_those_of_the_library(example):
    """What Python leaves out is what the library takes without it."""
    layer = type(example).from_config(example.get_config())
    config = json.loads(of_one_layer(layer).to_json())["config"]["layers"][-1]["config"]
    for key, value in layer.get_config().items():
        if key in config and not (value is None or key == "name"):
            assert normalized(config[key]) == normalized(value), key


def normalized(value):
    """Values without what Keras wraps around them."""
    if isinstance(value, dict) and "class_name" in value:
        return value["class_name"].replace("_", "").lower()
    # One number for each axis is what one for all says.
    if isinstance(value, (list, tuple)) and len({str(each) for each in value}) == 1:
        return value[0]
    return value.replace("_", "").lower() if isinstance(value, str) else value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda layer: layer.class_name)
def test_a_configuration_makes_the_same_layer(example):
    again = type(example).from_config({**example.get_config(), "dtype": "float32"})
    assert again.get_config() == example.get_config()


def test_arguments_are_named_and_ordered_as_in_keras():
    assert list(inspect.signature(layers.Dense).parameters)[:5] == [
        "units",
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
    ]
    parameters = inspect.signature(layers.BatchNormalization).parameters
    defaults = [parameters[name].default for name in ("axis", "momentum", "epsilon", "center")]
    assert defaults == [-1, 0.99, 1e-3, True]
    assert inspect.signature(layers.LeakyReLU).parameters["negative_slope"].default == 0.3


def test_only_what_was_said_is_passed_on():
    assert layers.Dense(3).options() == {"units": 3}
    assert layers.Dense(3, "relu", name="a", trainable=False).options() == {
        "units": 3,
        "activation": "relu",
        "name": "a",
        "trainable": False,
    }
    assert layers.Reshape((2, np.int64(3))).options() == {"target_shape": [2, 3]}


def test_an_initializer_becomes_its_configuration():
    layer = layers.Dense(3, kernel_initializer=initializers.HeNormal(seed=4))
    assert layer.options()["kernel_initializer"] == {
        "class_name": "HeNormal",
        "config": {"seed": 4},
    }


def test_a_constant_initializer_is_obeyed():
    layer = layers.Dense(2, kernel_initializer=initializers.Constant(0.25))
    of_one_layer(layer)
    assert np.array_equal(layer.get_weights()[0], np.full((6, 2), 0.25, np.float32))


@pytest.mark.parametrize(
    ("layer", "shape", "result"),
    [
        (layers.Dense(5), (None, 4), (None, 5)),
        (layers.Dense(5), (None, 3, 4), (None, 3, 5)),
        (layers.Flatten(), (None, 3, 4), (None, 12)),
        (layers.Reshape((6, -1)), (None, 3, 4), (None, 6, 2)),
        (layers.Permute((3, 1, 2)), (None, 3, 4, 5), (None, 5, 3, 4)),
        (layers.BatchNormalization(), (None, 7), (None, 7)),
        (layers.Concatenate(), [(None, 3), (None, 4)], (None, 7)),
        (layers.Add(), [(None, 3), (None, 3)], (None, 3)),
        (layers.Multiply(), [(None, 5, 1, 3), (None, 4, 1)], (None, 5, 4, 3)),
        (layers.Dot((1, 2)), [(None, 3, 4), (None, 5, 3)], (None, 4, 5)),
        (layers.RepeatVector(4), (None, 3), (None, 4, 3)),
        (layers.ZeroPadding2D((1, (2, 3))), (None, 4, 5, 6), (None, 6, 10, 6)),
        (layers.Cropping2D(1, data_format="channels_first"), (None, 6, 4, 5), (None, 6, 2, 3)),
        (layers.UpSampling2D(3), (None, 4, 5, 6), (None, 12, 15, 6)),
        (layers.PReLU(shared_axes=[1]), (None, 4, 5), (None, 4, 5)),
        (layers.LayerNormalization(axis=(1, 2)), (None, 3, 4), (None, 3, 4)),
        (layers.MaxPooling2D(3, strides=2, padding="same"), (None, 7, 6, 2), (None, 4, 3, 2)),
        (layers.AveragePooling1D(2), (None, 7, 2), (None, 3, 2)),
        (layers.GlobalMaxPooling3D(), (None, 2, 3, 4, 5), (None, 5)),
        (layers.GlobalAveragePooling2D(keepdims=True), (None, 3, 4, 5), (None, 1, 1, 5)),
    ],
)
def test_shapes(layer, shape, result):
    assert layer.compute_output_shape(shape) == result


def test_a_call_takes_no_memory_for_weights():
    x = swiftnn.Input(shape=(4096,))
    before = _lib.call("snn_memory_get_usage")
    layers.Dense(8192)(x)
    assert _lib.call("snn_memory_get_usage") == before


def test_a_mistake_shows_in_the_line_that_makes_it():
    x = swiftnn.Input(shape=(4,))
    with pytest.raises(swiftnn.ConfigurationError, match="relu"):
        layers.Dense(3, activation="rellu")(x)
    with pytest.raises(swiftnn.Error):
        layers.Dense(-3)(x)
    with pytest.raises(swiftnn.Error):
        layers.Reshape((5,))(x)
    with pytest.raises(swiftnn.Error):
        layers.Add()([x, swiftnn.Input(shape=(3,))])
    with pytest.raises(swiftnn.ArgumentError, match="ndarray"):
        layers.Dense(3)(np.zeros((2, 4)))
    with pytest.raises(TypeError):
        layers.Dense(3, actvation="relu")
    with pytest.raises(TypeError, match="expected a name"):
        layers.Dense(3, activation=np.tanh)(x)
    for shape in [(None, 4), (4, 0), -1, "ab", (2.5,)]:
        with pytest.raises(swiftnn.ArgumentError, match="shape of a sample"):
            swiftnn.Input(shape=shape)


def test_what_is_part_of_a_model_changes_no_more_but_for_its_freezing():
    layer = layers.Dense(3)
    of_one_layer(layer)
    with pytest.raises(swiftnn.StateError):
        layer.units = 4
    layer.trainable = False
    assert [variable.trainable for variable in layer.variables] == [False, False]
    assert layer.count_params() == 6 * 3 + 3


def test_a_layer_without_a_model_has_no_weights():
    with pytest.raises(swiftnn.StateError, match="no weights yet"):
        layers.Dense(3).get_weights()
