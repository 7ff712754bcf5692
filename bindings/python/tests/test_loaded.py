"""Models that came from files are as good as those that were built."""

import pickle

import numpy as np
import pytest

import swiftnn
from swiftnn import layers

X = np.linspace(0, 1, 24, dtype=np.float32).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2], np.int32)


@pytest.fixture
def model():
    model = swiftnn.Sequential([swiftnn.Input((4,)), layers.Dense(5, activation="relu")], seed=3)
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("way", ["file", "pickle"])
def test_a_sequential_model_grows_on(model, way, tmp_path):
    model.fit(X, np.zeros((6, 5), np.float32), verbose=0)
    if way == "file":
        model.save(tmp_path / "m.h5")
        loaded = swiftnn.load_model(tmp_path / "m.h5")
    else:
        loaded = pickle.loads(pickle.dumps(model))
    loaded.add(layers.Dense(3, activation="softmax"))
    assert [layer.name for layer in loaded.layers] == ["dense", "dense_1"]
    assert np.array_equal(loaded.get_weights()[0], model.get_weights()[0])
    loaded.compile("sgd", "sparse_categorical_crossentropy")
    loaded.fit(X, Y, verbose=0)
    loaded.save(tmp_path / "n.h5")
    assert swiftnn.load_model(tmp_path / "n.h5").predict(X, verbose=0).shape == (6, 3)


def test_a_keras_name_is_refused_with_the_one_to_use(model, tmp_path):
    with pytest.raises(swiftnn.UnsupportedError, match=r"\.h5"):
        model.save(tmp_path / "m.keras")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "zip.keras").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(swiftnn.UnsupportedError, match="zip"):
        swiftnn.load_model(tmp_path / "zip.keras")


@pytest.mark.parametrize("options", [{"epochs": -3}, {"epochs": 1.5}, {"initial_epoch": -1}])
def test_impossible_epochs_are_refused(model, options):
    with pytest.raises(swiftnn.ArgumentError, match="epoch"):
        model.fit(X, np.zeros((6, 5), np.float32), verbose=0, **options)


def test_an_output_without_a_loss_stays_one(tmp_path):
    entry = swiftnn.Input((4,))
    first = layers.Dense(2, name="first")(entry)
    second = layers.Dense(3, name="second")(first)
    model = swiftnn.Model(entry, [first, second])
    model.compile(swiftnn.optimizers.SGD(0.5, momentum=0.25), loss={"second": "mse"})
    targets = {"second": np.zeros((6, 3), np.float32)}
    model.fit(X, targets, verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5")
    assert loaded.optimizer.class_name == "SGD"
    assert loaded.optimizer.get_config()["momentum"] == 0.25
    model.fit(X, targets, verbose=0)
    loaded.fit(X, targets, verbose=0)
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_copy_of_the_optimizer_of_a_loaded_model_serves_another(model, tmp_path):
    model.fit(X, np.zeros((6, 5), np.float32), verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5")
    other = swiftnn.Sequential([swiftnn.Input((4,)), layers.Dense(1)])
    with pytest.raises(swiftnn.ArgumentError, match=r"copy\(\)"):
        other.compile(loaded.optimizer, "mse")
    other.compile(loaded.optimizer.copy(), "mse")
    other.fit(X, np.zeros((6, 1), np.float32), verbose=0)
