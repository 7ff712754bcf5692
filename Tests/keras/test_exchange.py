"""Whole files, weights alone and configurations alone, in both directions."""

import nets
import numpy as np
import pytest

NETS = pytest.mark.parametrize("build", nets.ALL, ids=lambda build: build.__name__)


@NETS
def test_keras_opens_our_whole_file(keras, swiftnn, build, tmp_path):
    ours = nets.randomize(build(swiftnn))
    ours.save(tmp_path / "model.h5")
    theirs = keras.models.load_model(tmp_path / "model.h5")
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))
    assert [t.name for t in theirs.inputs] == [t.name for t in build(keras).inputs]


@NETS
def test_we_open_a_whole_file_of_keras(keras, swiftnn, build, tmp_path):
    theirs = nets.randomize(build(keras))
    theirs.save(tmp_path / "model.h5")
    ours = swiftnn.load_model(tmp_path / "model.h5")
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))


@NETS
def test_keras_loads_our_weights(keras, swiftnn, build, tmp_path):
    ours, theirs = nets.randomize(build(swiftnn)), build(keras)
    ours.save_weights(tmp_path / "model.weights.h5")
    theirs.load_weights(tmp_path / "model.weights.h5")
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))


@NETS
def test_we_load_the_weights_of_keras(keras, swiftnn, build, tmp_path):
    ours, theirs = build(swiftnn), nets.randomize(build(keras))
    theirs.save_weights(tmp_path / "model.weights.h5")
    ours.load_weights(tmp_path / "model.weights.h5")
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))


@NETS
def test_keras_reads_our_json(keras, swiftnn, build):
    ours = nets.randomize(build(swiftnn))
    theirs = keras.models.model_from_json(ours.to_json())
    theirs.set_weights(ours.get_weights())
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))


@NETS
def test_we_read_the_json_of_keras(keras, swiftnn, build):
    theirs = nets.randomize(build(keras))
    ours = swiftnn.model_from_json(theirs.to_json())
    ours.set_weights(theirs.get_weights())
    nets.assert_same_predictions(ours, theirs, nets.inputs(theirs))


def test_weights_of_keras_include_an_optimizer_after_training(keras, swiftnn, tmp_path):
    """An `optimizer` group beside the layers does not disturb us."""
    theirs = nets.randomize(nets.digits(keras))
    theirs.compile("adam", loss="sparse_categorical_crossentropy")
    theirs.train_on_batch(np.zeros((4, 64), np.float32), np.zeros(4, np.int32))
    theirs.save_weights(tmp_path / "model.weights.h5")
    ours = nets.digits(swiftnn)
    ours.load_weights(tmp_path / "model.weights.h5")
    # Not the predictions: Keras's dropout is another each time, and after some steps these random
    # weights make logits so large that the last bit of one shows in the fifth digit of a share.
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
