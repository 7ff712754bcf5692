"""Our callbacks decide as Keras's do: both are shown the same logs."""

import csv

import numpy as np
import pytest


class Stub:
    """What Keras's callbacks ask of a model."""

    def __init__(self, rate):
        self.stop_training = False
        self.metrics = []
        self.optimizer = self
        self.learning_rate = rate
        self.weights = 0
        self.saved = []

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights

    def save(self, path, overwrite=True):
        self.saved.append(path)


def train(swiftnn, callbacks, epochs=25, rate=0.4, seed=1, batch_size=8, metrics=()):
    """A training whose losses go up and down."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(48, 4)).astype(np.float32)
    y = rng.normal(size=(48, 1)).astype(np.float32)
    layers = swiftnn.layers
    model = swiftnn.Sequential(
        [swiftnn.Input((4,)), layers.Dense(6, activation="tanh"), layers.Dense(1)], seed=seed
    )
    model.compile(swiftnn.optimizers.SGD(rate), "mse", metrics=list(metrics))
    history = model.fit(
        x, y, epochs=epochs, batch_size=batch_size, validation_split=0.25, verbose=0,
        callbacks=callbacks,
    )  # fmt: skip
    return model, history


def replay(callback, history, stub):
    """Shows Keras's callback what ours saw."""
    callback.set_model(stub)
    callback.on_train_begin()
    epochs = []
    names = [name for name in history if name != "learning_rate"]
    for epoch in range(len(history["loss"])):
        stub.weights = epoch
        logs = {name: history[name][epoch] for name in names}
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, logs)
        epochs.append(logs)
        if stub.stop_training:
            break
    callback.on_train_end()
    return epochs


STOPPING = [
    {"monitor": "loss"},
    {"monitor": "val_loss", "patience": 1},
    {"monitor": "val_loss", "patience": 3, "min_delta": 0.05},
    {"monitor": "loss", "patience": 4, "mode": "max"},
    {"monitor": "val_loss", "patience": 2, "baseline": 0.5},
    {"monitor": "val_loss", "patience": 2, "start_from_epoch": 6},
    {"monitor": "val_loss", "patience": 2, "min_delta": -0.05},
]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("config", STOPPING, ids=str)
def test_early_stopping(keras, swiftnn, config, seed):
    config = {**config, "restore_best_weights": True}
    ours = swiftnn.callbacks.EarlyStopping(**config)
    weights = []
    keeper = swiftnn.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(model_of[0].get_weights())
    )
    model_of = []
    keeper_set = keeper.set_model
    keeper.set_model = lambda model: (model_of.append(model), keeper_set(model))
    model, history = train(swiftnn, [ours, keeper], seed=seed)
    stub = Stub(1.0)
    theirs = keras.callbacks.EarlyStopping(**config)
    # Longer than ours, so that stopping too early shows as well.
    epochs = replay(theirs, history.history, stub)
    assert len(epochs) == len(history.history["loss"])
    assert stub.stop_training == (len(history.history["loss"]) < 25 or ours.stopped_epoch > 0)
    if stub.stop_training:
        assert ours.stopped_epoch == theirs.stopped_epoch
    for mine, best in zip(model.get_weights(), weights[stub.weights]):
        np.testing.assert_array_equal(mine, best)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "config",
    [
        {"monitor": "val_loss", "patience": 1, "factor": 0.5},
        {"monitor": "loss", "patience": 2, "factor": 0.3, "cooldown": 2, "min_delta": 0.01},
        {"monitor": "val_loss", "patience": 1, "factor": 0.1, "min_lr": 0.02},
        {"monitor": "val_loss", "patience": 1, "mode": "max"},
    ],
    ids=str,
)
def test_reduce_lr_on_plateau(keras, swiftnn, config, seed):
    _, history = train(swiftnn, [swiftnn.callbacks.ReduceLROnPlateau(**config)], seed=seed)
    stub = Stub(0.4)
    epochs = replay(keras.callbacks.ReduceLROnPlateau(**config), history.history, stub)
    expected = [logs["learning_rate"] for logs in epochs]
    np.testing.assert_allclose(history.history["learning_rate"], expected, rtol=1e-6)
    assert len(set(expected)) > 1


@pytest.mark.parametrize(
    "config",
    [
        {"save_best_only": True},
        {"save_best_only": True, "monitor": "loss", "initial_value_threshold": 1.1},
        {"save_best_only": True, "mode": "max"},
        {},
    ],
    ids=str,
)
def test_model_checkpoint(keras, swiftnn, config, tmp_path):
    path = str(tmp_path / "files" / "m-{epoch:02d}-{val_loss:.4f}-{loss:8.2e}.h5")
    _, history = train(swiftnn, [swiftnn.callbacks.ModelCheckpoint(path, **config)])
    stub = Stub(1.0)
    replay(keras.callbacks.ModelCheckpoint(path, **config), history.history, stub)
    assert sorted(str(file) for file in (tmp_path / "files").iterdir()) == sorted(stub.saved)
    assert keras.models.load_model(stub.saved[-1], compile=False).count_params() == 37


@pytest.mark.parametrize("config", [{}, {"separator": ";"}], ids=str)
def test_csv_logger(keras, swiftnn, config, tmp_path):
    # One with a result for each threshold.
    recall = swiftnn.metrics.Recall(thresholds=[0.25, 0.5])
    _, history = train(
        swiftnn, [swiftnn.callbacks.CSVLogger(tmp_path / "a.csv", **config)], 5, metrics=[recall]
    )
    theirs = keras.callbacks.CSVLogger(str(tmp_path / "b.csv"), **config)
    replay(theirs, history.history, Stub(1.0))
    ours, keras_rows = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv"))
    assert ours == keras_rows
    for append in (True, False):
        train(swiftnn, [swiftnn.callbacks.CSVLogger(tmp_path / "a.csv", append=append)], 3)
        with open(tmp_path / "a.csv", newline="") as file:
            assert len(list(csv.reader(file))) == (9 if append else 4)


def test_class_weights_are_those_of_keras(keras, swiftnn):
    """The loss that Keras reports, and the weights after its steps."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40, 3)).astype(np.float32)
    y = (np.arange(40) % 3).astype(np.int32)
    weights = {0: 2.0, 2: 0.25}

    def build(library):
        return library.Sequential([library.Input((3,)), library.layers.Dense(3)])

    theirs, ours = build(keras), build(swiftnn)
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (swiftnn, ours)):
        model.compile(
            library.optimizers.SGD(0.1),
            library.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
    fits = [
        model.fit(x, y, batch_size=8, epochs=3, shuffle=False, class_weight=weights, verbose=0)
        for model in (theirs, ours)
    ]
    for mine, expected in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-6)
    assert len(fits[1].history["loss"]) == 3
