"""What one side compiled can be trained on by the other without compiling it again."""

import numpy as np
import pytest
import swiftnn

X = np.linspace(0, 1, 40, dtype=np.float32).reshape(10, 4)
Y = np.arange(10, dtype=np.int32) % 3

OPTIMIZERS = [
    ("SGD", {"learning_rate": 0.125}),
    ("SGD", {"learning_rate": 0.5, "momentum": 0.5, "weight_decay": 0.25, "clipnorm": 0.125}),
    ("Adam", {"learning_rate": 0.125, "clipvalue": 0.0625}),
    ("AdamW", {"learning_rate": 0.125, "weight_decay": 0.5, "global_clipnorm": 0.25}),
    ("RMSprop", {"learning_rate": 0.125, "momentum": 0.5, "centered": True, "epsilon": 0.125}),
    ("Nadam", {"learning_rate": 0.125, "gradient_accumulation_steps": 2}),
    ("Adagrad", {"learning_rate": 0.125, "use_ema": True, "ema_momentum": 0.5}),
    ("Ftrl", {"learning_rate": 0.125, "l1_regularization_strength": 0.125}),
    ("Muon", {"learning_rate": 0.125, "rms_rate": None}),
]


def build(api, class_name, config):
    model = api.Sequential([api.Input((4,)), api.layers.Dense(3, activation="softmax")])
    optimizer = getattr(api.optimizers, class_name)(**config)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def assert_same_training(ours, theirs):
    for model in (ours, theirs):
        model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    for our, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(our, their, atol=1e-5)


@pytest.mark.parametrize(("class_name", "config"), OPTIMIZERS)
def test_a_compiled_model_of_keras_is_compiled_here(keras, class_name, config, tmp_path):
    theirs = build(keras, class_name, config)
    theirs.save(tmp_path / "k.h5")
    ours = swiftnn.load_model(tmp_path / "k.h5")
    assert ours.optimizer.learning_rate == config["learning_rate"]
    assert_same_training(ours, theirs)
    assert set(ours.history.history) == {"loss", "accuracy"}


@pytest.mark.parametrize(("class_name", "config"), OPTIMIZERS)
def test_a_compiled_model_of_ours_is_compiled_in_keras(keras, class_name, config, tmp_path):
    ours = build(swiftnn, class_name, config)
    ours.save(tmp_path / "s.h5")
    theirs = keras.models.load_model(tmp_path / "s.h5")
    assert type(theirs.optimizer) is getattr(keras.optimizers, class_name)
    found = theirs.optimizer.get_config()
    assert {key: found[key] for key in config} == config
    assert_same_training(ours, theirs)


SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.25, "decay_steps": 2, "decay_rate": 0.5}),
    ("PiecewiseConstantDecay", {"boundaries": [1, 3], "values": [0.5, 0.25, 0.125]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.25, "decay_steps": 3}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.25, "decay_steps": 2, "decay_rate": 0.5}),
    ("CosineDecay", {"initial_learning_rate": 0.25, "decay_steps": 3}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.25, "first_decay_steps": 2}),
]


@pytest.mark.parametrize(("class_name", "config"), SCHEDULES)
def test_a_schedule_goes_to_keras_and_back(keras, class_name, config, tmp_path):
    rate = getattr(swiftnn.optimizers.schedules, class_name)(**config)
    ours = build(swiftnn, "SGD", {"learning_rate": rate})
    ours.save(tmp_path / "s.h5")
    theirs = keras.models.load_model(tmp_path / "s.h5")
    theirs.save(tmp_path / "k.h5")
    back = swiftnn.load_model(tmp_path / "k.h5")
    assert_same_training(ours, theirs)
    back.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    for our, again in zip(ours.get_weights(), back.get_weights(), strict=True):
        assert np.array_equal(our, again)


def test_metrics_of_several_numbers_go_to_keras_and_back(keras, tmp_path):
    def metrics(api):
        return [
            api.metrics.F1Score(threshold=0.5),
            api.metrics.Recall(thresholds=[0.5, 0.25]),
            api.metrics.R2Score(class_aggregation=None),
        ]

    y = np.eye(3, dtype=np.float32)[Y]
    ours = swiftnn.Sequential([swiftnn.Input((4,)), swiftnn.layers.Dense(3, activation="sigmoid")])
    ours.compile("sgd", "binary_crossentropy", metrics=metrics(swiftnn))
    ours.save(tmp_path / "s.h5")
    theirs = keras.models.load_model(tmp_path / "s.h5")
    theirs.evaluate(X, y, verbose=0)
    theirs.save(tmp_path / "k.h5")
    back = swiftnn.load_model(tmp_path / "k.h5")
    expected = theirs.evaluate(X, y, batch_size=4, verbose=0, return_dict=True)
    for model in (ours, back):
        found = model.evaluate(X, y, batch_size=4, verbose=0, return_dict=True)
        assert list(found) == ["loss", "f1_score", "recall", "r2_score"]
        assert set(found) == set(expected)
        assert [np.shape(value) for value in found.values()] == [(), (3,), (2,), (3,)]
        for name, value in found.items():
            assert np.allclose(value, expected[name], atol=1e-5), name


def test_a_loss_of_ones_own_leaves_a_model_that_keras_opens(keras, tmp_path):
    def own(y_true, y_pred):
        return np.mean((y_pred - y_true) ** 2, axis=-1), 2 * (y_pred - y_true) / y_pred.shape[-1]

    ours = swiftnn.Sequential([swiftnn.Input((4,)), swiftnn.layers.Dense(3)])
    ours.compile("sgd", own)
    ours.fit(X, np.eye(3, dtype=np.float32)[Y], verbose=0)
    ours.save(tmp_path / "s.h5")
    theirs = keras.models.load_model(tmp_path / "s.h5")
    assert not theirs.compiled
    assert np.allclose(theirs.predict(X, verbose=0), ours.predict(X, verbose=0), atol=1e-6)
