"""What the comparison of gradients with differences lets through and what not."""

import numpy as np
import pytest

import swiftnn
from swiftnn import layers, losses

RNG = np.random.default_rng(0)


def fit(layer, x=None, hidden=True, **options):
    x = RNG.normal(size=(32, 6)).astype("float32") if x is None else x
    before = [layers.Dense(6, kernel_initializer="identity")] if hidden else []
    model = swiftnn.Sequential(
        [swiftnn.Input(x.shape[1:]), *before, layer, layers.Dense(2)], seed=1
    )
    model.compile("sgd", loss="mse")
    model.fit(x, np.ones((len(x), 2)), verbose=0, shuffle=False, **options)
    return model


def layer_of(call, backward, **attributes):
    methods = {"call": lambda self, x: call(x), "backward": lambda self, g, x: backward(g, x)}
    return type("Own", (layers.CustomLayer,), methods | attributes)()


@pytest.mark.parametrize(
    ("call", "backward"),
    [
        (lambda x: x, lambda g, x: -g),
        (np.sign, lambda g, x: g),
        (lambda x: x, lambda g, x: np.clip(g, -0.1, 0.1)),
        (lambda x: x, lambda g, x: None),
    ],
    ids=["reversed", "straight-through", "clipped", "stopped"],
)
def test_another_gradient_must_be_meant(call, backward):
    with pytest.raises(swiftnn.ArgumentError, match="gradient_is_derivative"):
        fit(layer_of(call, backward))
    fit(layer_of(call, backward, gradient_is_derivative=False))


def test_right_gradients_of_steep_functions_pass():
    class Octaves(layers.CustomLayer):
        """The encoding of Mildenhall et al. 2020."""

        frequencies = (2.0 ** np.arange(10) * np.pi).astype("float32")

        def call(self, x):
            return np.sin(x[:, :, None] * self.frequencies).reshape(len(x), -1)

        def backward(self, g, x):
            slopes = np.cos(x[:, :, None] * self.frequencies) * self.frequencies
            return (g.reshape(len(x), -1, 10) * slopes).sum(-1)

    class Wave(layers.CustomLayer):
        def build(self, shape):
            self.w = self.add_weight((1, 8), "uniform", name="w")

        def call(self, t):
            return np.sin(t * self.w)

        def backward(self, g, t):
            slopes = np.cos(t * self.w) * g
            self.w.gradient = (slopes * t).sum(0)
            return (slopes * self.w).sum(1, keepdims=True)

    fit(Octaves(), RNG.uniform(size=(64, 6)).astype("float32"))
    fit(Wave(), np.arange(64, dtype="float32")[:, None] * 30, hidden=False)
    # And wrong ones do not.
    for wrong in (Octaves, Wave):
        backward = wrong.backward
        wrong.backward = lambda self, g, x, right=backward: right(self, 1.5 * g, x)
    with pytest.raises(swiftnn.ArgumentError, match="derivative"):
        fit(Octaves(), RNG.uniform(size=(64, 6)).astype("float32"))
    with pytest.raises(swiftnn.ArgumentError, match="derivative"):
        fit(Wave(), np.arange(64, dtype="float32")[:, None] * 30, hidden=False)


@pytest.mark.parametrize("factor", [1, 3])
def test_numbers_that_are_not_finite_are_left_out_alone(factor):
    def log(x):
        with np.errstate(all="ignore"):
            return np.log(x)

    class Log(layers.CustomLayer):
        def call(self, x):
            return log(x)

        def backward(self, g, x):
            return factor * np.where(x > 0, g / np.where(x > 0, x, 1), 0)

    class Gate(layers.CustomLayer):
        def call(self, x):
            return np.where(np.isfinite(x), x, 0)

        def backward(self, g, x):
            return np.where(np.isfinite(x), g, 0)

    x = np.abs(RNG.normal(size=(32, 6))).astype("float32") + 0.5
    x[3, 2] = -1
    model = swiftnn.Sequential(
        [
            swiftnn.Input((6,)),
            layers.Dense(6, kernel_initializer="identity"),
            Log(),
            Gate(),
            layers.Dense(2),
        ],
        seed=1,
    )
    model.compile(swiftnn.optimizers.SGD(1e-4), loss="mse")
    if factor == 1:
        model.fit(x, np.ones((32, 2)), verbose=0)
    else:
        with pytest.raises(swiftnn.ArgumentError, match="derivative"):
            model.fit(x, np.ones((32, 2)), verbose=0)


class Table(layers.CustomLayer):
    def __init__(self, count, factor=1, **options):
        super().__init__(**options)
        self.count, self.factor = count, factor

    def build(self, shape):
        self.table = self.add_weight((self.count, 4), "uniform", name="table")

    def call(self, x):
        return self.table.value[x.astype(int)].sum(axis=1)

    def backward(self, g, x):
        np.add.at(self.table.gradient, x.astype(int), self.factor * g[:, None, :])


def test_few_slopes_among_many_numbers_are_found():
    x = RNG.integers(0, 5000, size=(64, 3)).astype("int32")
    fit(Table(5000), x, hidden=False)
    with pytest.raises(swiftnn.ArgumentError, match="weight 'table'"):
        fit(Table(5000, factor=5), x, hidden=False)
    found = swiftnn.gradient_check(Table(5000), x[:4])
    row = found["table/table"]
    assert 4 <= row["nonzero"] < row["compared"] == 20
    assert row["error"] < 1e-2
    assert swiftnn.gradient_check(Table(5000, factor=5), x[:4])["table/table"]["error"] > 0.5
    found = swiftnn.gradient_check(layers.Dense(2), RNG.normal(size=(4, 3)))
    assert found["dense/kernel"]["nonzero"] == 6


def test_what_has_no_slope_at_first_is_looked_at_later():
    class Dead(layers.CustomLayer):
        """A relu, dead in the first batch, with a derivative of the wrong sign."""

        def build(self, shape):
            low = {"class_name": "Constant", "config": {"value": -0.1}}
            self.bias = self.add_weight(shape[-1:], low, name="bias")

        def call(self, x):
            return np.maximum(x + self.bias, 0)

        def backward(self, g, x):
            g = -g * (x + self.bias > 0)
            self.bias.gradient = g.sum(0)
            return g

    x = np.zeros((64, 6), "float32")
    x[32:] = 1
    with pytest.raises(swiftnn.ArgumentError, match="weight 'bias'"):
        fit(Dead(), x, hidden=False)


@pytest.mark.parametrize("count", [100, 10_000])
def test_many_small_derivatives_are_seen_together(count):
    class Mean(layers.CustomLayer):
        def build(self, shape):
            self.bias = self.add_weight(shape[-1:], "zeros", name="bias")

        def call(self, x):
            return (x + self.bias).mean(axis=1, keepdims=True)

        def backward(self, g, x):
            made = np.broadcast_to(self.sign * g / x.shape[1], x.shape)
            self.bias.gradient = made.sum(0)
            return made

    x = RNG.normal(size=(32, count)).astype("float32") + 1
    Mean.sign = 1
    fit(Mean(), x, hidden=False)
    Mean.sign = -1
    with pytest.raises(swiftnn.ArgumentError, match="weight 'bias'"):
        fit(Mean(), x, hidden=False)


def test_a_loss_may_have_another_gradient():
    class Clipped(losses.Loss):
        def call(self, y_true, y_pred):
            return ((y_pred - y_true) ** 2).sum(-1)

        def gradient(self, y_true, y_pred):
            return np.clip(2 * (y_pred - y_true), -0.01, 0.01)

    class Meant(Clipped):
        gradient_is_derivative = False

    def train(loss):
        model = swiftnn.Sequential([swiftnn.Input((3,)), layers.Dense(2)], seed=1)
        model.compile("sgd", loss=loss)
        model.fit(RNG.normal(size=(32, 3)), np.ones((32, 2)), verbose=0)

    with pytest.raises(swiftnn.ArgumentError, match="gradient_is_derivative"):
        train(Clipped())
    train(Meant())
