"""What a Normalization was adapted to, in files of both."""

import numpy as np
import pytest

DATA = np.random.default_rng(5).normal(2, 3, (80, 4, 3)).astype(np.float32)


def build(api, axis):
    normalization = api.layers.Normalization(axis=axis, name="even")
    model = api.Sequential(
        [api.Input(shape=(4, 3), name="rows"), normalization, api.layers.Dense(2, name="last")]
    )
    return model, normalization


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", ["model.h5", "model.weights.h5"])
def test_statistics_go_both_ways(keras, swiftnn, tmp_path, axis, kind):
    for one, other in ((keras, swiftnn), (swiftnn, keras)):
        first, normalization = build(one, axis)
        normalization.adapt(DATA)
        path = tmp_path / kind
        if kind == "model.h5":
            first.save(path)
            second = (keras.models if other is keras else swiftnn).load_model(path)
        else:
            first.save_weights(path)
            second, _ = build(other, axis)
            second.load_weights(path)
        ours, theirs = first.predict(DATA, verbose=0), second.predict(DATA, verbose=0)
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
        mean, variance, count = second.layers[-2].get_weights()
        reduced = (0, 1) if axis == -1 else (0, 2)
        np.testing.assert_allclose(mean, DATA.mean(reduced), rtol=1e-5)
        np.testing.assert_allclose(variance, DATA.var(reduced), rtol=1e-5)
        assert count == 0


def test_the_count_is_an_integer_in_files(keras, swiftnn, tmp_path):
    h5py = pytest.importorskip("h5py")
    model, _ = build(swiftnn, -1)
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        count = file["model_weights/even/even/count:0"]
        assert count.shape == () and count.dtype == np.int64
