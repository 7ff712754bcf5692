"""Predictions into arrays of the caller: `out`, and what `predictor` prepares."""

import copy
import gc
import pickle
import sys
import threading
import weakref

import numpy as np
import pytest
from conftest import digit_reader, two_in_two_out, two_layers

import swiftnn
from swiftnn import _lib, layers


def batch(rng, rows=3, columns=2):
    return rng.normal(size=(rows, columns)).astype(np.float32)


def into(model, x, out):
    return model.predict_on_batch(x, out=out)


def bound(model, x, out):
    return model.predictor(x, out=out)()


def repeated(model, x, out):
    """The same two arrays again: a call that was kept."""
    model.predict_on_batch(x, out=out)
    out.fill(-1)
    return model.predict_on_batch(x, out=out)


ways = pytest.mark.parametrize("way", [into, repeated, bound])


# ---------------------------------------------------------------------------- values


@ways
@pytest.mark.parametrize("rows", [1, 31, 100])
def test_the_array_gets_what_predict_gives(rng, way, rows):
    model, x = digit_reader(), rng.normal(size=(rows, 8, 8)).astype(np.float32)
    out = np.full((rows, 10), np.nan, np.float32)
    assert way(model, x, out) is out
    assert out.tobytes() == model.predict(x).tobytes()


@ways
@pytest.mark.parametrize("dtype", ["float64", "uint8", "int32", "int64"])
def test_every_type_of_input(way, dtype):
    model, x = two_layers(), np.array([[1, 2], [3, 4]], dtype)
    out = np.empty((2, 1), np.float32)
    assert way(model, x, out).tobytes() == model.predict(x).tobytes()


@pytest.mark.parametrize("by_name", [False, True])
def test_several_inputs_and_outputs(rng, by_name):
    model, left, right = two_in_two_out(), batch(rng, 5, 3), batch(rng, 5, 3)
    x = {"right": right, "left": left} if by_name else [left, right]
    out = [np.empty((5, 1), np.float32), np.empty((5, 2), np.float32)]
    predictor = model.predictor(x)
    for _ in range(2):
        expected = [array.tobytes() for array in model.predict(x)]
        assert model.predict_on_batch(x, out=out) is out
        assert [array.tobytes() for array in out] == expected
        assert [array.tobytes() for array in predictor()] == expected
        right += 1


def test_an_array_of_one_number_a_sample_may_lack_its_axis():
    model = swiftnn.Sequential([swiftnn.Input(shape=(1,)), layers.Dense(2)])
    x, out = np.arange(3, dtype=np.float32), np.empty((3, 2), np.float32)
    assert into(model, x, out).tobytes() == model.predict(x).tobytes()
    predictor = model.predictor(x)
    x += 1
    assert predictor().tobytes() == model.predict(x).tobytes()
    with pytest.raises(ValueError, match="resize"):
        x.resize(1000, refcheck=False)


@ways
def test_no_rows(way):
    out = np.empty((0, 1), np.float32)
    assert way(two_layers(), np.empty((0, 2), np.float32), out) is out


def test_data_builds_a_model():
    model = swiftnn.Sequential([layers.Dense(2)])
    assert model.predictor(np.zeros((4, 3), np.float32))().shape == (4, 2)


def test_the_batch_size_changes_nothing(rng):
    model, x = two_layers(), batch(rng, 70)
    for size in (1, 64, 500):
        assert model.predictor(x, batch_size=size)().tobytes() == model.predict(x).tobytes()


def test_a_read_only_input_is_fine(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    x.flags.writeable = False
    for way in (into, repeated, bound):
        assert way(model, x, out).tobytes() == model.predict(x).tobytes()


# ---------------------------------------------------------------------------- what changes


def test_each_call_reads_the_values_of_then(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    predictor = model.predictor(x)
    for _ in range(3):
        x += 1
        expected = model.predict(x).tobytes()
        assert model.predict_on_batch(x, out=out).tobytes() == expected
        assert predictor().tobytes() == expected
        assert predictor() is predictor.output


def test_each_call_takes_the_weights_of_then(points):
    model, (x, y) = two_layers(), points
    out = np.empty((256, 1), np.float32)
    predictor = model.predictor(x)
    first = predictor().copy()
    into(model, x, out)
    changes = [
        lambda: model.train_on_batch(x, y),
        lambda: model.fit(x, y, verbose=0),
        lambda: model.set_weights([weight + 1 for weight in model.get_weights()]),
        lambda: model.compile("sgd", "mse"),
    ]
    for change in changes:
        change()
        expected = model.predict(x).tobytes()
        assert model.predict_on_batch(x, out=out).tobytes() == expected
        assert predictor().tobytes() == expected
    assert first.tobytes() != expected


def test_a_layer_that_is_added(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    predictor = model.predictor(x, out=out)
    into(model, x, out)
    model.add(layers.Dense(5))
    with pytest.raises(swiftnn.StateError, match="another layer"):
        predictor()
    with pytest.raises(swiftnn.ShapeError, match="out"):
        into(model, x, out)
    wide = np.empty((3, 5), np.float32)
    assert into(model, x, wide).tobytes() == model.predict(x).tobytes()


def test_a_layer_that_is_added_and_keeps_the_shape(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    into(model, x, out)
    kept = list(model._kept_predictions)
    model.add(layers.Dense(1))
    assert not model._kept_predictions
    model._kept_predictions += kept  # as of a thread whose call ended after the layer came
    assert into(model, x, out).tobytes() == model.predict(x).tobytes()


def test_arrays_that_take_turns(rng):
    model = two_layers()
    inputs = [batch(rng) for _ in range(2)]
    outputs = [np.empty((3, 1), np.float32) for _ in range(2)]
    for turn in range(16):
        x, out = inputs[turn // 4 % 2], outputs[(turn + 2) // 4 % 2]
        assert into(model, x, out) is out
        assert out.tobytes() == model.predict(x).tobytes()
        out.fill(0)
    assert len(model._kept_predictions) == 1


# ---------------------------------------------------------------------------- what is refused


def read_only():
    array = np.empty((3, 1), np.float32)
    array.flags.writeable = False
    return array


@ways
@pytest.mark.parametrize(
    ("out", "error", "text"),
    [
        (np.empty((3, 2), np.float32), swiftnn.ShapeError, r"\(3, 1\), received \(3, 2\)"),
        (np.empty(3, np.float32), swiftnn.ShapeError, "expected shape"),
        (np.empty((3, 1)), swiftnn.ArgumentError, "expected float32, received float64"),
        (np.empty((3, 1), ">f4"), swiftnn.ArgumentError, "expected float32"),
        (np.empty((3, 2), np.float32)[:, :1], swiftnn.ArgumentError, "C-contiguous"),
        (np.empty(13, np.uint8)[1:].view(np.float32).reshape(3, 1), ValueError, "aligned"),
        (read_only(), swiftnn.ArgumentError, "written"),
        ([[0.0], [0.0], [0.0]], swiftnn.ArgumentError, "expected 1 arrays"),
        (memoryview(bytearray(12)), swiftnn.ArgumentError, "numpy array"),
    ],
)
def test_a_bad_output_is_told(rng, way, out, error, text):
    with pytest.raises(error, match=text):
        way(two_layers(), batch(rng), out)


def test_several_outputs_are_told_by_name(rng):
    model, x = two_in_two_out(), [batch(rng, 5, 3), batch(rng, 5, 3)]
    both = np.empty((5, 3), np.float32)
    for call in (model.predict_on_batch, model.predictor):
        with pytest.raises(swiftnn.ArgumentError, match="expected 2 arrays"):
            call(x, out=both)
        with pytest.raises(swiftnn.ShapeError, match="'kind'"):
            call(x, out=[both[:, :1].copy(), both])


@ways
def test_memory_of_both_is_told(way):
    model = swiftnn.Sequential([swiftnn.Input(shape=(2,)), layers.Dense(2)])
    memory = np.zeros((4, 2), np.float32)
    with pytest.raises(swiftnn.ArgumentError, match="memory"):
        way(model, memory[:3], memory[1:])
    with pytest.raises(swiftnn.ArgumentError, match="memory"):
        way(model, memory, memory)


@pytest.mark.parametrize("which", ["x", "out"])
@pytest.mark.parametrize("change", ["shape", "dtype", "strides", "writeable"])
def test_arrays_that_changed_in_place_are_checked_anew(which, change):
    model = swiftnn.Sequential([swiftnn.Input(shape=(2,)), layers.Dense(2)])
    x = np.array([[1, 2], [3, 4]], np.float32)
    arrays = {"x": x, "out": np.empty((2, 2), np.float32)}
    into(model, **arrays)
    array = arrays[which]
    if change == "shape":
        array.shape = (4, 1)
    elif change == "dtype":
        array.dtype = np.int32
    elif change == "strides":
        array.strides = (4, 8)
    else:
        array.flags.writeable = False
    values = array.copy()
    if which == "x" and change != "shape":
        assert into(model, **arrays).tobytes() == model.predict(values).tobytes()
        return
    with pytest.raises(
        ValueError, match="expected" if change != "writeable" or which == "x" else "written"
    ):
        into(model, **arrays)
    assert np.array_equal(array, values, equal_nan=change != "dtype")


def move(array, like):
    """Give an array other memory, as unpickling does; the old one is freed."""
    before = array.ctypes.data
    array.__setstate__(np.zeros((1000, 1000), np.float32).__reduce__()[2])
    others = [np.empty_like(like) for _ in range(100)]  # one of them where the array was
    array.__setstate__(like.__reduce__()[2])
    assert array.ctypes.data != before
    del others


@pytest.mark.parametrize("rows", [3, 100_000])
@pytest.mark.parametrize("moved", ["x", "out"])
def test_a_kept_call_sees_that_an_array_got_other_memory(rng, moved, rows):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    repeated(model, x, out)
    x_next, out_next = batch(rng, rows), np.full((rows, 1), -1, np.float32)
    if rows != 3 or moved == "x":
        move(x, x_next)
    if rows != 3 or moved == "out":
        move(out, out_next)
    for _ in range(2):
        assert into(model, x, out).tobytes() == model.predict(x).tobytes()


@pytest.mark.parametrize("prepare", [into, bound])
def test_an_array_in_use_is_not_resized(rng, prepare):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    kept = model.predictor(x, out) if prepare is bound else into(model, x, out)
    for array in (x, out):
        with pytest.raises(ValueError, match="resize"):
            array.resize((100_000, 2), refcheck=False)
    del kept


@pytest.mark.parametrize(
    "x",
    [
        [[1.0, 2.0]],
        np.ones((2, 2), np.float16),
        np.ones((2, 4), np.float32)[:, ::2],
        np.asfortranarray(np.ones((2, 2), np.float32)),
    ],
)
def test_a_predictor_takes_no_input_that_it_had_to_copy(x):
    with pytest.raises(swiftnn.ArgumentError, match="C-contiguous"):
        two_layers().predictor(x)


def test_a_status_of_the_library_is_raised(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    into(model, x, out)
    predictor = model.predictor(x)
    busy = swiftnn.BusyError().status
    predictor._run = lambda: busy
    model._kept_predictions = [model._kept_predictions[0]._replace(run=lambda: busy)]
    for call in (predictor, lambda: into(model, x, out)):
        with pytest.raises(swiftnn.BusyError):
            call()


# ---------------------------------------------------------------------------- life and threads


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_what_holds_a_pointer_is_neither_copied_nor_pickled(rng, duplicate):
    model, x = two_layers(), batch(rng)
    predictor = model.predictor(x)
    unraised = []
    usual, sys.unraisablehook = sys.unraisablehook, unraised.append
    try:
        for held in (predictor, model._handle):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                duplicate(held)
        gc.collect()
    finally:
        sys.unraisablehook = usual
    assert not unraised
    assert predictor().tobytes() == model.predict(x).tobytes()


def test_a_kept_call_keeps_no_array_alive(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    into(model, x, out)
    references = weakref.ref(x), weakref.ref(out)
    del x, out
    assert [reference() for reference in references] == [None, None]
    for _ in range(20):  # arrays at the addresses of others that are gone
        x, out = batch(rng), np.empty((3, 1), np.float32)
        assert into(model, x, out).tobytes() == model.predict(x).tobytes()


def test_a_model_with_a_kept_call_goes_with_its_last_reference(rng):
    model, x, out = two_layers(), batch(rng), np.empty((3, 1), np.float32)
    into(model, x, out)
    model.predictor(x)()
    reference = weakref.ref(model)
    gc.disable()
    try:
        del model
        assert reference() is None
    finally:
        gc.enable()


def test_a_predictor_holds_what_it_needs(rng):
    model, x = two_layers(), batch(rng)
    expected = model.predict(x).tobytes()
    predictor = model.predictor(x)
    del model, x
    gc.collect()
    trash = [np.ones((3, 2), np.float32) for _ in range(100)]
    assert predictor().tobytes() == expected
    output = predictor.output
    del predictor, trash
    assert output.tobytes() == expected


def test_arguments_for_c_outlive_the_caches(rng):
    model, x = two_in_two_out(), [batch(rng, 5, 3), batch(rng, 5, 3)]
    predictor = model.predictor(x)
    expected = [array.tobytes() for array in predictor()]
    shapes = [weakref.ref(_lib._extents((rows, 3))) for rows in (5, 6)]
    _lib._extents.cache_clear()
    gc.collect()
    assert [shape() is None for shape in shapes] == [False, True]
    predictor.output.clear()
    again = predictor._held[-2:]
    predictor()
    assert [array.tobytes() for array in again] == expected


def test_threads_with_arrays_of_their_own(rng):
    model = digit_reader()
    samples = rng.normal(size=(4, 64, 8, 8)).astype(np.float32)
    expected = [model.predict(x).tobytes() for x in samples]
    wrong = []

    def work(index):
        x, out = samples[index], np.empty((64, 10), np.float32)
        predictor = model.predictor(x)
        for _ in range(50):
            for result in (model.predict_on_batch(x, out=out), predictor()):
                if result.tobytes() != expected[index]:
                    wrong.append(index)
                result.fill(0)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
