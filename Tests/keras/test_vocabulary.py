"""Every activation and initializer of Keras means the same in a file of ours."""

import keras_names
import nets
import numpy as np
import pytest


@pytest.mark.parametrize("name", keras_names.ACTIVATIONS)
def test_an_activation_goes_both_ways(keras, swiftnn, name, tmp_path):
    def build(api):
        layers = api.layers
        stack = [api.Input(shape=(5,), name="x"), layers.Dense(8, activation=name, name="dense")]
        return api.Sequential([*stack, layers.Activation(name, name="again")], name="net")

    ours = nets.randomize(build(swiftnn))
    ours.save(tmp_path / "ours.h5")
    theirs = keras.models.load_model(tmp_path / "ours.h5")
    x = nets.inputs(theirs)
    theirs.save(tmp_path / "theirs.h5")
    again = swiftnn.load_model(tmp_path / "theirs.h5")
    if name == "sparsemax":
        # Keras 3.15 subtracts too much (it sums all the cumulative sums): its results do not
        # always add up to 1, as those of the definition and ours do.
        np.testing.assert_allclose(ours.predict(x).sum(axis=-1), 1, rtol=1e-5)
        nets.assert_same_predictions(again, ours, x)
        return
    nets.assert_same_predictions(ours, theirs, x)
    nets.assert_same_predictions(again, theirs, x)


def test_the_list_of_activations_is_that_of_keras(keras):
    from keras.src.activations import ALL_OBJECTS_DICT

    # `threshold` cannot be named alone: it needs arguments.
    assert set(keras_names.ACTIVATIONS) == set(ALL_OBJECTS_DICT) - {"threshold"}


@pytest.mark.parametrize("name", keras_names.INITIALIZERS)
def test_keras_reads_our_initializers(keras, swiftnn, name):
    def build(api):
        dense = api.layers.Dense(4, kernel_initializer=name, name="dense")
        return api.Sequential([api.Input(shape=(4,), name="x"), dense], name="net")

    theirs = keras.models.model_from_json(build(swiftnn).to_json())
    expected = keras.initializers.get(name)
    ours = swiftnn.model_from_json(build(keras).to_json())
    assert type(theirs.layers[-1].kernel_initializer) is type(expected)
    kernel = ours.get_weights()[0]
    assert kernel.shape == (4, 4) and np.isfinite(kernel).all()
