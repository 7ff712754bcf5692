"""Training, evaluation, gradients, callbacks."""

import numpy as np
import pytest
from conftest import DIGITS, digit_reader, two_in_two_out, two_layers, weight_bytes

import swiftnn
from swiftnn import _lib, callbacks, layers, losses, metrics, optimizers


class Recorder(callbacks.Callback):
    """Writes down what it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def on_train_begin(self, logs=None):
        self.told.append("train begins")

    def on_train_end(self, logs=None):
        self.told.append("train ends")

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(f"epoch {epoch} begins")

    def on_epoch_end(self, epoch, logs=None):
        self.told.append(f"epoch {epoch} ends {sorted(logs)}")

    def on_train_batch_begin(self, batch, logs=None):
        self.told.append(f"batch {batch} begins")

    def on_train_batch_end(self, batch, logs=None):
        self.told.append(f"batch {batch} ends {sorted(logs)}")


def test_a_small_problem_is_learned(points):
    x, y = points
    model = two_layers()
    before = model.evaluate(x, y, verbose=0)
    history = model.fit(x, y, epochs=20, verbose=0, validation_split=0.25)
    loss, accuracy = model.evaluate(x, y, verbose=0)
    assert loss < before[0] / 2
    assert accuracy > 0.9
    assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(len(values) == 20 for values in history.history.values())
    assert history.epoch == list(range(20))
    assert model.history is history


def test_digits_are_learned_from_the_file(digits):
    model = digit_reader(units=64)
    model.fit(digits, epochs=15, verbose=0)
    test = swiftnn.Dataset.from_hdf5(DIGITS, ["x_test"], ["y_test"], scale=1 / 16)
    assert len(test) == 360
    values = model.evaluate(test, verbose=0, return_dict=True)
    assert list(values) == model.metrics_names == ["loss", "accuracy"]
    assert values["accuracy"] > 0.94


def test_epochs_one_by_one_equal_all_in_one_call(points):
    x, y = points
    model, other = two_layers(), two_layers()
    model.fit(x, y, epochs=3, verbose=0)
    data = swiftnn.Dataset(x, y)
    trainer = other._make_trainer()
    _lib.fit(trainer, data.handle, None, {"epochs": 3}, _lib.Hooks())
    assert weight_bytes(model) == weight_bytes(other)


def test_a_second_fit_goes_on(points):
    x, y = points
    model = two_layers()
    first = model.fit(x, y, epochs=5, verbose=0).history["loss"]
    second = model.fit(x, y, epochs=10, initial_epoch=5, verbose=0)
    assert second.epoch == [5, 6, 7, 8, 9]
    assert second.history["loss"][0] < first[0]
    once = two_layers()
    once.fit(x, y, epochs=10, verbose=0)
    assert weight_bytes(model) == weight_bytes(once)


def test_threads_do_not_change_a_bit(digits):
    def trained(threads):
        swiftnn.set_num_threads(threads)
        try:
            model = digit_reader()
            model.fit(digits, epochs=2, verbose=0)
            return weight_bytes(model)
        finally:
            swiftnn.set_num_threads(0)

    assert trained(1) == trained(2) == trained(5)


def test_bytes_train_as_their_scaled_numbers(rng):
    pixels = rng.integers(0, 17, (64, 8, 8)).astype(np.uint8)
    labels = rng.integers(0, 10, 64)
    model, other = digit_reader(), digit_reader()
    model.fit(swiftnn.Dataset(pixels, labels, scale=1 / 16), epochs=2, verbose=0)
    other.fit(pixels.astype(np.float32) / 16, labels.astype(np.uint8), epochs=2, verbose=0)
    assert weight_bytes(model) == weight_bytes(other)


def test_memory_is_used_where_it_is(points):
    x, y = (array.copy() for array in points)
    model = two_layers()
    data = swiftnn.Dataset(x, y)
    before = model.evaluate(data, verbose=0)
    x *= -1
    assert model.evaluate(data, verbose=0) == model.evaluate(x, y, verbose=0) != before


def test_several_inputs_and_outputs(rng):
    left, right = rng.normal(size=(2, 96, 3)).astype(np.float32)
    total = (left + right).sum(1)
    kind = (left[:, 0] > right[:, 0]).astype(np.int64)
    model = two_in_two_out()
    model.compile(
        optimizers.Adam(learning_rate=0.02),
        {"kind": losses.SparseCategoricalCrossentropy(), "total": "mean_squared_error"},
        loss_weights={"total": 0.5, "kind": 1.0},
        metrics={"kind": ["accuracy"], "total": []},
    )
    inputs = {"left": left, "right": right}
    targets = {"kind": kind, "total": total}
    history = model.fit(
        inputs, targets, epochs=30, verbose=0, validation_data=([left, right], [total, kind])
    )
    losses_ = history.history["loss"]
    assert losses_[-1] < losses_[0] / 2
    values = model.evaluate([left, right], [total, kind], verbose=0, return_dict=True)
    assert values["loss"] == pytest.approx(
        0.5 * values["total_loss"] + values["kind_loss"], rel=1e-5
    )
    assert values["kind_accuracy"] > 0.7
    with pytest.raises(swiftnn.ArgumentError, match="no output 'sort'"):
        model.compile("sgd", {"sort": "mean_squared_error"})


def test_an_output_without_a_loss_needs_no_targets(rng):
    left, right = rng.normal(size=(2, 8, 3)).astype(np.float32)
    model, other = two_in_two_out(), two_in_two_out()
    for each in (model, other):
        each.compile("sgd", {"total": "mean_squared_error"})
    model.fit([left, right], {"total": left[:, 0]}, verbose=0)
    other.fit([left, right], [left[:, 0], np.zeros(8)], verbose=0)
    assert weight_bytes(model) == weight_bytes(other)


def test_a_frozen_layer_stays(points):
    x, y = points
    model = two_layers()
    model.layers[0].trainable = False
    before = [weight.copy() for weight in model.get_weights()]
    model.fit(x, y, verbose=0)
    after = model.get_weights()
    # Frozen weights keep their place among the model's or move behind: compare by layer.
    assert np.array_equal(model.layers[0].get_weights()[0], before[0])
    assert not np.array_equal(model.layers[1].get_weights()[0], before[2])
    assert len(after) == 4
    model.layers[0].trainable = True
    model.fit(x, y, verbose=0)
    assert not np.array_equal(model.layers[0].get_weights()[0], before[0])
    model.trainable = False
    assert not any(variable.trainable for variable in model.variables)


def test_steps_on_batches(points):
    x, y = points
    model = two_layers()
    first = model.train_on_batch(x, y)
    assert first == pytest.approx(two_layers().test_on_batch(x, y), rel=1e-6)
    for _ in range(50):
        model.train_on_batch(x, y)
    after = model.test_on_batch(x, y, return_dict=True)
    assert after["loss"] < first[0]
    assert model.train_on_batch(x, y, return_dict=True).keys() == after.keys()


def test_a_loss_alone_is_a_number(points):
    model = two_layers()
    model.compile("sgd", "binary_crossentropy")
    value = model.evaluate(*points, verbose=0)
    assert isinstance(value, float)
    x, y = points
    p = model.predict(x).astype(np.float64)
    assert value == pytest.approx(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), rel=1e-5)


def test_metrics_as_objects_and_losses_with_options(points):
    x, y = points
    model = swiftnn.Sequential([swiftnn.Input(2), layers.Dense(1)], seed=1)
    model.compile(
        "sgd",
        losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=[metrics.MeanSquaredError(), "mean_absolute_error"],
    )
    values = model.evaluate(x, y, verbose=0, return_dict=True)
    difference = model.predict(x) - y
    assert list(values) == ["loss", "mean_squared_error", "mean_absolute_error"]
    assert values["mean_squared_error"] == pytest.approx(np.mean(difference**2), rel=1e-5)
    assert values["mean_absolute_error"] == pytest.approx(np.mean(np.abs(difference)), rel=1e-5)


def test_weights_of_samples_and_classes(points):
    x, y = points
    weights = np.where(y[:, 0] == 1, 3.0, 0.5)
    by_sample, by_class = two_layers(), two_layers()
    by_sample.fit(x, y, sample_weight=weights, verbose=0)
    by_class.fit(x, y, class_weight={1: 3.0, 0: 0.5}, verbose=0)
    assert weight_bytes(by_sample) == weight_bytes(by_class)
    plain = two_layers()
    plain.fit(x, y, verbose=0)
    assert weight_bytes(by_sample) != weight_bytes(plain)
    loss = by_sample.evaluate(x, y, sample_weight=weights, verbose=0)[0]
    assert loss != by_sample.evaluate(x, y, verbose=0)[0]


# ---------------------------------------------------------------------------- gradients


def test_gradients_are_those_of_differences(rng):
    model = swiftnn.Sequential(
        [swiftnn.Input(3), layers.Dense(4, activation="tanh"), layers.Dense(2)], seed=5
    )
    model.compile("sgd", "mean_squared_error")
    x = rng.normal(size=(6, 3)).astype(np.float32)
    y = rng.normal(size=(6, 2)).astype(np.float32)
    step = 1e-2
    shift = np.zeros_like(x)
    shift[2, 1] = step
    numeric = (
        model.evaluate(x + shift, y, verbose=0) - model.evaluate(x - shift, y, verbose=0)
    ) / (2 * step)
    assert model.input_gradient(x, y)[2, 1] == pytest.approx(numeric, rel=1e-2, abs=1e-4)
    gradients = model.gradients(x, y)
    assert {name: value.shape for name, value in gradients.items()} == {
        variable.name: variable.shape for variable in model.variables
    }
    weights = model.get_weights()
    values = []
    for sign in (1, -1):
        moved = [weight.copy() for weight in weights]
        moved[0][1, 2] += sign * step
        model.set_weights(moved)
        values.append(model.evaluate(x, y, verbose=0))
    numeric = (values[0] - values[1]) / (2 * step)
    assert gradients["dense/kernel"][1, 2] == pytest.approx(numeric, rel=1e-2, abs=1e-4)


# ---------------------------------------------------------------------------- callbacks


def test_callbacks_are_called_in_order(points):
    x, y = points
    recorder = Recorder()
    two_layers().fit(x[:6], y[:6], batch_size=4, epochs=2, verbose=0, callbacks=[recorder])
    values = "['accuracy', 'loss']"
    epoch = [
        "batch 0 begins",
        f"batch 0 ends {values}",
        "batch 1 begins",
        f"batch 1 ends {values}",
    ]
    assert recorder.told == [
        "train begins",
        "epoch 0 begins",
        *epoch,
        f"epoch 0 ends {values}",
        "epoch 1 begins",
        *epoch,
        f"epoch 1 ends {values}",
        "train ends",
    ]
    assert recorder.params == {"epochs": 2, "verbose": 0}


def test_a_callback_stops_after_a_batch_and_after_an_epoch(points):
    x, y = points
    seen = []

    class AfterBatch(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)
            self.model.stop_training = batch == 2

    history = two_layers().fit(x, y, epochs=5, verbose=0, callbacks=AfterBatch())
    assert seen == [0, 1, 2]
    assert history.epoch == [0]

    class AfterEpoch(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    model = two_layers()
    assert model.fit(x, y, epochs=5, verbose=0, callbacks=[AfterEpoch()]).epoch == [0, 1]
    assert model.fit(x, y, epochs=1, verbose=0).epoch == [0]


def test_between_epochs_the_model_may_be_changed(points, tmp_path):
    x, y = points

    class Halving(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate /= 2
            self.model.save(tmp_path / f"{epoch}.h5")
            self.model.set_weights([weight * 0.5 for weight in self.model.get_weights()])

    model = two_layers()
    model.fit(x, y, epochs=3, verbose=0, callbacks=[Halving()])
    assert model.optimizer.learning_rate == pytest.approx(0.03 / 8)
    assert len(list(tmp_path.glob("?.h5"))) == 3


def test_within_a_batch_weights_can_be_read_and_changes_are_refused(points):
    x, y = points
    seen = []

    class Meddler(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(self.model.get_weights()[0].shape)
            with pytest.raises(swiftnn.BusyError):
                self.model.set_weights(self.model.get_weights())

    two_layers().fit(x[:8], y[:8], verbose=0, callbacks=[Meddler()])
    assert seen == [(2, 8)]


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_train_batch_begin", "on_epoch_end"])
def test_what_a_callback_raises_is_raised(points, hook):
    def raise_mine(number, logs):
        raise KeyError("mine")

    model = two_layers()
    callback = callbacks.LambdaCallback(**{hook: raise_mine})
    with pytest.raises(KeyError, match="mine"):
        model.fit(*points, verbose=0, callbacks=[callback])
    model.fit(*points, verbose=0)


# ---------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize("number", [np.float16, np.float32, np.float64, np.longdouble])
def test_numbers_of_numpy_are_options(points, number):
    plain, numpys = two_layers(), two_layers()
    plain.compile(optimizers.SGD(0.5, 0.25, True, clipnorm=1.0), "mean_squared_error")
    optimizer = optimizers.SGD(number(0.5), number(0.25), np.bool_(True), clipnorm=np.int32(1))
    numpys.compile(optimizer, "mean_squared_error")
    for model in (plain, numpys):
        model.fit(*points, verbose=0)
    assert weight_bytes(plain) == weight_bytes(numpys)


@pytest.mark.parametrize("value", [1j, {1}, np.complex64(1), np.ones(2)])
def test_an_option_that_is_no_option_is_named(value):
    model = swiftnn.Sequential([swiftnn.Input(shape=(2,)), layers.Dense(1)])
    with pytest.raises(swiftnn.ConfigurationError, match=type(value).__name__):
        model.compile(optimizers.Adam(clipnorm=value), "mean_squared_error")


def test_the_learning_rate_is_kept_and_checked(points):
    model = two_layers()
    assert model.optimizer.learning_rate == pytest.approx(0.03)
    with pytest.raises(ValueError, match=r"\S"):
        model.optimizer.learning_rate = -1.0
    assert model.optimizer.learning_rate == pytest.approx(0.03)
    model.optimizer.learning_rate = 0.0
    before = weight_bytes(model)
    model.fit(*points, verbose=0)
    assert weight_bytes(model) == before


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(0.1, momentum=0.9, weight_decay=0.5, clipnorm=0.25),
        optimizers.Adam(0.01, clipvalue=0.01),
        optimizers.AdamW(0.01, weight_decay=0.25, global_clipnorm=0.125),
    ],
)
def test_limits_and_decay_change_the_training_and_come_back_from_a_file(
    points, optimizer, tmp_path
):
    x, y = points
    plain_config = {
        key: value
        for key, value in optimizer.get_config().items()
        if key not in ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
    }
    plain = optimizers.Optimizer(optimizer.class_name.replace("W", ""), **plain_config)
    results = []
    for used in (optimizer, plain, optimizer.copy()):
        model = two_layers()
        model.compile(used, "binary_crossentropy")
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
        results.append(weight_bytes(model))
    assert results[0] != results[1]
    assert results[0] == results[2]
    model.save(tmp_path / "limits.h5")
    loaded = swiftnn.load_model(tmp_path / "limits.h5")
    loaded_config = loaded.optimizer.get_config()
    assert loaded.optimizer.class_name == optimizer.class_name
    assert {key: loaded_config[key] for key in optimizer.get_config()} == optimizer.get_config()
    for trained in (model, loaded):
        trained.fit(x, y, epochs=1, shuffle=False, verbose=0)
    assert weight_bytes(loaded) == weight_bytes(model)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "AdamW"])
def test_an_optimizer_has_a_name(name, points):
    model = two_layers()
    model.compile(name, "binary_crossentropy")
    model.fit(*points, epochs=1, verbose=0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clipnorm": -1.0}, "'clipnorm' must be"),
        ({"clipnorm": float("nan")}, "'clipnorm' must be"),
        ({"clipvalue": "small"}, "'clipvalue' must be"),
        ({"weight_decay": -0.5}, "'weight_decay' must be"),
        ({"weight_decay": True}, "'weight_decay' must be"),
        ({"clipnorm": 1.0, "global_clipnorm": 1.0}, "only one of 'clipnorm'"),
        ({"clipnrm": 1.0}, "did you mean 'clipnorm'"),
    ],
)
def test_limits_that_make_no_sense_are_told(options, words):
    for maker in (optimizers.SGD, optimizers.Adam, optimizers.AdamW):
        with pytest.raises(swiftnn.ConfigurationError, match=words):
            two_layers().compile(maker(**options), "binary_crossentropy")
    with pytest.raises(swiftnn.ArgumentError, match="weight_decay"):
        optimizers.AdamW(weight_decay=None)


def test_a_loss_that_is_not_finite_is_an_error(points):
    x, y = points
    x = x.copy()
    x[200, 0] = np.nan
    model = two_layers()
    with pytest.raises(swiftnn.NumericError):
        model.fit(x, y, epochs=3, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_mistakes_are_told(points):
    x, y = points
    model = swiftnn.Sequential([swiftnn.Input(2), layers.Dense(1)])
    with pytest.raises(swiftnn.StateError, match="compile"):
        model.fit(x, y)
    with pytest.raises(swiftnn.ConfigurationError, match="mean_squared_error"):
        model.compile("sgd", "mean_squared_eror")
    with pytest.raises(swiftnn.Error, match="rmspropp"):
        model.compile("rmspropp", "mean_squared_error")
    model = two_layers()
    with pytest.raises(swiftnn.Error):
        model.fit(x, y[:5], verbose=0)
    with pytest.raises(swiftnn.Error):
        model.fit(x, np.zeros((256, 3)), verbose=0)
    with pytest.raises(swiftnn.Error):
        model.fit(x, y, batch_size=-1, verbose=0)
    with pytest.raises(swiftnn.ArgumentError, match="verbose"):
        model.fit(x, y, verbose=7)
    with pytest.raises(swiftnn.ArgumentError, match="validation_data"):
        model.fit(x, y, validation_data=(x,), verbose=0)
    with pytest.raises(swiftnn.ArgumentError, match="brings its targets"):
        model.fit(swiftnn.Dataset(x, y), y, verbose=0)
    with pytest.raises(OSError, match="nowhere"):
        swiftnn.Dataset.from_hdf5("/nowhere/digits.h5")
    with pytest.raises(swiftnn.ArgumentError, match="batch_size"):
        model.fit(x, y, batch_size=0, verbose=0)
    with pytest.raises(swiftnn.ArgumentError, match="batch_size"):
        model.predict(x, batch_size=-1)
    with pytest.raises(swiftnn.ArgumentError, match="expected a Callback"):
        model.fit(x, y, callbacks=[print], verbose=0)
    with pytest.raises(swiftnn.ConfigurationError, match="learning_rate"):
        model.compile(optimizers.Adam(learning_rate="fast"), "mean_squared_error")


def test_a_label_out_of_range_is_an_error(rng):
    model = digit_reader()
    with pytest.raises(swiftnn.Error):
        model.fit(rng.normal(size=(4, 8, 8)), np.array([1, 2, 3, 10]), verbose=0)


def test_targets_follow_the_losses_of_the_last_compile(rng):
    model = two_in_two_out()
    x = [rng.normal(size=(6, 3)).astype(np.float32) for _ in range(2)]
    total, kind = np.ones((6, 1), np.float32), np.zeros(6, np.int32)
    model.compile("sgd", {"total": "mse"})
    assert isinstance(model.train_on_batch(x, [total, kind]), float)
    assert isinstance(model.train_on_batch(x, total), float)
    model.compile("sgd", ["mse", "sparse_categorical_crossentropy"])
    assert len(model.train_on_batch(x, [total, kind])) == 3
    with pytest.raises(swiftnn.ArgumentError, match="expected 2 arrays"):
        model.train_on_batch(x, total)


def test_a_wrong_target_of_one_step_is_told():
    model, x = two_layers(), np.zeros((4, 2), np.float32)
    before = weight_bytes(model)
    for y in (np.zeros((3, 1), np.float32), np.zeros((4, 2), np.float32)):
        with pytest.raises(swiftnn.ShapeError):
            model.train_on_batch(x, y)
    with pytest.raises(swiftnn.ArgumentError):
        model.train_on_batch(x, np.array(["a"] * 4))
    assert weight_bytes(model) == before
