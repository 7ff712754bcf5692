"""Exact linear models, beside numpy's lstsq and scikit-learn's."""

import h5py
import numpy as np
import pytest
from sklearn import linear_model as sk

import swiftnn
from swiftnn import _lib, layers
from swiftnn.linalg import LinearRegression, Ridge


def samples(rng, rows=200, features=7, outputs=3):
    x = rng.normal(size=(rows, features)) + 3
    return x, x @ rng.normal(size=(features, outputs)) + rng.normal(size=(rows, outputs)) + 5


def usage():
    return _lib.call("snn_memory_get_usage")


@pytest.mark.parametrize("shape", [(200, 7, 3), (50, 1, 1), (12, 11, 2), (600, 90, 4)])
@pytest.mark.parametrize("intercept", [True, False])
def test_least_squares_is_numpys(rng, shape, intercept):
    x, y = samples(rng, *shape)
    model = LinearRegression(fit_intercept=intercept).fit(x, y)
    design = np.column_stack([x, np.ones(len(x))]) if intercept else x
    expected, _, rank, singular = np.linalg.lstsq(design, y, rcond=None)
    np.testing.assert_allclose(model.coef_.T, expected[: x.shape[1]], rtol=1e-9, atol=1e-11)
    left = y - design @ expected
    squares = (left**2).sum(0)
    np.testing.assert_allclose(model.residual_sum_of_squares_, squares, rtol=1e-10, atol=1e-20)
    assert model.rank_ == x.shape[1]
    assert not model.is_rank_deficient_
    if not intercept:
        assert model.rank_ == rank
        np.testing.assert_allclose(model.singular_, singular, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [True, False])
def test_both_models_are_scikit_learns(rng, weighted, intercept):
    x, y = samples(rng)
    weight = rng.uniform(size=len(x)) if weighted else None
    for ours, theirs in [
        (LinearRegression(fit_intercept=intercept), sk.LinearRegression(fit_intercept=intercept)),
        (Ridge(2.5, fit_intercept=intercept), sk.Ridge(2.5, fit_intercept=intercept)),
        (
            Ridge([0.1, 1, 30], fit_intercept=intercept),
            sk.Ridge([0.1, 1, 30], fit_intercept=intercept),
        ),
    ]:
        for targets in (y, y[:, 0]) if np.ndim(getattr(theirs, "alpha", 0)) == 0 else (y,):
            ours.fit(x, targets, weight)
            theirs.fit(x, targets, weight)
            np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-10)
            np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-10, atol=1e-13)
            assert ours.coef_.shape == theirs.coef_.shape
            assert np.shape(ours.intercept_) == np.shape(theirs.intercept_) or not intercept
            predicted = ours.predict(x)
            assert predicted.shape == theirs.predict(x).shape
            np.testing.assert_allclose(predicted, theirs.predict(x), rtol=1e-10)
            assert ours.score(x, targets, weight) == pytest.approx(
                theirs.score(x, targets, weight), rel=1e-12
            )
            assert ours.n_features_in_ == theirs.n_features_in_
            if isinstance(theirs, sk.LinearRegression) and not weighted:
                assert ours.rank_ == theirs.rank_
                np.testing.assert_allclose(ours.singular_, theirs.singular_, rtol=1e-10)


def test_rank_deficient_data_gets_the_answer_of_least_norm(rng):
    x, y = samples(rng)
    x = np.column_stack([x, x[:, 0] - 2 * x[:, 3], 1e3 * x[:, 1]])
    model = LinearRegression(fit_intercept=False).fit(x, y)
    expected, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    assert model.is_rank_deficient_
    assert model.rank_ == rank == 7
    np.testing.assert_allclose(model.coef_.T, expected, rtol=1e-9, atol=1e-11)
    theirs = sk.LinearRegression().fit(x, y)
    np.testing.assert_allclose(LinearRegression().fit(x, y).coef_, theirs.coef_, atol=1e-10)


def test_singular_values_are_right_to_the_last_digits(rng):
    x = rng.normal(size=(150, 150))
    model = LinearRegression(fit_intercept=False).fit(x, x[:, 0])
    expected = np.linalg.svd(x, compute_uv=False)
    np.testing.assert_allclose(model.singular_, expected, atol=4e-15 * expected[0])


def test_fewer_samples_than_features_get_the_answer_of_least_norm(rng):
    x, y = samples(rng, 6, 20)
    model = LinearRegression(fit_intercept=False).fit(x, y)
    np.testing.assert_allclose(model.coef_.T, np.linalg.pinv(x) @ y, atol=1e-11)
    assert (model.rank_, model.is_rank_deficient_) == (6, True)
    assert len(model.singular_) == 6


@pytest.mark.parametrize("rcond", [None, 1e-8, 1e-3, 0.2])
def test_rcond_is_numpys_where_columns_stay_as_they_are(rng, rcond):
    u, _ = np.linalg.qr(rng.normal(size=(60, 8)))
    v, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    x = u @ np.diag(10.0 ** -np.arange(0, 16, 2)) @ v
    y = rng.normal(size=(60, 2))
    model = LinearRegression(fit_intercept=False, rcond=rcond, scale_columns=False).fit(x, y)
    expected, _, rank, singular = np.linalg.lstsq(x, y, rcond=rcond)
    assert model.rank_ == rank
    size = np.abs(expected).max()
    np.testing.assert_allclose(model.coef_.T, expected, atol=1e-16 / singular[rank - 1] * size * 99)
    np.testing.assert_allclose(model.singular_, singular, atol=1e-14)


def test_ill_conditioned_data_of_many_units_keeps_its_rank(rng):
    x, y = samples(rng, 100, 4)
    units = np.array([1e-12, 1.0, 1e9, 1e-30])
    model = LinearRegression().fit(x * units, y)
    assert model.rank_ == 4
    np.testing.assert_allclose(
        model.coef_ * units, LinearRegression().fit(x, y).coef_, rtol=1e-10
    )
    assert np.linalg.lstsq(x * units, y, rcond=None)[2] < 4, "numpy drops columns here"


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "uint8", "int32", "int64", "bool"])
def test_arrays_of_any_type_are_taken(rng, dtype):
    x = rng.integers(0, 2 if dtype == "bool" else 9, size=(80, 4)).astype(dtype)
    y = rng.integers(-9, 9, size=80)
    expected = LinearRegression().fit(x.astype(np.float64), y.astype(np.float64))
    model = LinearRegression().fit(x, y)
    np.testing.assert_array_equal(model.coef_, expected.coef_)
    np.testing.assert_array_equal(model.predict(x), expected.predict(x.astype(np.float64)))
    np.testing.assert_array_equal(
        LinearRegression().fit(np.asfortranarray(x), y[::-1][::-1]).coef_, expected.coef_
    )


def test_samples_one_by_one_give_the_fit_of_all(rng):
    x, y = samples(rng)
    whole = LinearRegression().fit(x, y)
    model = LinearRegression()
    for row in range(len(x)):
        model.update(x[row : row + 1], y[row : row + 1])
    np.testing.assert_allclose(model.coef_, whole.coef_, rtol=1e-11)
    np.testing.assert_allclose(model.intercept_, whole.intercept_, rtol=1e-11)
    assert model.n_samples_seen_ == len(x)
    more = LinearRegression().fit(x[:120], y[:120]).update(x[120:], y[120:])
    np.testing.assert_allclose(more.coef_, whole.coef_, rtol=1e-11)


def test_forgetting_follows_what_changes(rng):
    x = rng.normal(size=(400, 2))
    y = np.where(np.arange(400) < 200, x[:, 0], x[:, 1])
    model = LinearRegression(forgetting_factor=0.8).update(x, y)
    np.testing.assert_allclose(model.coef_, [0, 1], atol=1e-9)
    weights = 0.8 ** np.arange(399, -1, -1)
    expected = sk.LinearRegression().fit(x, y, weights)
    np.testing.assert_allclose(model.coef_, expected.coef_, atol=1e-9)


def test_an_update_takes_no_memory(rng):
    x, y = samples(rng)
    model = LinearRegression(forgetting_factor=0.99).update(x[:1], y[:1])
    before = usage()[2]
    for row in range(1, 50):
        model.update(x[row : row + 1], y[row : row + 1])
    assert usage()[2] == before


@pytest.mark.parametrize("block_rows", [0, 1000, 1 << 14])
def test_a_file_larger_than_the_memory_limit_is_fitted(rng, tmp_path, block_rows):
    path = tmp_path / "data.h5"
    x, y = rng.normal(size=(200_000, 20)), rng.normal(size=(200_000, 2))
    weight = rng.uniform(size=200_000)
    with h5py.File(path, "w") as file:
        file["x"], file["y"], file["w"] = x, y, weight
    assert path.stat().st_size > 36e6
    data = swiftnn.Dataset.from_hdf5(path, sample_weight="w", block_rows=block_rows)
    limit = 24_000_000
    _lib.call("snn_memory_set_limit", usage()[0] + limit)
    try:
        model = LinearRegression().fit(data)
    finally:
        _lib.call("snn_memory_set_limit", 0)
    expected = LinearRegression().fit(x, y, weight)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-10, atol=1e-13)
    assert model.n_samples_seen_ == 200_000


def test_uint8_of_a_data_set_is_scaled(rng):
    x = rng.integers(0, 255, size=(60, 3)).astype(np.uint8)
    y = rng.normal(size=60)
    model = LinearRegression().fit(swiftnn.Dataset(x, y, scale=1 / 255))
    np.testing.assert_allclose(
        model.coef_, LinearRegression().fit(x / 255, y).coef_, rtol=1e-6
    )


def test_what_is_wrong_is_said(rng):
    x, y = samples(rng)
    model = LinearRegression()
    assert not hasattr(model, "coef_")
    with pytest.raises(swiftnn.StateError, match="not been fitted"):
        model.predict(x)
    with pytest.raises(swiftnn.NumericError, match=r"inputs.*sample 3"):
        model.fit(np.where(np.arange(200)[:, None] == 3, np.nan, x), y)
    with pytest.raises(swiftnn.ShapeError, match="samples: expected 200, received 100"):
        model.fit(x, y[:100])
    with pytest.raises(swiftnn.ShapeError, match="2 axes"):
        model.fit(x[:, 0], y)
    with pytest.raises(swiftnn.ArgumentError, match="at least 0"):
        model.fit(x, y, -np.ones(200))
    with pytest.raises(swiftnn.ShapeError, match="'alpha': expected 3, received 2"):
        Ridge([1, 2]).fit(x, y)
    with pytest.raises(swiftnn.UnsupportedError, match="positive"):
        LinearRegression(positive=True)
    with pytest.raises(swiftnn.ConfigurationError, match="alpha"):
        Ridge(-1)
    model.fit(x, y)
    before = model.coef_
    with pytest.raises(swiftnn.ShapeError, match="features: expected 7, received 3"):
        model.update(x[:, :3], y)
    with pytest.raises(swiftnn.NumericError):
        model.update(x, y * np.inf)
    np.testing.assert_array_equal(model.coef_, before)


def network(*more):
    return swiftnn.Sequential(
        [
            swiftnn.Input(shape=(3,)),
            layers.Dense(16, activation="tanh"),
            layers.Dropout(0.5),
            layers.Dense(2, name="last", **dict(more)),
        ],
        seed=4,
    )


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_the_last_layer_is_solved_for(rng, use_bias, alpha):
    x = rng.normal(size=(500, 3)).astype(np.float32)
    y = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], 1).astype(np.float32)
    weight = rng.uniform(size=500).astype(np.float32)
    model = network(("use_bias", use_bias))
    before = [np.array(w) for w in model.get_weights()]
    assert not model.fit_last_layer(x, y, weight, alpha=alpha, batch_size=64)
    after = model.get_weights()
    features = np.tanh(x @ before[0] + before[1]).astype(np.float64)
    theirs = sk.Ridge(alpha, fit_intercept=use_bias) if alpha else sk.LinearRegression(
        fit_intercept=use_bias
    )
    theirs.fit(features, y, weight)
    np.testing.assert_array_equal(after[0], before[0])
    np.testing.assert_allclose(after[2], theirs.coef_.T, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(
        model.predict(x, verbose=0), theirs.predict(features), atol=2e-4
    )


def test_the_last_layer_of_a_sequence_is_solved_for(rng):
    x = rng.normal(size=(40, 5, 3)).astype(np.float32)
    model = swiftnn.Sequential([swiftnn.Input(shape=(5, 3)), layers.Dense(1)])
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 0.25
    weight = rng.uniform(0.5, 1, size=40)
    model.fit_last_layer(x, y, weight)
    np.testing.assert_allclose(model.get_weights()[0][:, 0], [1, -2, 0.5], atol=1e-6)
    np.testing.assert_allclose(model.get_weights()[1], [0.25], atol=1e-6)


def test_dead_features_give_weights_of_least_norm(rng):
    x = rng.normal(size=(60, 3)).astype(np.float32)
    model = network()
    kernel, bias, *last = (np.array(w) for w in model.get_weights())
    kernel[:, 5] = bias[5] = 0
    model.set_weights([kernel, bias, *last])
    assert model.fit_last_layer(x, x[:, :2])
    assert (model.get_weights()[2][5] == 0).all()


def test_a_last_layer_that_is_not_affine_is_refused(rng):
    x = rng.normal(size=(60, 3)).astype(np.float32)
    model = network(("activation", "relu"))
    before = model.predict(x, verbose=0)
    with pytest.raises(swiftnn.UnsupportedError, match=r"last: .*without an activation"):
        model.fit_last_layer(x, x[:, :2])
    affine = network()
    with pytest.raises(swiftnn.ShapeError):
        affine.fit_last_layer(x, x)
    with pytest.raises(swiftnn.NumericError):
        affine.fit_last_layer(x * np.inf, x[:, :2])
    affine.layers[-1].trainable = False
    with pytest.raises(swiftnn.StateError, match="frozen"):
        affine.fit_last_layer(x, x[:, :2])
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
