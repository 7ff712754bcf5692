"""Files, memory, pickles."""

import copy
import pickle

import numpy as np
import pytest
from conftest import digit_reader, two_in_two_out, two_layers, weight_bytes

import swiftnn
from swiftnn import callbacks


def test_a_saved_model_predicts_the_same_bits(tmp_path, rng):
    x = rng.normal(size=(20, 8, 8)).astype(np.float32)
    model = digit_reader()
    model.fit(x, np.arange(20) % 10, verbose=0)
    model.save(tmp_path / "model.h5")
    loaded = swiftnn.load_model(tmp_path / "model.h5")
    assert loaded.predict(x).tobytes() == model.predict(x).tobytes()
    assert weight_bytes(loaded) == weight_bytes(model)
    assert [(type(layer), layer.name) for layer in loaded.layers] == [
        (type(layer), layer.name) for layer in model.layers
    ]
    assert loaded.name == "digits"
    assert type(loaded) is swiftnn.Model


def test_training_goes_on_from_a_file_as_if_it_had_never_stopped(tmp_path, points):
    x, y = points
    straight = two_layers()
    straight.fit(x, y, epochs=6, verbose=0)
    model = two_layers()
    model.fit(x, y, epochs=3, verbose=0)
    model.save(tmp_path / "model.h5")
    loaded = swiftnn.load_model(tmp_path / "model.h5")
    assert loaded.compiled
    assert loaded.optimizer.learning_rate == pytest.approx(0.03)
    history = loaded.fit(x, y, epochs=6, verbose=0, resume=True)
    assert history.epoch == [3, 4, 5]
    assert weight_bytes(loaded) == weight_bytes(straight)
    assert loaded.metrics_names == ["loss", "accuracy"]


def test_training_goes_on_in_the_middle_of_an_epoch(tmp_path, points):
    x, y = points
    straight = two_layers()
    straight.fit(x, y, epochs=3, verbose=0)

    class StopEarly(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 3

    model = two_layers()
    model.fit(x, y, epochs=3, verbose=0, callbacks=[StopEarly()])
    model.save(tmp_path / "model.h5")
    loaded = swiftnn.load_model(tmp_path / "model.h5")
    batches = []
    told = callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: batches.append(batch))
    loaded.fit(x, y, epochs=3, verbose=0, resume=True, callbacks=[told])
    assert batches == [4, 5, 6, 7, *range(8), *range(8)]
    assert weight_bytes(loaded) == weight_bytes(straight)


def test_a_model_without_training_state(tmp_path):
    model = two_layers()
    model.save(tmp_path / "a.h5", include_optimizer=False)
    loaded = swiftnn.load_model(tmp_path / "a.h5")
    assert not loaded.compiled
    model.save(tmp_path / "b.h5")
    assert not swiftnn.load_model(tmp_path / "b.h5", compile=False).compiled
    assert type(loaded) is swiftnn.Sequential
    assert [layer.name for layer in loaded.layers] == ["dense", "dense_1"]


@pytest.mark.parametrize("name", ["w.weights.h5", "w.h5"])
def test_weights_alone(tmp_path, name):
    model, other = digit_reader(seed=1), digit_reader(seed=2)
    model.save_weights(tmp_path / name)
    other.load_weights(tmp_path / name)
    assert weight_bytes(model) == weight_bytes(other)
    with pytest.raises(swiftnn.Error):
        two_layers().load_weights(tmp_path / name)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_pickle_trains_on_alike(copied, points):
    x, y = points
    model = two_layers()
    model.fit(x, y, epochs=2, verbose=0)
    other = copied(model)
    assert weight_bytes(other) == weight_bytes(model)
    for each in (model, other):
        each.fit(x, y, epochs=4, initial_epoch=2, verbose=0)
    assert weight_bytes(other) == weight_bytes(model)
    assert repr(other.optimizer) == repr(model.optimizer)
    plain = copied(two_in_two_out())
    assert not plain.compiled
    assert weight_bytes(plain) == weight_bytes(two_in_two_out())


def test_the_previous_file_is_kept(tmp_path):
    first, second = two_layers(seed=1), two_layers(seed=2)
    path = tmp_path / "model.h5"
    first.save(path)
    second.save(path)
    with pytest.raises(FileExistsError):
        first.save(path, overwrite=False)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(swiftnn.ChecksumError):
        swiftnn.load_model(path)
    assert weight_bytes(swiftnn.load_model(path, previous=True)) == weight_bytes(first)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(OSError, match=r"model\.h5"):
        swiftnn.load_model(tmp_path / "model.h5")
    with pytest.raises(swiftnn.Error):
        swiftnn.load_model(tmp_path)
    with pytest.raises(OSError, match=r"\S"):
        two_layers().save(tmp_path / "no" / "model.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(swiftnn.FormatError):
        swiftnn.load_model(tmp_path / "text.h5")


def test_a_frozen_layer_stays_frozen_in_the_file(tmp_path):
    model = two_layers()
    model.layers[0].trainable = False
    model.save(tmp_path / "model.h5")
    loaded = swiftnn.load_model(tmp_path / "model.h5")
    assert [layer.trainable for layer in loaded.layers] == [False, True]


def test_h5py_and_our_reader_agree(tmp_path):
    h5py = pytest.importorskip("h5py")
    model = two_layers()
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        stored = []
        file["model_weights"].visititems(
            lambda name, item: stored.append(item[()]) if isinstance(item, h5py.Dataset) else None
        )
    assert sorted(array.tobytes() for array in stored) == sorted(
        weight.tobytes() for weight in model.get_weights()
    )


def test_two_spellings_of_a_character_are_two_names(tmp_path):
    names = ["\u00e9", "e\u0301", "\uac00", "\u1100\u1161x", "a\u0323\u0302", "a\u0302\u0323"]
    model = swiftnn.Sequential([swiftnn.Input((2,))])
    for name in names:
        model.add(swiftnn.layers.Dense(2, name=name))
    model.save(tmp_path / "names.h5")
    loaded = swiftnn.load_model(tmp_path / "names.h5")
    assert [layer.name for layer in loaded.layers] == names
    for name in names:
        ours, theirs = model.get_layer(name), loaded.get_layer(name)
        assert np.array_equal(ours.get_weights()[0], theirs.get_weights()[0])
