"""Optimizers, schedules and the search for a rate."""

import inspect

import numpy as np
import pytest

import swiftnn
from swiftnn import layers, optimizers
from swiftnn.optimizers import schedules

CLASSES = [getattr(optimizers, name) for name in optimizers.__all__ if name[0].isupper()]
CLASSES.remove(optimizers.Optimizer)


def data():
    generator = np.random.default_rng(3)
    x = generator.uniform(-1, 1, (32, 3)).astype(np.float32)
    return x, (x @ np.float32([[1], [-2], [0.5]]) + 0.25).astype(np.float32)


def small():
    swiftnn.set_random_seed(5)
    return swiftnn.Sequential(
        [swiftnn.Input((3,)), layers.Dense(4, activation="tanh", name="hidden"), layers.Dense(1)]
    )


@pytest.mark.parametrize("made", CLASSES)
def test_every_class_trains_saves_and_goes_on(made, tmp_path):
    x, y = data()
    model = small()
    model.compile(made(), "mean_squared_error")
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=3, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5")
    assert loaded.optimizer.class_name == made.__name__
    for trained in (model, loaded):
        trained.fit(x, y, epochs=1, verbose=0)
    for one, other in zip(model.get_weights(), loaded.get_weights()):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("made", CLASSES)
def test_defaults_are_those_of_the_library(made):
    """What the class passes on is what the library takes where nothing is given."""
    models = []
    for optimizer in (made(), optimizers.Optimizer(made.__name__)):
        model = small()
        model.compile(optimizer, "mean_squared_error")
        model.fit(*data(), epochs=2, verbose=0)
        models.append(model)
    for one, other in zip(models[0].get_weights(), models[1].get_weights()):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("made", CLASSES)
def test_a_config_makes_the_same(made):
    optimizer = made()
    again = made.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert optimizers.get(made.__name__.lower()).get_config() == optimizer.get_config()


def test_arguments_stand_in_the_order_of_keras():
    names = list(inspect.signature(optimizers.RMSprop).parameters)
    assert names[:6] == ["learning_rate", "rho", "momentum", "epsilon", "centered", "weight_decay"]
    config = optimizers.RMSprop(0.5, 0.25, 0.125, 0.0625, True, 0.75).get_config()
    assert config["centered"] is True
    assert config["weight_decay"] == 0.75


def test_a_schedule_is_followed_and_kept(tmp_path):
    x, y = data()
    schedule = schedules.PiecewiseConstantDecay([1], [0.5, 0.25])
    model = small()
    model.compile(optimizers.SGD(schedule), "mean_squared_error")
    assert model.optimizer.learning_rate == 0.5
    model.fit(x, y, epochs=2, batch_size=32, verbose=0)
    assert model.optimizer.learning_rate == 0.25
    with pytest.raises(swiftnn.StateError, match="PiecewiseConstantDecay"):
        model.optimizer.learning_rate = 0.1
    config = model.optimizer.get_config()
    assert config["learning_rate"]["class_name"] == "PiecewiseConstantDecay"
    again = optimizers.SGD.from_config(config)
    assert again.learning_rate.values == [0.5, 0.25]
    model.save(tmp_path / "m.h5")
    assert swiftnn.load_model(tmp_path / "m.h5").optimizer.learning_rate == 0.25


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.ExponentialDecay(0.5, 10, 0.5, True),
        schedules.PolynomialDecay(0.5, 10),
        schedules.InverseTimeDecay(0.5, 10, 0.5),
        schedules.CosineDecay(0.5, 10, warmup_target=1.0, warmup_steps=2),
        schedules.CosineDecayRestarts(0.5, 10),
        schedules.OneCycleLR(0.5, 20),
        schedules.LinearWarmup(schedules.CosineDecay(0.5, 10), 0.5, 3),
        schedules.LinearWarmup(0.5),
    ],
)
def test_schedules_are_read_back(schedule):
    model = small()
    model.compile(optimizers.Adam(schedule), "mean_squared_error")
    assert 0 < model.optimizer.learning_rate <= 0.5
    again = schedules.deserialize(schedules.serialize(schedule))
    assert again.get_config() == schedule.get_config()


def test_what_does_not_decay():
    x, y = data()
    results = []
    for excluded in (None, ["bias"]):
        optimizer = optimizers.SGD(0.1, weight_decay=0.5)
        if excluded:
            optimizer.exclude_from_weight_decay(var_list=["hidden/kernel"], var_names=excluded)
        model = small()
        model.set_weights([np.ones_like(w) for w in model.get_weights()])
        model.compile(optimizer, "mean_squared_error")
        model.train_on_batch(x, y)
        results.append(model.get_weights())
    differences = [one - other for one, other in zip(*results)]
    assert np.allclose(differences[0], -0.05)
    assert np.allclose(differences[1], -0.05)
    assert np.allclose(differences[2], 0)
    assert np.allclose(differences[3], -0.05)
    with pytest.raises(swiftnn.StateError):
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    with pytest.raises(swiftnn.ArgumentError, match="layer"):
        optimizers.SGD().exclude_from_weight_decay(var_list=["bias"])


def test_a_frozen_share_of_the_rate():
    x, y = data()
    model = small()
    before = model.get_weights()
    model.compile(optimizers.Adam(learning_rate_factors={"hidden": 0}), "mean_squared_error")
    model.fit(x, y, epochs=1, verbose=0)
    after = model.get_weights()
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


def test_lbfgs_solves_what_is_linear():
    x, y = data()
    model = swiftnn.Sequential([swiftnn.Input((3,)), layers.Dense(1)])
    model.compile(optimizers.LBFGS(line_search_fn="strong_wolfe"), "mean_squared_error")
    model.fit(x, y, epochs=3, batch_size=len(x), verbose=0)
    kernel, bias = model.get_weights()
    assert np.allclose(kernel[:, 0], [1, -2, 0.5], atol=1e-4)
    assert np.allclose(bias, 0.25, atol=1e-4)


def test_a_rate_is_found_and_nothing_else_changes():
    x, y = data()
    model = small()
    model.compile("sgd", "mean_squared_error")
    before = model.get_weights()
    found = model.find_learning_rate(x, y, steps=50, batch_size=8, smoothing=0.5)
    assert set(found) == {"rates", "losses", "smoothed", "suggestion"}
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"])
    assert 1e-4 < found["suggestion"] < 10
    for one, other in zip(before, model.get_weights()):
        assert np.array_equal(one, other)
    assert model.optimizer.learning_rate == 0.01


def test_averages_of_weights_come_at_the_end_of_a_fit_and_not_before():
    x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    model = swiftnn.Sequential([swiftnn.Input((1,)), swiftnn.layers.Dense(1)])
    model.compile(optimizers.SGD(learning_rate=0.1, use_ema=True, ema_momentum=0.9), "mse")
    seen = []

    class Look(swiftnn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            # The loss of the weights that were validated is that of the weights that are there.
            seen.append((logs["val_loss"], model.evaluate(x, 3 * x, batch_size=20, verbose=0)))

    model.fit(
        x, 3 * x, batch_size=20, epochs=4, verbose=0, validation_data=(x, 3 * x),
        callbacks=[Look()],
    )
    assert [logged for logged, _ in seen] == [here for _, here in seen]
    assert model.evaluate(x, 3 * x, batch_size=20, verbose=0) > seen[-1][0]


def test_an_optimizer_serves_one_model():
    one, other = small(), small()
    optimizer = optimizers.Adam(0.25)
    one.compile(optimizer, "mse")
    other.compile("sgd", "mse")
    with pytest.raises(swiftnn.ArgumentError, match=r"optimizer: .*Adam of <Sequential.*copy\(\)"):
        other.compile(optimizer, "mse")
    assert other.optimizer.class_name == "SGD"
    other.compile(optimizer.copy(), "mse")
    other.optimizer.learning_rate = 0.5
    assert (one.optimizer.learning_rate, other.optimizer.learning_rate) == (0.25, 0.5)


def test_an_optimizer_is_free_when_its_model_is_gone_or_has_another():
    optimizer = optimizers.Adam(0.25)
    for _ in range(2):
        model = small()
        model.compile(optimizer, "mse")
        model.compile(optimizer, "mae")
        model.fit(*data(), verbose=0)
        del model
    one, other = small(), small()
    one.compile(optimizer, "mse")
    one.compile("sgd", "mse")
    other.compile(optimizer, "mse")
    with pytest.raises(swiftnn.ArgumentError, match="Adam of"):
        one.compile(optimizer, "mse")


def test_an_optimizer_of_a_model_not_built_yet_is_taken_too():
    optimizer = optimizers.Adam()
    one = swiftnn.Sequential([layers.Dense(1)])
    one.compile(optimizer, "mse")
    with pytest.raises(swiftnn.ArgumentError, match="not built yet"):
        small().compile(optimizer, "mse")
