"""The estimators, by scikit-learn's own checks and in its company."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import swiftnn
from swiftnn import optimizers
from swiftnn.sklearn import SwiftNNClassifier, SwiftNNRegressor

MINI_BATCHES = {"solver": "adam", "max_iter": 300}


def expected_failures(estimator):
    """Mini-batches shuffle rows: a row twice is not a row of weight 2."""
    if estimator.solver == "lbfgs":
        return {}
    reason = "the order of mini-batches depends on the number of rows"
    return {
        "check_sample_weight_equivalence_on_dense_data": reason,
        "check_sample_weight_equivalence_on_sparse_data": reason,
    }


@parametrize_with_checks(
    [
        SwiftNNClassifier(),
        SwiftNNRegressor(),
        SwiftNNClassifier(**MINI_BATCHES),
        SwiftNNRegressor(**MINI_BATCHES),
    ],
    expected_failed_checks=expected_failures,
)
def test_an_estimator_passes_the_checks(estimator, check):
    check(estimator)


def test_it_classifies_in_a_pipeline_and_a_search():
    x, y = load_iris(return_X_y=True)
    scores = cross_val_score(
        make_pipeline(StandardScaler(), SwiftNNClassifier((8,), random_state=0)), x, y, cv=5
    )
    assert scores.mean() > 0.93
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SwiftNNClassifier((8,), random_state=0)),
        {"swiftnnclassifier__alpha": [1e-4, 1.0], "swiftnnclassifier__activation": ["tanh"]},
        cv=3,
    ).fit(x, y)
    assert search.best_score_ > 0.93


def test_it_classifies_digits():
    x, y = load_digits(return_X_y=True)
    model = SwiftNNClassifier((32,), random_state=0, max_iter=100).fit(x[:1200] / 16, y[:1200])
    assert model.score(x[1200:] / 16, y[1200:]) > 0.9


def test_it_fits_values_and_several_outputs():
    x, y = load_diabetes(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    model = SwiftNNRegressor((8,), alpha=10.0, random_state=0).fit(x, (y - y.mean()) / y.std())
    assert model.score(x, (y - y.mean()) / y.std()) > 0.5
    two = np.column_stack([x[:, 0] + x[:, 1], x[:, 0] * x[:, 1]])
    model = SwiftNNRegressor((16,), random_state=0).fit(x, two)
    assert model.predict(x).shape == two.shape
    assert model.score(x, two) > 0.9


@pytest.mark.parametrize("solver", ["lbfgs", "adam", optimizers.SGD(learning_rate=0.05)])
def test_a_copy_predicts_the_same_bits(solver):
    x, y = load_iris(return_X_y=True)
    model = SwiftNNClassifier((8,), solver=solver, max_iter=40, random_state=3).fit(x, y)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict_proba(x).tobytes() == model.predict_proba(x).tobytes()
    again = clone(model).fit(x, y)
    assert again.predict_proba(x).tobytes() == model.predict_proba(x).tobytes()


def test_a_weight_of_two_is_the_row_twice():
    x, y = load_iris(return_X_y=True)
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    weighted = SwiftNNClassifier((8,), random_state=0).fit(x, y, sample_weight=weight)
    repeated = SwiftNNClassifier((8,), random_state=0)
    repeated.fit(np.repeat(x, weight, axis=0), y.repeat(weight))
    assert weighted.predict_proba(x).tobytes() == repeated.predict_proba(x).tobytes()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"alpha": -1}, "alpha: expected a number of at least 0"),
        ({"max_iter": 0}, "max_iter: expected an integer above 0"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes: expected integers above 0"),
        ({"batch_size": 0}, "batch_size: expected an integer above 0"),
        ({"hidden_layer_sizes": None}, "hidden_layer_sizes: expected integers above 0"),
        ({"hidden_layer_sizes": 2.5}, "hidden_layer_sizes: expected integers above 0"),
        ({"early_stopping": "x"}, "early_stopping: expected True or False, received 'x'"),
        ({"validation_fraction": 0}, "validation_fraction: expected a number between 0 and 1"),
        ({"validation_fraction": 1.0}, "validation_fraction: expected a number between 0 and 1"),
        ({"validation_fraction": "a"}, "validation_fraction: expected a number between 0 and 1"),
        ({"solver": None}, "solver: expected 'lbfgs', or .*received None"),
        ({"solver": 3}, "solver: expected 'lbfgs', or .*received 3"),
        ({"build_model": 3}, "build_model: expected a function, received 3"),
        ({"build_model": lambda features, outputs: None}, "a Model or a Sequential, received None"),
    ],
)
def test_a_wrong_parameter_is_named(parameters, words):
    x, y = load_iris(return_X_y=True)
    assert issubclass(swiftnn.ArgumentError, ValueError)
    with pytest.raises(swiftnn.ArgumentError, match=words):
        SwiftNNClassifier(**parameters).fit(x, y)


@pytest.mark.parametrize("kind", [SwiftNNClassifier, SwiftNNRegressor])
def test_early_stopping_validates_on_samples_of_all_classes(kind, monkeypatch):
    seen = []
    fit = swiftnn.Sequential.fit

    def spy(self, x, y, **options):
        seen.append((x, y, options["sample_weight"], *options["validation_data"]))
        return fit(self, x, y, **options)

    monkeypatch.setattr(swiftnn.Sequential, "fit", spy)
    x, y = load_iris(return_X_y=True)  # sorted by class
    weight = 1.0 + np.arange(len(x)) % 3
    parameters = {"max_iter": 100, "early_stopping": True, "random_state": 0}
    model = kind((8,), "tanh", solver=optimizers.Adam(0.05), validation_fraction=0.2, **parameters)
    for _ in range(2):
        model.fit(x, y, sample_weight=weight)
    model.set_params(random_state=1).fit(x, y, sample_weight=weight)
    assert model.score(x, y) > 0.5
    for x_part, y_part, w_part, x_held, y_held, w_held in seen:
        counts = np.unique(y_held, return_counts=True)[1]
        assert counts.tolist() == [10, 10, 10] if kind is SwiftNNClassifier else min(counts) > 3
        together = np.column_stack(
            [np.vstack([x_part, x_held]), np.vstack([y_part, y_held]), np.hstack([w_part, w_held])]
        )
        given = np.column_stack([x, y, weight * len(x) / weight.sum()]).astype(np.float32)
        for column in range(6):
            assert np.array_equal(np.sort(together[:, column]), np.sort(given[:, column]))
    assert np.array_equal(seen[0][3], seen[1][3])
    assert not np.array_equal(seen[0][3], seen[2][3])


def test_too_few_samples_to_hold_some_of_each_class_are_told():
    x, y = load_iris(return_X_y=True)
    model = SwiftNNClassifier(solver="adam", early_stopping=True)
    with pytest.raises(swiftnn.ArgumentError, match=r"validation_fraction 0.1 of 10 samples: "):
        model.fit(x[::15], y[::15])


def test_an_optimizer_of_a_name_and_options_is_copied_too():
    x, y = load_iris(return_X_y=True)
    solver = optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.05}})
    for _ in range(2):
        SwiftNNClassifier((8,), solver=solver, max_iter=2).fit(x, y)
