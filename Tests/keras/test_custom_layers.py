"""A layer of one's own in a file: Keras opens it with its class of the same name."""

import numpy as np
import pytest


@pytest.fixture
def both(keras, swiftnn):
    """The same class for each library."""

    class Scale(swiftnn.layers.CustomLayer):
        def __init__(self, power=1.0, **options):
            super().__init__(**options)
            self.power = power

        def build(self, input_shape):
            self.gain = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gain")

        def call(self, inputs):
            return inputs * self.gain**self.power

        def backward(self, gradient, inputs):
            slope = self.power * self.gain ** (self.power - 1)
            self.gain.gradient[:] = (gradient * inputs).sum(axis=0) * slope
            return gradient * self.gain**self.power

        def get_config(self):
            return {**super().get_config(), "power": self.power}

    ours = Scale

    class Scale(keras.layers.Layer):
        def __init__(self, power=1.0, **options):
            super().__init__(**options)
            self.power = power

        def build(self, input_shape):
            self.gain = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gain")

        def call(self, inputs):
            return inputs * self.gain**self.power

        def get_config(self):
            return {**super().get_config(), "power": self.power}

    return ours, Scale


def make(library, scale):
    layers = library.layers
    model = library.Sequential(
        [library.Input((6,)), layers.Dense(4, activation="tanh"), scale(2.0, name="own"),
         layers.Dense(2)]
    )  # fmt: skip
    model.compile("sgd", loss="mean_squared_error")
    return model


def data():
    generator = np.random.default_rng(1)
    return (generator.normal(size=(32, width)).astype(np.float32) for width in (6, 2))


@pytest.mark.parametrize("is_sequential", [True, False])
def test_keras_opens_and_trains_it(keras, swiftnn, both, tmp_path, is_sequential):
    ours, theirs = both
    x, y = data()
    model = make(swiftnn, ours)
    if not is_sequential:
        tensor = swiftnn.Input((6,))
        model = swiftnn.Model(tensor, swiftnn.layers.Dense(2)(ours(2.0, name="own")(tensor)))
        model.compile("sgd", loss="mean_squared_error")
    model.fit(x, y, epochs=3, verbose=0)
    model.save(tmp_path / "ours.h5")
    with pytest.raises((TypeError, ValueError), match="Scale"):
        keras.models.load_model(tmp_path / "ours.h5")
    opened = keras.models.load_model(tmp_path / "ours.h5", custom_objects={"Scale": theirs})
    assert opened.get_layer("own").power == 2
    np.testing.assert_allclose(opened.predict(x, verbose=0), model.predict(x), atol=1e-5)
    # One goes on as the other does.
    for each in (model, opened):
        each.fit(x, y, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(opened.predict(x, verbose=0), model.predict(x), atol=1e-4)


def test_ours_opens_what_keras_saved(keras, swiftnn, both, tmp_path):
    ours, theirs = both
    x, y = data()
    model = make(keras, theirs)
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "theirs.h5")
    opened = swiftnn.load_model(tmp_path / "theirs.h5", custom_objects={"Scale": ours})
    assert isinstance(opened.get_layer("own"), ours)
    np.testing.assert_allclose(opened.predict(x), model.predict(x, verbose=0), atol=1e-5)
    opened.fit(x, y, epochs=2, verbose=0)
