"""Metrics of several numbers: one for each class or threshold."""

import csv
import pickle

import numpy as np
import pytest

import swiftnn
from swiftnn import callbacks, layers, metrics

Y_TRUE = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]], np.float32)
Y_PRED = np.array([[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]], np.float32)


def made():
    model = swiftnn.Sequential([swiftnn.Input((4,)), layers.Dense(3, activation="softmax")], seed=2)
    model.compile(
        "adam",
        "categorical_crossentropy",
        metrics=["f1_score", metrics.Recall(thresholds=[0.75, 0.25]), "accuracy"],
    )
    return model


@pytest.fixture
def data(rng):
    x = rng.normal(size=(48, 4)).astype(np.float32)
    return x, np.eye(3, dtype=np.float32)[x[:, :3].argmax(1)]


def test_a_metric_by_itself():
    # The numbers of Keras's documentation.
    metric = metrics.F1Score(threshold=0.5)
    assert metric.result() == 0
    metric.update_state(Y_TRUE, Y_PRED)
    assert metric.result() == pytest.approx([0.5, 0.8, 0.6666667])
    again = pickle.loads(pickle.dumps(metric))
    metric.update_state(Y_TRUE, 1 - Y_PRED)
    once = metric.result()
    assert once.shape == (3,)
    assert list(again(Y_TRUE, 1 - Y_PRED)) == list(once)
    metric.reset_state()
    assert metric.result() == 0
    recall = metrics.Recall(thresholds=(0.75, 0.25, 0.5))
    assert recall(Y_TRUE, Y_PRED) == pytest.approx([1 / 6, 4 / 6, 4 / 6])
    assert isinstance(metrics.Recall(thresholds=[0.5])(Y_TRUE, Y_PRED), float)
    scores = metrics.R2Score(class_aggregation=None)(Y_TRUE[:, 1:], Y_PRED[:, 1:])
    mean = metrics.R2Score()(Y_TRUE[:, 1:], Y_PRED[:, 1:])
    assert scores.mean() == pytest.approx(mean)
    with pytest.raises(swiftnn.ConfigurationError, match="thresholds"):
        metrics.Recall(thresholds=[0.5, 1.5])(Y_TRUE, Y_PRED)


def test_of_a_training(data, tmp_path, capsys):
    model = made()
    assert model.metrics_names == ["loss", "f1_score", "recall", "accuracy"]
    told = []

    class Told(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            told.append({name: np.shape(value) for name, value in logs.items()})

    history = model.fit(
        *data, epochs=2, validation_data=data, verbose=2,
        callbacks=[callbacks.CSVLogger(tmp_path / "log.csv"), Told()],
    ).history  # fmt: skip
    shapes = {"loss": (), "f1_score": (3,), "recall": (2,), "accuracy": ()}
    assert told == [shapes] * 4
    assert {name: np.shape(values) for name, values in history.items()} == {
        prefix + name: (2, *shape) for prefix in ("", "val_") for name, shape in shapes.items()
    }
    shown = ", ".join(f"{value:.4g}" for value in history["f1_score"][1])
    assert f"f1_score: [{shown}] - recall: [" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert rows[1]["recall"] == '"[{}, {}]"'.format(*history["recall"][1])

    listed = model.evaluate(*data, verbose=0)
    by_name = model.evaluate(*data, verbose=0, return_dict=True)
    assert [np.shape(value) for value in listed] == list(shapes.values())
    assert list(by_name) == list(shapes)
    for name, value in zip(shapes, listed):
        assert np.array_equal(value, by_name[name])
        assert np.array_equal(value, history["val_" + name][1])
    assert [np.shape(value) for value in model.train_on_batch(*data)] == list(shapes.values())
    assert np.shape(model.train_on_batch(*data, return_dict=True)["recall"]) == (2,)


def test_through_a_file(data, tmp_path):
    model = made()
    model.fit(*data, verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5")
    assert loaded.metrics_names == model.metrics_names
    for one in (model, loaded):
        one.fit(*data, epochs=3, verbose=0, resume=True)
    for name, values in model.history.history.items():
        assert np.array_equal(values, loaded.history.history[name]), name


def test_what_is_monitored_is_one_number(data):
    for name in ("f1_score", "val_recall"):
        with pytest.raises(swiftnn.ConfigurationError, match=f"'{name}', which is .*'average'"):
            made().fit(
                *data, validation_data=data, verbose=0, callbacks=callbacks.EarlyStopping(name)
            )
    history = made().fit(
        *data, epochs=3, verbose=0, callbacks=callbacks.EarlyStopping("accuracy", patience=9)
    )
    assert len(history.epoch) == 3


def test_a_learning_curve_has_a_line_for_each(data, tmp_path):
    pytest.importorskip("matplotlib")
    history = made().fit(*data, epochs=2, validation_data=data, verbose=0)
    swiftnn.plots.learning_curve(history, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
