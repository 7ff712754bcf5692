"""The file that the demo writes: read by Keras and h5py, trained on, and read back."""

import json

import nets
import numpy as np


def names(attribute):
    """A list of names, of fixed or variable length."""
    return [n.decode() if isinstance(n, bytes) else str(n) for n in attribute]


def test_keras_predicts_what_we_predict(keras, swiftnn, demo_file, rows):
    theirs = keras.models.load_model(demo_file)
    ours = swiftnn.load_model(demo_file)
    nets.assert_same_predictions(ours, theirs, rows(theirs))


def test_keras_recognizes_the_digits(keras, demo_file, rows, digits):
    theirs = keras.models.load_model(demo_file)
    kinds = theirs.predict(rows(theirs), verbose=0).argmax(axis=-1)
    assert (kinds == digits["y_test"]).mean() > 0.9


def test_h5py_finds_every_weight_of_every_layer(keras, swiftnn, demo_file):
    import h5py

    ours = swiftnn.load_model(demo_file)
    with h5py.File(demo_file, "r") as file:
        assert file["/"].attrs["model_config"] is not None
        config = json.loads(file.attrs["model_config"])
        assert file.attrs.get_id("model_config").shape == ()
        weights = file["model_weights"]
        layer_names = names(weights.attrs["layer_names"])
        in_config = [layer["config"]["name"] for layer in config["config"]["layers"]]
        assert set(layer_names) <= set(in_config)
        stored = [
            weights[layer][path][()]
            for layer in layer_names
            for path in names(weights[layer].attrs["weight_names"])
        ]
    assert all(value.dtype == np.float32 for value in stored)
    ours_by_shape = sorted(w.shape for w in ours.get_weights())
    assert sorted(value.shape for value in stored) == ours_by_shape


def test_keras_takes_over_how_the_model_is_trained(keras, demo_file):
    theirs = keras.models.load_model(demo_file)
    assert theirs.compiled
    assert isinstance(theirs.optimizer, keras.optimizers.Adam)
    loss = theirs.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    assert name == "sparse_categorical_crossentropy"


def test_keras_trains_on_and_we_open_the_result(keras, swiftnn, demo_file, rows, digits, tmp_path):
    theirs = keras.models.load_model(demo_file)
    before = [np.array(w) for w in theirs.get_weights()]
    shape = theirs.inputs[0].shape[1:]
    x = digits["x_train"].reshape(-1, *shape)
    history = theirs.fit(x, digits["y_train"], batch_size=32, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    # It went on from what was learned: a new network has a loss of about 2.3.
    assert history.history["loss"][0] < 0.8
    assert any(not np.array_equal(a, b) for a, b in zip(before, theirs.get_weights()))

    path = tmp_path / "trained_by_keras.h5"
    theirs.save(path)
    ours = swiftnn.load_model(path)
    nets.assert_same_predictions(ours, theirs, rows(theirs))

    ours.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = ours.fit(x, digits["y_train"], batch_size=32, epochs=1, verbose=0)
    assert history.history["loss"][0] < 0.8
    again = tmp_path / "trained_by_both.h5"
    ours.save(again)
    nets.assert_same_predictions(ours, keras.models.load_model(again), rows(theirs))
