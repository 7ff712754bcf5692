"""Options and names of layers of one's own, in files and copies."""

import copy
import gc
import json
import pickle

import numpy as np
import pytest

import swiftnn
from swiftnn import layers

X = np.ones((1, 2), "float32")


def outputs(model):
    return list(model.predict(X, verbose=0)[0])


class Times(layers.CustomLayer):
    """Has no get_config."""

    def __init__(self, factor=1.0, *, more=(0,), **options):
        super().__init__(**options)
        self.factor = factor + sum(more)

    def call(self, inputs):
        return inputs * np.float32(self.factor)

    def backward(self, gradient, inputs):
        return gradient * np.float32(self.factor)


def scale(number):
    """A class of one name."""

    class Scale(layers.CustomLayer):
        def call(self, inputs):
            return inputs * np.float32(number)

    return Scale


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.h5"


def ways(model, path, **options):
    """The same model again."""
    model.save(path)
    yield swiftnn.load_model(path, **options)
    yield copy.deepcopy(model)
    if all("<locals>" not in type(layer).__qualname__ for layer in model.layers):
        yield pickle.loads(pickle.dumps(model))
    yield swiftnn.model_from_json(model.to_json(), **options)


def test_arguments_are_saved_without_get_config(path):
    layer = Times(2.0, more=[1], name="times", activity_regularizer="l2")
    model = swiftnn.Sequential([swiftnn.Input((2,)), layer])
    assert outputs(model) == [3, 3]
    for again in ways(model, path):
        assert outputs(again) == [3, 3]
        assert again.layers[0].activity_regularizer["class_name"] == "L2"
        assert again.layers[0].get_config()["more"] == [1]
    assert layer.get_config()["factor"] == 2.0
    assert type(layer).from_config(layer.get_config()).factor == 3
    copied = copy.deepcopy(Times(5.0))
    assert copied.factor == 5


def test_an_activity_regularizer_counts_when_loaded(path):
    model = swiftnn.Sequential([swiftnn.Input((2,)), Times(2.0, activity_regularizer="l2")])
    model.compile("sgd", loss="mse")
    expected = model.evaluate(X, X, verbose=0)
    assert expected > 1.01
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again.evaluate(X, X, verbose=0) == expected


def test_arguments_that_cannot_be_saved_are_refused():
    with pytest.raises(swiftnn.ArgumentError, match=r"'factor'.*get_config"):
        swiftnn.Sequential([swiftnn.Input((2,)), Times(Unsaved())])
    with pytest.raises(swiftnn.ArgumentError, match=r"'factor'.*2\^63"):
        swiftnn.Sequential([swiftnn.Input((2,)), Times(2**63)])

    class Counted(layers.CustomLayer):
        def __init__(self, *numbers):
            super().__init__()
            self.numbers = numbers

        def call(self, inputs):
            return inputs * sum(self.numbers)

    with pytest.raises((TypeError, swiftnn.ArgumentError), match="get_config"):
        swiftnn.Sequential([swiftnn.Input((2,)), Counted(1, 2)])


def test_an_init_that_takes_no_options_of_layers(path):
    class Plain(layers.CustomLayer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, inputs):
            return inputs * np.float32(self.factor)

    swiftnn.register_layer(Plain)
    model = swiftnn.Sequential([swiftnn.Input((2,)), Plain(3)])
    model.layers[0].trainable = False
    for again in ways(model, path):
        assert outputs(again) == [3, 3]
        assert again.layers[0].name == "plain"
        assert again.layers[0].trainable is False


class Unsaved:
    def __radd__(self, other):
        return 1

    __add__ = __radd__


def test_two_classes_of_one_name(path):
    first, second = scale(2), scale(10)
    entry = swiftnn.Input((2,))
    end = second()(first()(entry))
    with pytest.raises(swiftnn.ArgumentError, match=r"two classes .* 'Scale'"):
        swiftnn.Sequential([swiftnn.Input((2,)), first(name="a"), second(name="b")])
    with pytest.raises(swiftnn.ArgumentError, match=r"two classes .* 'Scale'"):
        swiftnn.Model(entry, end)
    swiftnn.register_layer(second, name="Scale10")
    model = swiftnn.Sequential([swiftnn.Input((2,)), first(name="a"), second(name="b")])
    for again in ways(model, path, custom_objects={"Scale": first}):
        assert outputs(again) == [20, 20]


def test_custom_objects_hold_for_one_load(path):
    first, second = scale(2), scale(10)
    swiftnn.register_layer(first)
    model = swiftnn.Sequential([swiftnn.Input((2,)), first()])
    model.save(path)
    assert outputs(swiftnn.load_model(path)) == [2, 2]
    assert outputs(swiftnn.load_model(path, custom_objects={"Scale": second})) == [10, 10]
    assert outputs(swiftnn.load_model(path)) == [2, 2]
    # Nor do a class that was only used, and a copy of an old model, change what is registered.
    other = swiftnn.Sequential([swiftnn.Input((2,)), second()])
    assert outputs(copy.deepcopy(other)) == [10, 10]
    assert outputs(swiftnn.load_model(path)) == [2, 2]


def test_a_class_that_nobody_has_any_more(path):
    model = swiftnn.Sequential([swiftnn.Input((2,)), type("Gone", (scale(2),), {})()])
    model.save(path)
    del model
    gc.collect()
    with pytest.raises(swiftnn.ConfigurationError, match=r"Gone.*register"):
        swiftnn.load_model(path)
    given = {"Gone": scale(3)}
    assert outputs(swiftnn.load_model(path, custom_objects=given)) == [3, 3]
    with pytest.raises(swiftnn.ConfigurationError, match=r"Gone.*register"):
        swiftnn.load_model(path)
    with pytest.raises(swiftnn.ConfigurationError, match=r"NeverSeen"):
        swiftnn.model_from_json(
            swiftnn.Sequential([swiftnn.Input((2,)), Times()]).to_json().replace(
                '"Times"', '"NeverSeen"'
            )
        )


def test_one_class_of_two_names(path):
    kind = scale(5)
    swiftnn.register_layer(kind, name="one")
    model = swiftnn.Sequential([swiftnn.Input((2,)), kind(name="a")])
    swiftnn.register_layer(kind, name="two")
    assert model.layers[0].class_name == "one"
    assert kind().class_name == "two"
    for again in ways(model, path):
        assert type(again.layers[0]) is kind
        assert again.layers[0].class_name == "one"
        assert outputs(again) == [5, 5]


def test_what_keras_writes_besides_does_not_matter():
    """As Keras 3.15's model.save() has it."""
    model = swiftnn.Sequential([swiftnn.Input((2,)), Times(4.0)])
    text = json.loads(model.to_json())
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
    text["config"]["layers"][-1]["config"] |= {"autocast": True, "dtype": policy}
    assert outputs(swiftnn.model_from_json(json.dumps(text))) == [4, 4]
    # Another key that the class does not have is no such thing.
    text["config"]["layers"][-1]["config"]["faktor"] = 3
    with pytest.raises(TypeError, match="faktor"):
        swiftnn.model_from_json(json.dumps(text))
