"""Losses that are written in Python, with options and for several outputs."""

import copy
import pickle

import numpy as np
import pytest

import swiftnn
from swiftnn import layers, losses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 3)).astype("float32")
Y = RNG.normal(size=(32, 2)).astype("float32")


class Power(losses.Loss):
    """Has no get_config."""

    def __init__(self, p=2.0, **options):
        super().__init__(**options)
        self.p = p

    def call(self, y_true, y_pred):
        return (np.abs(y_pred - y_true) ** self.p).sum(axis=-1)

    def gradient(self, y_true, y_pred):
        difference = y_pred - y_true
        return self.p * np.abs(difference) ** (self.p - 1) * np.sign(difference)


def squares(y_true, y_pred):
    axes = tuple(range(1, y_pred.ndim))
    return ((y_pred - y_true) ** 2).sum(axis=axes), 2 * (y_pred - y_true)


def one(loss):
    model = swiftnn.Sequential([swiftnn.Input((3,)), layers.Dense(2)], seed=1)
    model.compile("sgd", loss=loss)
    return model


def two(loss, last=None):
    entry = swiftnn.Input((3,))
    ends = [layers.Dense(4)(entry), layers.Dense(4)(entry)]
    if last:
        ends[1] = layers.Reshape(last)(ends[1])
    model = swiftnn.Model(entry, ends, seed=1)
    model.compile(swiftnn.optimizers.SGD(1e-3), loss=loss)
    return model


def test_options_are_in_files_and_copies(tmp_path):
    model = one(Power(4.0, reduction="sum"))
    expected = model.evaluate(X, Y, verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5", custom_objects={"Power": Power})
    for again in (
        loaded,
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        pickle.loads(pickle.dumps(loaded)),
        copy.deepcopy(loaded),
    ):
        assert again.evaluate(X, Y, verbose=0) == expected
        again.fit(X, Y, verbose=0)
    loaded.add(layers.Dense(2))  # which makes a new trainer
    loaded.fit(X, Y, verbose=0)


def test_two_configurations_of_one_class(tmp_path):
    targets = [np.ones((32, 4)), np.ones((32, 4))]
    model = two([Power(2.0), Power(4.0)])
    expected = model.evaluate(X, targets, verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5", custom_objects={"Power": Power})
    for again in (loaded, copy.deepcopy(model), copy.deepcopy(loaded)):
        assert again.evaluate(X, targets, verbose=0) == expected
    separate = [two([Power(p), Power(p)]).evaluate(X, targets, verbose=0) for p in (2.0, 4.0)]
    assert expected[1] == separate[0][1]
    assert expected[2] == separate[1][2]


def test_two_functions_of_one_name(tmp_path):
    targets = [np.ones((32, 4)), np.ones((32, 4))]
    first, second = (lambda t, p: squares(t, p)), (lambda t, p: (squares(t, p)[0], 2 * (p - t)))
    model = two([first, second])
    expected = model.evaluate(X, targets, verbose=0)
    assert copy.deepcopy(model).evaluate(X, targets, verbose=0) == expected
    model.save(tmp_path / "m.h5")
    with pytest.raises(swiftnn.ConfigurationError, match="<lambda>_1"):
        swiftnn.load_model(tmp_path / "m.h5", custom_objects={"<lambda>": first})
    both = {"<lambda>": first, "<lambda>_1": second}
    loaded = swiftnn.load_model(tmp_path / "m.h5", custom_objects=both)
    assert loaded.evaluate(X, targets, verbose=0) == expected


@pytest.mark.parametrize("as_list", [True, False])
def test_each_output_has_its_own_shape(tmp_path, as_list):
    seen = set()

    def shaped(y_true, y_pred):
        seen.add((y_true.shape[1:], y_pred.shape[1:]))
        return squares(y_true, y_pred)

    targets = [np.ones((32, 4)), np.ones((32, 2, 2))]
    model = two([shaped, shaped] if as_list else shaped, last=(2, 2))
    model.fit(X, targets, verbose=0)
    both = {((4,), (4,)), ((2, 2), (2, 2))}
    assert seen == both
    model.save(tmp_path / "m.h5")
    loaded = swiftnn.load_model(tmp_path / "m.h5", custom_objects={"shaped": shaped})
    for again in (loaded, copy.deepcopy(model), copy.deepcopy(loaded)):
        seen.clear()
        again.fit(X, targets, verbose=0)
        assert seen == both


def test_an_array_that_a_loss_keeps_is_a_copy():
    kept = []

    def keeping(y_true, y_pred):
        kept.append(y_pred)
        return squares(y_true, y_pred)

    model = one(keeping)
    model.fit(X, Y, verbose=0)
    before = [array.copy() for array in kept]
    del model
    assert all(map(np.array_equal, kept, before))
