"""When layers of one's own are built, and what their weights are then."""

import copy

import numpy as np
import pytest

import swiftnn
from swiftnn import layers


class Affine(layers.CustomLayer):
    """As many weights as features; what is beyond the input's is not used."""

    def build(self, input_shape):
        self.w = self.add_weight(input_shape[-1:], "ones", name="w")
        self.v = self.add_weight(input_shape[-1:], "zeros", name="v")

    def call(self, inputs):
        n = inputs.shape[-1]
        return inputs * self.w[:n] + self.v[:n]

    def backward(self, gradient, inputs):
        n = inputs.shape[-1]
        self.w.gradient[:n] = (gradient * inputs).sum(0)
        self.w.gradient[n:] = 3
        self.v.gradient[:n] = gradient.sum(0)
        return gradient * self.w[:n]


class Deep(layers.CustomLayer):
    """What it appends to in build() is made before."""

    def __init__(self, depth, **options):
        super().__init__(**options)
        self.depth = depth
        self.kernels = []
        self.builds = 0

    def build(self, input_shape):
        self.builds += 1
        for index in range(self.depth):
            self.kernels.append(
                self.add_weight((input_shape[-1], input_shape[-1]), name=f"kernel_{index}")
            )

    def call(self, inputs):
        for kernel in self.kernels:
            inputs = np.tanh(inputs @ kernel)
        return inputs


@pytest.mark.parametrize("question", ["shape", "call"])
def test_a_question_about_another_shape_leaves_the_model_alone(question):
    layer, x = Affine(), np.ones((32, 4), "float32")
    entry = swiftnn.Input((4,))
    model = swiftnn.Model(entry, layer(entry))
    model.compile("sgd", loss="mse")
    if question == "shape":
        # Keras does not build it again either.
        with pytest.raises(ValueError, match="broadcast"):
            layer.compute_output_shape((None, 64))
        assert layer.compute_output_shape((None, 4)) == (None, 4)
    else:
        with pytest.raises(ValueError, match="broadcast"):
            layer(swiftnn.Input((64,)))
    assert layer.w.shape == (4,)
    model.fit(x, x + 1, epochs=3, verbose=0)
    assert np.all(np.abs(model.get_weights()[1]) < 2)
    with pytest.raises(swiftnn.Error):
        swiftnn.Sequential([swiftnn.Input((60000,)), layer])
    assert model.predict(x, verbose=0).shape == (32, 4)


def test_a_layer_without_a_model_may_be_asked_about_any_shape():
    layer = Affine()
    assert layer.compute_output_shape((None, 64)) == (None, 64)
    assert layer(swiftnn.Input((7,))).shape == (None, 7)
    model = swiftnn.Sequential([swiftnn.Input((4,)), layer])
    assert [weight.shape for weight in model.get_weights()] == [(4,), (4,)]


def test_build_is_called_once(tmp_path):
    layer = Deep(2)
    entry = swiftnn.Input((4,))
    model = swiftnn.Model(entry, layers.Dense(1)(layer(entry)))
    assert layer.builds == 1
    assert len(layer.kernels) == 2
    x = np.random.default_rng(0).normal(size=(5, 4))
    model.save(tmp_path / "m.h5")
    for again in (swiftnn.load_model(tmp_path / "m.h5"), copy.deepcopy(model)):
        assert len(again.layers[1].kernels) == 2
        assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    other = Deep(2)
    assert other.compute_output_shape((None, 9)) == (None, 9)
    swiftnn.Sequential([swiftnn.Input((4,)), other])
    assert [kernel.shape for kernel in other.kernels] == [(4, 4)] * 2


def test_a_build_that_fails_leaves_nothing():
    layer = Deep(2)
    layer.depth = 1.5
    with pytest.raises(TypeError):
        swiftnn.Sequential([swiftnn.Input((4,)), layer])
    assert layer.builds == 0
    layer.depth = 1
    swiftnn.Sequential([swiftnn.Input((4,)), layer])
    assert len(layer.kernels) == 1


def test_one_layer_on_inputs_of_two_shapes():
    class Gain(layers.CustomLayer):
        def build(self, input_shape):
            self.gain = self.add_weight((1,), "ones", name="gain")

        def call(self, inputs):
            return inputs * self.gain

    shared = Gain()
    a, b = swiftnn.Input((3,)), swiftnn.Input((5,))
    model = swiftnn.Model([a, b], layers.Concatenate()([shared(a), shared(b)]))
    assert len(model.variables) == 1
    assert np.all(model.predict([np.ones((2, 3)), np.ones((2, 5))], verbose=0) == 1)
    # Its weights are those of the first.
    shared = Affine()
    a, b = swiftnn.Input((3,)), swiftnn.Input((5,))
    ends = layers.Concatenate()([shared(a), shared(b)])
    with pytest.raises(ValueError, match="broadcast"):
        swiftnn.Model([a, b], ends)


@pytest.mark.parametrize("inner", [Deep, Affine])
def test_a_model_may_be_loaded_in_build(inner, tmp_path):
    x = np.ones((3, 6), "float32")
    made = inner(2, name="p") if inner is Deep else inner(name="p")
    teacher = swiftnn.Sequential([swiftnn.Input((6,)), made])
    teacher.save(tmp_path / "teacher.h5")

    class Distilled(layers.CustomLayer):
        def build(self, input_shape):
            self.teacher = swiftnn.load_model(tmp_path / "teacher.h5")

        def call(self, inputs):
            return inputs + self.teacher.predict(inputs, verbose=0)

    model = swiftnn.Sequential([swiftnn.Input((6,)), Distilled(name="p")])
    assert type(model.layers[0].teacher.layers[0]) is inner
    expected = x + teacher.predict(x, verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-6)


def test_weights_come_in_the_order_of_keras():
    class Mix(layers.CustomLayer):
        def build(self, input_shape):
            self.fixed = self.add_weight(input_shape[-1:], "zeros", trainable=False, name="fixed")
            self.gain = self.add_weight(input_shape[-1:], "ones", name="gain")

        def call(self, inputs):
            return inputs * self.gain + self.fixed

    layer = Mix()
    swiftnn.Sequential([swiftnn.Input((2,)), layer])
    assert [variable.name for variable in layer.variables] == ["mix/gain", "mix/fixed"]
    assert list(layer.gain.value) == [1, 1]
    layer.set_weights([[3, 4], [5, 6]])
    assert list(layer.gain.value) == [3, 4]
    assert list(layer.fixed.value) == [5, 6]


def test_layers_that_are_equal_are_two():
    class Equal(layers.CustomLayer):
        def __eq__(self, other):
            return isinstance(other, Equal)

        def __hash__(self):
            return 1

        def build(self, input_shape):
            self.bias = self.add_weight(input_shape[-1:], "random_normal", name="bias")

        def call(self, inputs):
            return inputs + self.bias

    x = np.ones((1, 2), "float32")
    for model in (
        swiftnn.Sequential([swiftnn.Input((2,)), Equal(), Equal()]),
        swiftnn.Model(entry := swiftnn.Input((2,)), Equal()(Equal()(entry))),
    ):
        expected = x + sum(model.get_weights())
        np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-6)


def test_what_a_layer_cannot_do_is_said():
    class Late(layers.CustomLayer):
        def call(self, inputs):
            return inputs * self.add_weight(inputs.shape[-1:])

    class Outer(layers.CustomLayer):
        def build(self, input_shape):
            self.inner = Affine()
            self.inner.build(input_shape)

        def call(self, inputs):
            return self.inner.call(inputs)

    with pytest.raises(swiftnn.StateError, match="build"):
        swiftnn.Sequential([swiftnn.Input((2,)), Late()])
    with pytest.raises(swiftnn.StateError, match="layers cannot have layers"):
        swiftnn.Sequential([swiftnn.Input((2,)), Outer()])


def test_a_shape_of_ones_own_may_ask_the_librarys():
    class Own(Affine):
        def compute_output_shape(self, input_shape):
            return super().compute_output_shape(input_shape)

    assert swiftnn.Sequential([swiftnn.Input((4,)), Own()]).output_shape == (None, 4)
