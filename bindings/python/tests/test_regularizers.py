"""Regularizers, constraints and noise layers from Python."""

import numpy as np
import pytest

import swiftnn
from swiftnn import constraints, layers, regularizers


def trained(loss="mse", rows=8, epochs=0, target=0, **options):
    """A layer of ones in a compiled model, its data, and the data's loss."""
    x = np.full((rows, 3), 2, np.float32)
    dense = layers.Dense(2, kernel_initializer="ones", **options)
    model = swiftnn.Sequential([swiftnn.Input(shape=(3,)), dense])
    model.compile(swiftnn.optimizers.SGD(0.1), loss=loss)
    y = np.full((rows, 2), target, np.float32)
    if epochs:
        model.fit(x, y, epochs=epochs, batch_size=4, verbose=0)
    return model, dense, x, y


@pytest.mark.parametrize(
    ("options", "penalty"),
    [
        ({}, 0),
        ({"kernel_regularizer": "l2"}, 0.06),
        ({"kernel_regularizer": regularizers.L1(0.5)}, 3),
        ({"kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 1, "l2": 2}}}, 18),
        ({"kernel_regularizer": regularizers.OrthogonalRegularizer(0.25)}, 0.25),
        ({"bias_regularizer": "l2", "bias_initializer": "ones"}, 0.02 + 13),
        # Divided by the rows of the batch.
        ({"activity_regularizer": regularizers.L2(0.5)}, 36),
    ],
)
def test_the_loss_has_the_penalty_in_training_and_in_evaluation(options, penalty):
    model, _, x, y = trained(**options)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(36 + penalty)
    assert model.train_on_batch(x, y) == pytest.approx(36 + penalty)


def test_a_frozen_weight_has_no_penalty():
    model, dense, x, y = trained(kernel_regularizer="l2")
    dense.trainable = False
    assert model.evaluate(x, y, verbose=0) == pytest.approx(36)


def test_a_penalty_that_is_not_finite_changes_nothing():
    # Twice the factor is no float.
    model, dense, x, y = trained(kernel_regularizer=regularizers.L2(3e38))
    before = dense.get_weights()
    with pytest.raises(swiftnn.NumericError, match="nothing was updated"):
        model.train_on_batch(x, y)
    for old, new in zip(before, dense.get_weights(), strict=True):
        assert np.array_equal(old, new)


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        ("non_neg", lambda w: (w >= 0).all()),
        (constraints.MaxNorm(0.5), lambda w: (np.linalg.norm(w, axis=0) <= 0.5 + 1e-6).all()),
        (constraints.UnitNorm(axis=1), lambda w: np.allclose(np.linalg.norm(w, axis=1), 1)),
        (constraints.UnitNorm(axis=None), lambda w: np.allclose(np.linalg.norm(w), 1)),
        (
            {"class_name": "MinMaxNorm", "config": {"min_value": 3, "max_value": 4}},
            lambda w: np.allclose(np.linalg.norm(w, axis=0), 3),
        ),
    ],
)
def test_a_constraint_holds_after_training(constraint, holds):
    _, dense, _, _ = trained(kernel_constraint=constraint, epochs=2, target=-9)
    kernel = dense.get_weights()[0]
    assert holds(kernel)
    _, dense, _, _ = trained(epochs=2, target=-9)
    assert not holds(dense.get_weights()[0])


@pytest.mark.parametrize("module", [regularizers, constraints])
def test_get_takes_names_dictionaries_and_objects(module):
    kinds = [getattr(module, name) for name in module.__all__ if name[0].isupper()]
    for kind in kinds:
        if kind.__name__ in ("Regularizer", "Constraint"):
            continue
        assert module.get(kind.__name__) == kind()
        assert module.get(kind().serialize()) == kind()
        assert module.get(kind()) == kind()
    assert module.get(None) is None
    for wrong in ["l3", 3, {"config": {}}]:
        with pytest.raises(ValueError, match="expected one of"):
            module.get(wrong)


def test_get_takes_the_names_of_keras():
    assert regularizers.get("l1") == regularizers.L1(0.01)
    assert regularizers.get("orthogonal_regularizer") == regularizers.OrthogonalRegularizer()
    assert constraints.get("max_norm") == constraints.MaxNorm(2, 0)
    assert constraints.get("min_max_norm") == constraints.MinMaxNorm()


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_regularizer": "l3"},
        {"kernel_regularizer": regularizers.L2(-1)},
        {"bias_regularizer": regularizers.OrthogonalRegularizer()},
        {"activity_regularizer": regularizers.L1(float("nan"))},
        {"kernel_constraint": constraints.MaxNorm(-1)},
        {"kernel_constraint": constraints.MaxNorm(axis=2)},
        {"bias_constraint": constraints.MinMaxNorm(2, 1)},
        {"bias_constraint": constraints.MinMaxNorm(rate=2)},
    ],
)
def test_a_bad_value_is_refused(options):
    with pytest.raises(swiftnn.Error):
        layers.Dense(3, **options)(swiftnn.Input(shape=(4,)))


def test_a_file_keeps_penalties_and_constraints(tmp_path):
    model, _, x, y = trained(
        kernel_regularizer=regularizers.L1L2(0.1, 0.2),
        bias_regularizer="l1",
        activity_regularizer="l2",
        kernel_constraint=constraints.MinMaxNorm(axis=[0, 1]),
        bias_constraint="non_neg",
    )
    model.save(tmp_path / "a.h5")
    loaded = swiftnn.load_model(tmp_path / "a.h5")
    assert loaded.to_json() == model.to_json()
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    for each in (model, loaded):
        each.fit(x, y, epochs=2, batch_size=4, verbose=0)
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "layer", [layers.GaussianNoise(0.5), layers.GaussianDropout(0.5), layers.AlphaDropout(0.5)]
)
def test_noise_is_for_training_alone(layer):
    model = swiftnn.Sequential([swiftnn.Input(shape=(50,)), layer])
    model.compile("sgd", loss="mse")
    x = np.ones((4, 50), np.float32)
    assert np.array_equal(model.predict(x, verbose=0), x)
    assert model.evaluate(x, x, verbose=0) == 0
