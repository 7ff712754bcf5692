"""Penalties in files count the same on both sides."""

import nets
import numpy as np
import pytest


def loss(model, x):
    model.compile("sgd", loss="mean_squared_error")
    return model.evaluate(x, np.zeros((len(x), 2), np.float32), verbose=0, batch_size=32)


def test_the_penalties_of_a_file_are_the_same_in_keras(keras, swiftnn, tmp_path):
    ours = nets.randomize(nets.regularized(swiftnn))
    ours.save(tmp_path / "ours.h5")
    theirs = keras.models.load_model(tmp_path / "ours.h5")
    x = nets.inputs(theirs)
    theirs.save(tmp_path / "theirs.h5")
    assert loss(ours, x) == pytest.approx(loss(theirs, x), rel=1e-5)
    again = swiftnn.load_model(tmp_path / "theirs.h5")
    assert loss(again, x) == pytest.approx(loss(ours, x), rel=1e-6)
    assert loss(ours, x) > 10 + np.mean(np.square(ours.predict(x, verbose=0)))


def test_constraints_of_a_file_hold_in_keras(keras, swiftnn, tmp_path):
    ours = nets.randomize(nets.regularized(swiftnn))
    ours.save(tmp_path / "ours.h5")
    theirs = keras.models.load_model(tmp_path / "ours.h5")
    first, last = theirs.get_layer("first"), theirs.get_layer("last")
    assert first.kernel_constraint.get_config() == {"max_value": 3, "axis": [0, 1]}
    assert type(first.bias_constraint).__name__ == "NonNeg"
    assert last.kernel_constraint.get_config()["rate"] == 0.5
    assert theirs.get_layer("norm").beta_constraint.get_config() == {"axis": 0}
    assert theirs.get_layer("mask").noise_shape in ([None, 1, 4], (None, 1, 4))
