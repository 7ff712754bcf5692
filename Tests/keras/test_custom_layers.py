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


@pytest.mark.parametrize("order", ["gain", "fixed", "unnamed"])
@pytest.mark.parametrize("way", ["model", "weights", "legacy"])
@pytest.mark.parametrize("to_keras", [True, False])
def test_weights_find_their_places(keras, swiftnn, tmp_path, order, way, to_keras):
    """Whatever is made first: weights that are not trainable come last; without get_config."""

    def made(library, base):
        class Mix(base):
            def __init__(self, factor=1.0, **options):
                super().__init__(**options)
                self.factor = factor

            def build(self, shape):
                def add(name, trainable):
                    named = {} if order == "unnamed" else {"name": name}
                    return self.add_weight(
                        shape=shape[-1:], initializer="random_normal", trainable=trainable, **named
                    )

                if order == "fixed":
                    self.fixed, self.gain = add("fixed", False), add("gain", True)
                else:
                    self.gain, self.fixed = add("gain", True), add("fixed", False)

            def call(self, x):
                return x * self.gain + self.factor * self.fixed

            def backward(self, gradient, x):
                self.gain.gradient = (gradient * x).sum(0)
                return gradient * self.gain

        layers = library.layers
        model = library.Sequential([library.Input((3,)), Mix(10.0, name="mix"), layers.Dense(2)])
        return model, Mix

    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    (ours, own), (theirs, their) = (
        made(swiftnn, swiftnn.layers.CustomLayer), made(keras, keras.layers.Layer)
    )  # fmt: skip
    source, target = (ours, theirs) if to_keras else (theirs, ours)
    path = str(tmp_path / ("m.weights.h5" if way == "weights" else "m.h5"))
    if way == "model":
        source.save(path)
        library, kind = (keras.models, their) if to_keras else (swiftnn, own)
        target = library.load_model(path, custom_objects={"Mix": kind})
    elif way == "legacy" and not to_keras:
        from keras.src.legacy.saving import legacy_h5_format

        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, source)
        target.load_weights(path)
    else:
        source.save_weights(path)
        target.load_weights(path)
    for mine, other in zip(source.get_weights(), target.get_weights(), strict=True):
        assert np.array_equal(mine, other)
    got = target.predict(x, verbose=0)
    np.testing.assert_allclose(got, source.predict(x, verbose=0), atol=1e-5)
