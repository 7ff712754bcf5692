"""Layers that are written in Python."""

import copy
import gc
import json
import pickle
import sys
import threading
import weakref

import numpy as np
import pytest

import swiftnn
from swiftnn import layers


class Product(layers.CustomLayer):
    """What Dense is."""

    fault = None

    def __init__(self, units, penalty=None, **options):
        super().__init__(**options)
        self.units = units
        self.penalty = penalty

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), name="kernel", regularizer=self.penalty
        )
        self.bias = self.add_weight(shape=self.units, initializer="zeros", name="bias")

    def call(self, inputs, training=False):
        assert not inputs.flags.writeable
        assert inputs.dtype == np.float32
        if self.fault == "call" or (self.fault == "predict" and not training):
            raise OSError("of mine")
        return inputs @ self.kernel + self.bias

    def backward(self, gradient, inputs):
        if self.fault == "backward":
            raise OSError("of mine")
        factor = 2 if self.fault == "kernel" else 1
        np.matmul(inputs.T, gradient * np.float32(factor), out=self.kernel.gradient)
        self.bias.gradient[:] = gradient.sum(axis=0)
        return gradient @ (-self.kernel.T if self.fault == "input" else self.kernel.T)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "penalty": self.penalty}


@swiftnn.register_layer(name="mine>Twist")
class Twist(layers.CustomLayer):
    """Two inputs of one shape: a * sin(b), with noise in training."""

    def __init__(self, noise=0.0, **options):
        super().__init__(**options)
        self.noise = noise
        self.scale = self.add_weight(shape=(1,), initializer="ones")
        self.shift = self.add_weight(shape=(1,), initializer="zeros", trainable=False)

    def _noise(self, shape, training):
        return 1 + training * self.noise * self.random.standard_normal(shape, np.float32)

    def call(self, inputs, training):
        a, b = inputs
        assert training in (False, True)
        return a * self._noise(a.shape, training) * np.sin(b) * self.scale + self.shift

    def backward(self, gradient, inputs, outputs, training):
        a, b = inputs
        assert outputs.shape == a.shape
        assert training
        noisy = gradient * self._noise(a.shape, training)
        self.scale.gradient[0] = (noisy * a * np.sin(b)).sum()
        return [noisy * np.sin(b) * self.scale, noisy * a * np.cos(b) * self.scale]

    def get_config(self):
        return {**super().get_config(), "noise": self.noise}


def batch(rows=40):
    generator = np.random.default_rng(1)
    return generator.normal(size=(rows, 6)), generator.normal(size=(rows, 2))


def sequential(layer, **options):
    model = swiftnn.Sequential(
        [
            swiftnn.Input(shape=(6,)),
            layers.Dense(5, activation="tanh"),
            layer,
            layers.Dense(2),
        ],
        seed=3,
    )
    model.compile(swiftnn.optimizers.Adam(0.01), loss="mse", **options)
    return model


def twisted(noise=0.1):
    a, b = swiftnn.Input(shape=(6,), name="a"), swiftnn.Input(shape=(6,), name="b")
    hidden = Twist(noise, name="twist")([a, layers.Dense(6)(b)])
    model = swiftnn.Model([a, b], layers.Dense(2)(hidden), seed=3)
    model.compile(swiftnn.optimizers.Adam(0.01), loss="mse")
    return model


@pytest.mark.parametrize("penalty", [None, "l2"])
def test_it_trains_as_dense_does(penalty):
    x, y = batch()
    trained = []
    for layer in (Product(4, penalty, name="own"), layers.Dense(4, kernel_regularizer=penalty)):
        model = sequential(layer)
        losses = model.fit(x, y, epochs=5, batch_size=16, validation_split=0.2).history
        trained.append([*model.get_weights(), losses["loss"], losses["val_loss"]])
        trained[-1].append(model.predict(x))
    for own, dense in zip(*trained, strict=True):
        np.testing.assert_allclose(own, dense, atol=2e-5)


def test_shapes_and_weights():
    layer = Product(4)
    assert layer.compute_output_shape((None, 6)) == (None, 4)
    model = sequential(layer)
    assert [weight.shape for weight in layer.get_weights()] == [(5, 4), (4,)]
    assert layer.name == "product"
    assert model.get_layer("product") is layer
    assert layer.kernel.value.shape == layer.kernel.shape == (5, 4)
    assert np.array_equal(layer.kernel, layer.get_weights()[0])
    assert np.array_equal(layer.kernel.T, layer.get_weights()[0].T)
    assert np.array_equal(layer.bias + 1, np.ones(4))
    assert "Product" in model.to_json()
    with pytest.raises(swiftnn.StateError, match="inside of backward"):
        _ = layer.kernel.gradient
    with pytest.raises(swiftnn.StateError, match="random"):
        _ = layer.random


@pytest.mark.parametrize(
    ("fault", "names"), [("kernel", "weight 'kernel'"), ("input", "of input 0")]
)
def test_a_wrong_gradient_is_refused_by_name(fault, names):
    layer = Product(4, name="own")
    model, (x, y) = sequential(layer), batch()
    layer.fault = fault
    before = model.get_weights()
    with pytest.raises(swiftnn.ArgumentError, match=f"Product 'own': its derivative .*{names}"):
        model.fit(x, y)
    assert all(map(np.array_equal, before, model.get_weights()))
    # Who asks is told how wrong it is.
    found = model.check_gradients(x, y)
    assert found["own/kernel" if fault == "kernel" else "dense/kernel"]["error"] > 0.3
    layer.fault = None
    model.fit(x, y)


def test_gradient_check():
    x, _ = batch()
    found = swiftnn.gradient_check(Product(3, penalty="l2"), x)
    assert set(found) == {"input 'input_layer'", "product/kernel", "product/bias"}
    assert all(row["error"] < 5e-3 for row in found.values()), found
    found = swiftnn.gradient_check(Twist(0.2), [x, x + 1])
    assert len(found) == 3
    assert all(row["error"] < 5e-3 for row in found.values()), found


@pytest.mark.parametrize("fault", ["call", "backward", "predict"])
def test_an_exception_comes_through_and_changes_nothing(fault):
    layer = Product(4)
    model, (x, y) = sequential(layer), batch()
    model.fit(x, y, epochs=2)
    before = model.get_weights()
    layer.fault = fault
    if fault != "predict":
        with pytest.raises(OSError, match="of mine"):
            model.fit(x, y)
        with pytest.raises(OSError, match="of mine"):
            model.train_on_batch(x, y)
    if fault != "backward":
        with pytest.raises(OSError, match="of mine"):
            model.predict(x)
        with pytest.raises(OSError, match="of mine"):
            model.evaluate(x, y)
    assert all(map(np.array_equal, before, model.get_weights()))
    layer.fault = None
    model.predict(x)


@pytest.mark.parametrize("through", ["file", "pickle", "copy"])
def test_saved_loaded_and_resumed(tmp_path, through):
    x, y = batch()
    data = [x, x + 1]
    whole, model = twisted(), twisted()
    whole.fit(data, y, epochs=4, batch_size=16)
    model.fit(data, y, epochs=2, batch_size=16)
    if through == "file":
        model.save(tmp_path / "m.h5")
        loaded = swiftnn.load_model(tmp_path / "m.h5")
    elif through == "pickle":
        loaded = pickle.loads(pickle.dumps(model))
    else:
        loaded = copy.deepcopy(model)
    del model
    gc.collect()
    twist = loaded.get_layer("twist")
    assert isinstance(twist, Twist)
    assert twist.noise == 0.1
    loaded.fit(data, y, epochs=4, initial_epoch=2, batch_size=16)
    for resumed, never_stopped in zip(loaded.get_weights(), whole.get_weights(), strict=True):
        assert np.array_equal(resumed, never_stopped)
    assert np.array_equal(loaded.predict(data), whole.predict(data))


def test_a_class_that_is_not_registered(tmp_path):
    class Unknown(Product):
        pass

    model = sequential(Unknown(3))
    model.save(tmp_path / "m.h5")
    text = model.to_json()
    swiftnn._lib.library().snn_layer_register(b"Unknown", None, None)
    with pytest.raises(swiftnn.ConfigurationError, match="snn_layer_register"):
        swiftnn.load_model(tmp_path / "m.h5")
    with pytest.raises(swiftnn.ConfigurationError, match='"Unknown"'):
        swiftnn.model_from_json(text)
    loaded = swiftnn.load_model(tmp_path / "m.h5", custom_objects={"Unknown": Unknown})
    assert isinstance(loaded.layers[1], Unknown)
    assert isinstance(swiftnn.model_from_json(text).layers[1], Unknown)


def test_backup_and_restore(tmp_path):
    x, y = batch()
    data = [x, x + 1]

    class Failing(swiftnn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    whole = twisted()
    whole.fit(data, y, epochs=4)
    model = twisted()
    backup = swiftnn.callbacks.BackupAndRestore(str(tmp_path / "backup"))
    with pytest.raises(KeyboardInterrupt):
        model.fit(data, y, epochs=4, callbacks=[backup, Failing()])
    again = twisted()
    again.fit(data, y, epochs=4, callbacks=[backup])
    assert all(map(np.array_equal, again.get_weights(), whole.get_weights()))
    made = layers._registry._made.values()
    assert not any(each.unclaimed for each in made)


def test_a_frozen_layer_and_several_threads():
    layer = Product(4)
    model, (x, y) = sequential(layer), batch(400)
    layer.trainable = False
    before = layer.get_weights()
    model.fit(x, y)
    assert all(map(np.array_equal, before, layer.get_weights()))
    # numpy's products round differently in batches of another size.
    expected = model.predict(x, batch_size=7)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(model.predict(x, batch_size=7)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(np.array_equal(result, expected) for result in results)


def test_a_shared_layer():
    x, y = batch()
    shared = Product(4, name="shared")
    a, b = swiftnn.Input(shape=(6,)), swiftnn.Input(shape=(6,))
    model = swiftnn.Model([a, b], layers.Dense(2)(layers.Add()([shared(a), shared(b)])))
    model.compile("sgd", loss="mse")
    found = swiftnn.gradient_check(model, [x, x + 1], y)
    assert all(row["error"] < 5e-3 for row in found.values()), found
    model.fit([x, x + 1], y)


def test_memory_is_freed_with_the_model():
    gc.collect()
    gc.disable()
    try:
        layer = Product(4)
        model, (x, y) = sequential(layer), batch()
        model.fit(x, y)
        gone = weakref.ref(model), weakref.ref(layer)
        del model, layer
        assert [each() for each in gone] == [None, None]
        loaded = pickle.loads(pickle.dumps(twisted()))
        gone = weakref.ref(loaded), weakref.ref(loaded.get_layer("twist"))
        del loaded
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


def test_mistakes():
    class Wrong(layers.CustomLayer):
        def call(self, inputs):
            return inputs[:1]

    class NoBackward(layers.CustomLayer):
        def call(self, inputs):
            return inputs * 2

    class WrongGradient(NoBackward):
        def backward(self, gradient, inputs):
            return gradient[:, :1]

    class Scalar(NoBackward):
        def build(self, input_shape):
            self.add_weight()

    class Dense(NoBackward):
        pass

    x, y = batch()
    with pytest.raises(swiftnn.ArgumentError, match=r"shape \(1, 5\) for 3 rows"):
        sequential(Wrong())
    with pytest.raises(swiftnn.ArgumentError, match="no call"):
        sequential(layers.CustomLayer())
    model = sequential(NoBackward())
    model.predict(x)
    with pytest.raises(swiftnn.ArgumentError, match=r"no backward\(\)"):
        model.fit(x, y)
    with pytest.raises(swiftnn.ArgumentError, match=r"backward\(\) returned .* expected \(16, 5\)"):
        sequential(WrongGradient()).fit(x, y)
    with pytest.raises(swiftnn.ConfigurationError, match="'shape'"):
        sequential(Scalar())
    with pytest.raises(swiftnn.ArgumentError, match="'Dense'"):
        sequential(Dense())
    assert type(layers.deserialize({"class_name": "Dense", "config": {"units": 1}})) is layers.Dense
    with pytest.raises(swiftnn.ArgumentError, match="CustomLayer"):
        swiftnn.register_layer(layers.Dense)
    with pytest.raises(swiftnn.ArgumentError, match="float32"):
        Product(3).add_weight(shape=(1,), dtype="float64")


def test_options_are_in_the_file():
    model = sequential(Product(4, penalty="l2", activity_regularizer="l1", name="own"))
    config = json.loads(model.to_json())["config"]["layers"][2]
    assert config["class_name"] == "Product"
    assert config["config"]["units"] == 4
    assert config["config"]["penalty"] == "l2"
    assert config["config"]["activity_regularizer"]["class_name"] == "L1"


@pytest.mark.parametrize("fails", [False, True])
def test_arrays_of_a_pass_may_be_kept(fails):
    """Large ones too, and where the pass fails: nothing reads memory that was freed."""
    kept = []

    class Keeping(layers.CustomLayer):
        def call(self, x):
            kept.append(x)
            if fails and len(x) > 3:
                raise ValueError("no")
            return x

        def compute_output_shape(self, shape):
            return shape

    model = swiftnn.Sequential([swiftnn.Input((3000,)), Keeping()])
    data = np.full((40, 3000), 7, np.float32)
    if fails:
        with pytest.raises(ValueError, match="no"):
            model.predict_on_batch(data)
    else:
        model.predict_on_batch(data)
    model.predict_on_batch(np.zeros((3, 3000), np.float32))
    del model
    gc.collect()
    assert any(array.size > 1 << 14 and (array == 7).all() for array in kept)


def test_a_hook_that_is_chained_to_ours_does_not_go_round():
    heard = []

    class Chaining(layers.CustomLayer):
        def call(self, x):
            before = sys.unraisablehook
            sys.unraisablehook = lambda dropped: (heard.append(dropped.exc_value), before(dropped))
            return x

        def compute_output_shape(self, shape):
            return shape

    class Raising:
        def __del__(self):
            raise ValueError("dropped")

    ours = sys.unraisablehook
    model = swiftnn.Sequential([swiftnn.Input((3,)), Chaining()])
    try:
        sys.unraisablehook = lambda dropped: heard.append(dropped.exc_value)
        for _ in range(3):
            model.predict_on_batch(np.ones((2, 3), np.float32))
        heard.clear()
        Raising()
        assert 1 <= len(heard) < 20
    finally:
        sys.unraisablehook = ours
