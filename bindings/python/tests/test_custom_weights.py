"""Arrays, weights and random numbers inside of layers of one's own."""

import numpy as np
import pytest

import swiftnn
from swiftnn import layers


class Square(layers.CustomLayer):
    def build(self, shape):
        self.w = self.add_weight((shape[-1], shape[-1]), name="w")

    def call(self, x):
        return x @ self.w

    def backward(self, g, x):
        self.w.gradient += x.T @ g
        return g @ self.w.T


def model_of(layer, features=6):
    model = swiftnn.Sequential(
        [swiftnn.Input((features,)), layers.Dense(features), layer, layers.Dense(2)], seed=1
    )
    model.compile("sgd", loss="mse")
    return model


def fit(model, features=6, rows=8):
    x = np.random.default_rng(0).normal(size=(rows, features))
    model.fit(x, np.ones((rows, 2)), verbose=0)


def test_a_gradient_is_added_to_or_assigned():
    fit(model_of(Square()))

    class Assigned(Square):
        def backward(self, g, x):
            self.w.gradient = x.T @ g
            return g @ self.w.T

    fit(model_of(Assigned()))


def test_a_weight_is_an_array_in_most_places():
    layer = Square()
    model_of(layer)
    w = layer.w
    values = layer.get_weights()[0]
    assert (w.dtype, w.ndim, w.size) == (np.float32, 2, 36)
    assert np.array_equal(w.reshape(4, 9), values.reshape(4, 9))
    assert w.sum() == values.sum()
    assert np.array_equal(w.numpy(), values)
    assert np.array_equal(np.concatenate([w, w]), np.concatenate([values, values]))
    assert len(list(w)) == 6
    with pytest.raises(swiftnn.StateError, match="cannot be written"):
        np.add(values, 1, out=w)
    with pytest.raises(swiftnn.StateError, match="cannot be written"):
        w += 1
    with pytest.raises(swiftnn.StateError, match="cannot be written"):
        w[0] = 1
    with pytest.raises(AttributeError, match="assign"):
        w.assign(values)


def test_random_numbers_go_on_within_a_pass():
    seen = []

    class Two(layers.CustomLayer):
        def draw(self):
            return [self.random.random(3).tolist() for _ in range(2)]

        def call(self, x, training=False):
            if training:
                seen.append(self.draw())
            return x

        def backward(self, g, x):
            seen.append(self.draw())
            return g

    fit(model_of(Two()))
    first, second = seen[0]
    assert first != second
    assert all(drawn == seen[0] for drawn in seen)


@pytest.mark.parametrize("features", [6, 20_000])
@pytest.mark.parametrize("what", ["input", "part", "weight", "gradient"])
def test_an_array_that_is_kept_is_a_copy(features, what):
    class Keeping(layers.CustomLayer):
        def build(self, shape):
            self.b = self.add_weight(shape[-1:], "zeros", name="b")

        def call(self, x):
            if what in ("input", "part"):
                self.kept = x if what == "input" else x[:, 1:]
            elif what == "weight":
                self.kept = self.b.value
            return x + self.b

        def backward(self, g, x):
            self.b.gradient = g.sum(0)
            if what == "gradient":
                self.kept = self.b.gradient
            return g

    layer = Keeping()
    model = swiftnn.Sequential([swiftnn.Input((features,)), layer])
    model.compile(swiftnn.optimizers.SGD(1e-6), loss="mse")
    x = np.ones((2, features), "float32")
    model.fit(x, x + 1, verbose=0)
    kept = layer.kept.copy()
    del model
    assert np.array_equal(layer.kept, kept)


def test_large_arrays_work():
    class Shift(layers.CustomLayer):
        def build(self, shape):
            self.b = self.add_weight(shape[-1:], "zeros", name="b")

        def call(self, x):
            return x + self.b

        def backward(self, g, x):
            self.b.gradient[:] = g.sum(0)
            return g

    model = swiftnn.Sequential([swiftnn.Input((30_000,)), Shift()])
    model.compile(swiftnn.optimizers.SGD(1.0), loss="mse")
    x = np.ones((4, 30_000), "float32")
    model.fit(x, x + 1, verbose=0)
    assert np.all(model.get_weights()[0] > 0)
