"""Losses and metrics by themselves, in training, and those that are written in Python."""

import copy
import gc

import numpy as np
import pytest

import swiftnn
from swiftnn import layers, losses, metrics

X = np.random.default_rng(1).normal(size=(40, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]], "float32") > 0).astype("float32")
WEIGHTS = np.linspace(0.25, 2, 40).astype("float32")


def squares(y_true, y_pred):
    difference = y_pred - y_true
    return np.mean(difference**2, axis=1), 2 * difference / difference.shape[1]


class Squares(losses.Loss):
    """As a class."""

    def call(self, y_true, y_pred):
        return np.mean((y_pred - y_true) ** 2, axis=1)

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true) / y_pred.shape[1]


def made(loss, **options):
    swiftnn.set_random_seed(3)
    model = swiftnn.Sequential(
        [
            swiftnn.Input(shape=(3,)),
            layers.Dense(4, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("sgd", loss, **options)
    return model


def test_a_loss_can_be_called():
    true, predicted = np.array([[0.0, 1.0]]), np.array([[0.5, 4.0]])
    loss = losses.Huber(delta=2.0)
    assert loss(true, predicted) == pytest.approx((0.125 + 4.0) / 2)
    np.testing.assert_allclose(loss.gradient(true, predicted), [[0.25, 1.0]])
    twice = losses.Huber(2.0, reduction="sum")
    rows = twice(np.repeat(true, 2, 0), np.repeat(predicted, 2, 0), [1, 3])
    assert rows == pytest.approx(4 * (0.125 + 4.0) / 2)
    assert losses.SparseCategoricalCrossentropy(ignore_class=-1)(
        np.array([1, -1]), np.array([[0.5, 0.5], [0.9, 0.1]])
    ) == pytest.approx(np.log(2), rel=1e-5)
    with pytest.raises(swiftnn.Error, match="greater than 0"):
        losses.Huber(delta=0)(true, predicted)
    with pytest.raises(swiftnn.Error, match="expected targets of shape"):
        loss(true[:, :1], predicted)


@pytest.mark.parametrize("name", [n for n in losses.__all__ if n not in ("Loss", "Circle")])
def test_every_loss_trains_and_keeps_its_config(name):
    loss = getattr(losses, name)()
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()
    model = swiftnn.Sequential([swiftnn.Input(shape=(3,)), layers.Dense(4, activation="softmax")])
    model.compile("sgd", loss)
    target = np.eye(4, dtype="float32")[np.arange(40) % 4]
    if name == "MeanAbsolutePercentageError":  # of 0 it is enormous
        target += 1
    if name.startswith("Sparse"):
        target = np.arange(40) % 4
    history = model.fit(X, target, epochs=3, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < history[0]


@pytest.mark.parametrize("loss", [squares, Squares(), Squares])
def test_a_loss_of_python_trains_as_ours(loss):
    ours, own = made("mse"), made(loss)
    for model in (ours, own):
        model.fit(X, Y, sample_weight=WEIGHTS, epochs=3, batch_size=16, verbose=0)
    gc.collect()
    np.testing.assert_allclose(own.predict(X, verbose=0), ours.predict(X, verbose=0), rtol=1e-4)
    assert own.evaluate(X, Y, verbose=0) == pytest.approx(ours.evaluate(X, Y, verbose=0), rel=1e-4)


def test_a_loss_of_python_alone():
    own = Squares()
    assert own(Y, Y + 2) == pytest.approx(4)


def test_a_wrong_gradient_is_told():
    model = made(lambda y_true, y_pred: (squares(y_true, y_pred)[0], -squares(y_true, y_pred)[1]))
    before = model.get_weights()
    with pytest.raises(swiftnn.Error, match=r"<lambda>.*finite differences"):
        model.fit(X, Y, verbose=0)
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_what_a_loss_raises_reaches_the_caller():
    def failing(y_true, y_pred):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        made(failing).fit(X, Y, verbose=0)
    with pytest.raises(swiftnn.Error, match="shape"):
        made(lambda t, p: (np.zeros(3), p)).fit(X, Y, verbose=0)
    with pytest.raises(swiftnn.Error, match="values, gradient"):
        made(lambda t, p: p).fit(X, Y, verbose=0)
    # The next call is not blamed.
    made("mse").fit(X, Y, verbose=0)


def test_a_loss_of_python_goes_through_files(tmp_path):
    model = made(squares)
    model.fit(X, Y, epochs=1, verbose=0)
    path = tmp_path / "own.h5"
    model.save(path)
    with pytest.raises(swiftnn.Error, match=r'"squares".*registered'):
        swiftnn.load_model(path)
    assert not swiftnn.load_model(path, compile=False).compiled
    again = swiftnn.load_model(path, custom_objects={"squares": squares})
    copied = copy.deepcopy(model)
    for each in (model, again, copied):
        each.fit(X, Y, epochs=1, verbose=0)
    for other in (again, copied):
        for a, b in zip(model.get_weights(), other.get_weights()):
            np.testing.assert_array_equal(a, b)


def test_every_metric_is_taken():
    """With what it needs, and by its own name in the history."""
    special = {
        "SensitivityAtSpecificity": {"specificity": 0.5},
        "SpecificityAtSensitivity": {"sensitivity": 0.5},
        "PrecisionAtRecall": {"recall": 0.5},
        "RecallAtPrecision": {"precision": 0.5},
        "FBetaScore": {"average": "micro", "beta": 2.0},
        "IoU": {"num_classes": 2, "target_class_ids": [0, 1]},
        "MeanIoU": {"num_classes": 2},
        "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
        "OneHotMeanIoU": {"num_classes": 2},
    }
    names = [n for n in metrics.__all__ if n[0].isupper() and n != "Metric"]
    for name in names:
        metric = getattr(metrics, name)(**special.get(name, {}))
        loss = "sparse_categorical_crossentropy" if name.startswith("Sparse") else "mse"
        model = swiftnn.Sequential([swiftnn.Input(shape=(3,)), layers.Dense(2)])
        model.compile("sgd", loss, metrics=[metric], weighted_metrics=[metric])
        target = np.arange(40) % 2
        y = target if name.startswith("Sparse") else np.eye(2, dtype="float32")[target]
        history = model.fit(X, y, sample_weight=WEIGHTS, epochs=1, verbose=0).history
        assert list(history) == ["loss", metric.name, f"weighted_{metric.name}"], name


def test_weighted_metrics_take_the_weights():
    model = made("mse", metrics=["mae"], weighted_metrics=["mae", metrics.Precision(name="p")])
    predicted = model.predict(X, verbose=0)
    _, plain, weighted, _ = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0)
    assert model.metrics_names == ["loss", "mae", "weighted_mae", "p"]
    errors = np.abs(predicted - Y)[:, 0]
    assert plain == pytest.approx(errors.mean(), rel=1e-5)
    assert weighted == pytest.approx((errors * WEIGHTS).sum() / WEIGHTS.sum(), rel=1e-5)


def test_metrics_with_state_resume_in_an_epoch(tmp_path):
    """AUC's sums of a stopped epoch go on as if it had not stopped."""
    reports = ["auc", "precision", metrics.R2Score(), metrics.F1Score(average="macro")]

    class Stop(swiftnn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    whole, stopped = (made("mse", metrics=reports) for _ in range(2))
    expected = whole.fit(X, Y, epochs=2, batch_size=8, verbose=0).history
    stopped.fit(X, Y, epochs=2, batch_size=8, verbose=0, callbacks=[Stop()])
    path = tmp_path / "stopped.h5"
    stopped.save(path)
    again = swiftnn.load_model(path)
    received = again.fit(X, Y, epochs=2, batch_size=8, verbose=0, resume=True).history
    for name in expected:
        assert received[name][-1] == expected[name][-1], name


def test_confusion_matrix():
    matrix = metrics.confusion_matrix([0, 1, 1, 2], [[9, 1, 1], [1, 9, 1], [9, 1, 1], [0, 1, 2]])
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    weighted = metrics.confusion_matrix([0, 1], [1, 1], 3, [0.5, 2])
    np.testing.assert_array_equal(weighted, [[0, 0.5, 0], [0, 2, 0], [0, 0, 0]])
    with pytest.raises(ValueError, match="from 0 to 1"):
        metrics.confusion_matrix([0, 5], [0, 1], 2)


def test_a_metric_alone_adds_batches_up():
    metric = metrics.Precision(thresholds=0.25)
    assert metric.result() == 0
    metric.update_state([[1], [0]], [[0.5], [0.5]])
    assert metric.result() == 0.5
    assert metric([[1], [1]], [[0.5], [0.0]], [4, 1]) == pytest.approx(5 / 6)
    metric.reset_state()
    assert metric([[0]], [[1.0]]) == 0
    sparse = metrics.SparseTopKCategoricalAccuracy(k=2)
    assert sparse([0, 1], [[3.0, 2.0, 1.0], [3.0, 1.0, 2.0]]) == 0.5
    crossentropy = metrics.SparseCategoricalCrossentropy()
    for labels in ([3], [-1], [0.5]):
        with pytest.raises(swiftnn.Error, match="expected classes"):
            crossentropy(labels, [[0.5, 0.25, 0.25]])
    with pytest.raises(swiftnn.Error, match="expected y_true of shape"):
        sparse([[0, 1]], [[3.0, 2.0, 1.0]])
    assert crossentropy([0], [[0.5, 0.25, 0.25]]) == pytest.approx(np.log(2), rel=1e-5)
