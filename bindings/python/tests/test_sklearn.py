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
    ],
)
def test_a_wrong_parameter_is_named(parameters, words):
    x, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=words):
        SwiftNNClassifier(**parameters).fit(x, y)
