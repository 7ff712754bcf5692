"""Models: graphs, shapes, weights, text."""

import gc
import json
import weakref

import numpy as np
import pytest
from conftest import digit_reader, two_in_two_out, two_layers, weight_bytes

import swiftnn
from swiftnn import _lib, layers


def test_shapes_and_names_of_a_graph():
    model = two_in_two_out()
    assert model.name == "pair"
    assert model.input_shape == [(None, 3), (None, 3)]
    assert model.output_shape == [(None, 1), (None, 2)]
    assert [tensor.name for tensor in model.inputs] == ["left", "right"]
    assert [tensor.name for tensor in model.outputs] == ["total", "kind"]


def test_inputs_come_in_the_order_in_which_they_were_given(tmp_path):
    first = swiftnn.Input(shape=(2,), name="first")
    second = swiftnn.Input(shape=(2,), name="second")
    both = layers.Concatenate()([first, second])
    model = swiftnn.Model([second, first], both)
    model.save(tmp_path / "model.h5")
    for each in (model, swiftnn.load_model(tmp_path / "model.h5")):
        assert [tensor.name for tensor in each.inputs] == ["second", "first"]
        assert each.predict([np.ones((1, 2)), np.zeros((1, 2))]).tolist() == [[0, 0, 1, 1]]


def test_layers_come_in_keras_order():
    """The expected order is what Keras 3.15 gives for the same lines."""
    a, b = swiftnn.Input(shape=(2,), name="a"), swiftnn.Input(shape=(2,), name="b")
    unused = swiftnn.Input(shape=(2,), name="unused")
    shared = layers.Dense(2, name="shared")
    late = layers.Dense(2, name="late")(shared(b))
    early = layers.Dense(2, name="early_2")(layers.Dense(2, name="early_1")(a))
    total = layers.Add(name="sum")([late, shared(early)])
    outputs = [layers.Dense(1, name="side")(early), layers.Dense(1, name="end")(total)]
    model = swiftnn.Model([b, unused, a], outputs)
    names = [layer.name for layer in model.layers]
    assert names == (
        ["a", "early_1", "b", "early_2", "shared", "late", "sum", "unused", "side", "end"]
    )
    in_file = json.loads(model.to_json())["config"]["layers"]
    assert [layer["config"]["name"] for layer in in_file] == names


def test_automatic_names_count_in_each_model():
    def names():
        x = swiftnn.Input(shape=(2,))
        y = layers.Dense(2, name="dense_1")(layers.Dense(2)(x))
        model = swiftnn.Model(x, layers.LeakyReLU()(layers.Dense(2)(y)))
        return [layer.name for layer in model.layers]

    assert names() == ["input_layer", "dense", "dense_1", "dense_2", "leaky_re_lu"]
    assert names() == names()


def test_a_shared_layer_has_one_set_of_weights():
    model = two_in_two_out()
    assert [variable.name for variable in model.variables] == [
        "shared/kernel",
        "shared/bias",
        "total/kernel",
        "total/bias",
        "kind/kernel",
        "kind/bias",
    ]
    x, zero = np.ones((1, 3), np.float32), np.zeros((1, 3), np.float32)
    model.get_layer("total").set_weights([np.ones((8, 1)), np.zeros(1)])
    here, there = model.predict([x, zero])[0], model.predict([zero, x])[0]
    assert here == pytest.approx(there)


def test_predictions_are_what_numpy_computes(rng):
    model = two_layers()
    kernel, bias, last, last_bias = model.get_weights()
    x = rng.normal(size=(9, 2)).astype(np.float32)
    expected = 1 / (1 + np.exp(-(np.tanh(x @ kernel + bias) @ last + last_bias)))
    assert model.predict(x) == pytest.approx(expected, abs=1e-6)


def test_weights_are_in_keras_order_and_can_be_replaced(rng):
    model = digit_reader()
    shapes = [weight.shape for weight in model.get_weights()]
    assert shapes == [(64, 32), (32,), (32, 32), (32,), (32,), (32,), (32,), (32, 10), (10,)]
    given = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    model.set_weights(given)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), given))
    normalization = model.layers[4]
    assert [variable.name.split("/")[1] for variable in normalization.variables] == [
        "gamma",
        "beta",
        "moving_mean",
        "moving_variance",
    ]
    assert np.array_equal(normalization.get_weights()[2], given[5])


def test_weights_of_a_wrong_shape_change_nothing():
    model = two_layers()
    before = weight_bytes(model)
    weights = model.get_weights()
    with pytest.raises(swiftnn.ShapeError, match=r"dense_1/bias: expected shape \(1,\)"):
        model.set_weights([weights[0] + 1, *weights[1:3], np.zeros(2)])
    with pytest.raises(swiftnn.ShapeError, match="expected 4 weight arrays, received 1"):
        model.set_weights(weights[:1])
    assert weight_bytes(model) == before


def test_counting_parameters():
    model = two_layers()
    assert model.count_params() == 2 * 8 + 8 + 8 + 1
    assert model.layers[0].count_params() == 24


def test_summary_names_layers_and_counts(capsys):
    model = two_layers()
    model.summary()
    printed = capsys.readouterr().out
    lines = []
    model.summary(print_fn=lines.append)
    assert "".join(lines).strip() == printed.strip()
    for word in ("dense", "dense_1", "24", "33"):
        assert word in printed


def test_html_names_the_layers_and_escapes():
    model = swiftnn.Sequential([swiftnn.Input(2), layers.Dense(1, name="a.b")])
    assert "<td>a.b</td>" in model._repr_html_()
    assert "not built" in swiftnn.Sequential()._repr_html_()


def test_json_makes_the_same_architecture():
    model = two_in_two_out()
    again = swiftnn.model_from_json(model.to_json(), seed=3)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
    assert again.get_layer("kind").units == 2
    assert again.input_shape == model.input_shape
    assert isinstance(again, swiftnn.Model)
    assert isinstance(swiftnn.model_from_json(two_layers().to_json()), swiftnn.Sequential)


def test_getting_layers():
    model = two_layers()
    assert model.get_layer("dense_1") is model.layers[1]
    assert model.get_layer(index=0) is model.layers[0]
    for wrong in ({"name": "no"}, {"index": 5}, {}):
        with pytest.raises(swiftnn.ArgumentError):
            model.get_layer(**wrong)


# ---------------------------------------------------------------------------- sequential


def test_a_sequential_model_without_input_takes_the_shape_of_the_data(points):
    x, y = points
    model = swiftnn.Sequential([layers.Dense(3), layers.Dense(1)], seed=2)
    with pytest.raises(swiftnn.StateError, match="input's shape"):
        model.get_weights()
    model.compile("sgd", "mean_squared_error")
    model.fit(x, y, verbose=0)
    assert model.input_shape == (None, 2)
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]


def test_layers_are_added_one_by_one():
    model = swiftnn.Sequential(name="row")
    model.add(swiftnn.Input(shape=(2,)))
    model.add(layers.Dense(3))
    assert model.output_shape == (None, 3)
    assert model.name == "row"
    with pytest.raises(swiftnn.Error):
        model.add(layers.Dense(0))
    assert len(model.layers) == 1
    before = weight_bytes(model)
    model.add(layers.Dense(1))
    assert model.output_shape == (None, 1)
    assert weight_bytes(model).startswith(before)
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]


def test_build_gives_the_shape():
    model = swiftnn.Sequential([layers.Dense(3)])
    model.build((None, 4))
    assert model.count_params() == 15


def test_the_two_ways_to_build_give_the_same_weights():
    early = swiftnn.Sequential([swiftnn.Input(4), layers.Dense(3), layers.Dense(2)], seed=9)
    late = swiftnn.Sequential([layers.Dense(3), layers.Dense(2)], seed=9)
    late.build((None, 4))
    assert weight_bytes(early) == weight_bytes(late)


# ---------------------------------------------------------------------------- seeds


def test_a_seed_repeats_weights_and_further_models_differ():
    def weights():
        model = swiftnn.Sequential([swiftnn.Input(4), layers.Dense(3)])
        return model.seed, weight_bytes(model)

    swiftnn.set_random_seed(11)
    first, second = weights(), weights()
    swiftnn.set_random_seed(11)
    assert first == weights()
    assert second == weights()
    assert first[0] == 11
    assert first[1] != second[1]


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1"])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        swiftnn.set_random_seed(seed)


# ---------------------------------------------------------------------------- mistakes


def test_a_graph_that_hangs_in_the_air_is_refused():
    x = swiftnn.Input(shape=(2,), name="here")
    y = swiftnn.Input(shape=(2,), name="elsewhere")
    with pytest.raises(swiftnn.ArgumentError, match="elsewhere"):
        swiftnn.Model(x, layers.Add()([x, y]))
    with pytest.raises(swiftnn.ArgumentError):
        swiftnn.Model([], [])
    with pytest.raises(swiftnn.ArgumentError):
        swiftnn.Model(x, [np.zeros(3)])


def test_two_layers_of_one_name_are_refused_and_stay_free():
    x = swiftnn.Input(shape=(2,))
    first, second = layers.Dense(2, name="same"), layers.Dense(2, name="same")
    y = second(first(x))
    with pytest.raises(swiftnn.Error, match="same"):
        swiftnn.Model(x, y)
    assert first._model is None


def test_models_do_not_share_layers():
    x = swiftnn.Input(shape=(2,))
    hidden = layers.Dense(2)(x)
    swiftnn.Model(x, layers.Dense(1)(hidden))
    with pytest.raises(swiftnn.UnsupportedError, match="part of another model"):
        swiftnn.Model(x, hidden)


def test_a_model_is_freed_without_the_collector():
    gc.collect()
    gc.disable()
    try:
        model = two_layers()
        model.fit(np.zeros((4, 2)), np.zeros(4), verbose=0)
        model.predict(np.zeros((4, 2)))
        gone = weakref.ref(model)
        del model
        assert gone() is None
        before = _lib.call("snn_memory_get_usage")[0]
        for build in (two_layers, two_in_two_out, digit_reader):
            build().count_params()
            assert _lib.call("snn_memory_get_usage")[0] == before
    finally:
        gc.enable()


def test_a_deep_chain_needs_no_deep_stack():
    x = inputs = swiftnn.Input(shape=(2,))
    for _ in range(1500):
        x = layers.ReLU()(x)
    assert len(swiftnn.Model(inputs, x).layers) == 1501
