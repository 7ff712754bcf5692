"""Prediction, and what arrays are taken as they are."""

import threading
import tracemalloc

import numpy as np
import pytest
from conftest import digit_reader, two_in_two_out, two_layers

import swiftnn
from swiftnn import _data


def test_rows_have_the_same_bits_in_any_batch(rng):
    model = digit_reader()
    x = rng.normal(size=(101, 8, 8)).astype(np.float32)
    whole = model.predict(x)
    assert whole.dtype == np.float32
    assert whole.shape == (101, 10)
    for size in (1, 7, 200):
        assert model.predict(x, batch_size=size).tobytes() == whole.tobytes()
    assert model.predict_on_batch(x[3:5]).tobytes() == whole[3:5].tobytes()
    assert model(x[:1]).tobytes() == whole[:1].tobytes()


def test_no_rows_give_no_rows():
    model = two_layers()
    assert model.predict(np.zeros((0, 2), np.float32)).shape == (0, 1)
    assert model.predict_on_batch(np.zeros((0, 2), np.float32)).shape == (0, 1)


def test_inputs_by_list_and_by_name(rng):
    model = two_in_two_out()
    left, right = rng.normal(size=(2, 6, 3)).astype(np.float32)
    total, kind = model.predict([left, right])
    assert (total.shape, kind.shape) == ((6, 1), (6, 2))
    named = model.predict({"right": right, "left": left})
    assert named[0].tobytes() == total.tobytes()
    assert named[1].tobytes() == kind.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int32", "int64"])
def test_arrays_of_these_types_are_taken_as_they_are(dtype):
    array = np.ones((4, 2), dtype)
    assert _data.as_array(array, "x") is array


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.ones((4, 2), np.float16), "float32"),
        (np.ones((4, 2), np.int8), "int32"),
        (np.ones((4, 2), np.uint32), "int64"),
        (np.ones((4, 2), ">f4"), "float32"),
        (np.ones((4, 2), bool), "uint8"),
        (np.ones((4, 4), np.float32)[:, ::2], "float32"),
        (np.asfortranarray(np.ones((4, 2))), "float64"),
        ([[1, 2], [3, 4]], "int64"),
        (np.array([[1, 2.5]], object), "float64"),
        (np.frombuffer(b"\0" * 33, np.uint8)[1:].view(np.float32).reshape(4, 2), "float32"),
    ],
)
def test_other_arrays_are_converted(array, dtype):
    converted = _data.as_array(array, "x")
    assert converted.dtype == dtype
    assert converted.flags.c_contiguous
    assert converted.flags.aligned
    assert np.array_equal(converted, np.asarray(array))


@pytest.mark.parametrize("value", [np.array([["a"]]), 3.0, np.zeros(2, complex), [[1], [1, 2]]])
def test_what_is_no_array_of_numbers_is_refused(value):
    with pytest.raises(swiftnn.ArgumentError):
        _data.as_array(value, "x")


def test_all_types_predict_the_same():
    model = two_layers()
    x = np.array([[0, 1], [2, 3], [200, 100]])
    expected = model.predict(x.astype(np.float32))
    for dtype in ("float64", "uint8", "int32", "int64", "int16", ">f4"):
        assert model.predict(x.astype(dtype)).tobytes() == expected.tobytes()
    assert model.predict(np.asfortranarray(x.astype(np.float32))).tobytes() == expected.tobytes()


def test_a_data_set_scales_bytes(rng):
    model = digit_reader()
    pixels = rng.integers(0, 17, (5, 8, 8)).astype(np.uint8)
    scaled = model.predict(swiftnn.Dataset(pixels, scale=1 / 16))
    assert scaled.tobytes() == model.predict(pixels.astype(np.float32) / 16).tobytes()


def test_the_input_is_not_copied():
    model = two_layers()
    x = np.zeros((2_000_000, 2), np.float32)
    model.predict(x[:10])
    tracemalloc.start()
    model.predict(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(x) * 4 + 1_000_000  # the result; a copy of the input is twice as much


def test_a_read_only_array_is_fine():
    x = np.zeros((3, 2), np.float32)
    x.flags.writeable = False
    assert two_layers().predict(x).shape == (3, 1)


@pytest.mark.parametrize("shape", [(3,), (3, 3), (3, 2, 1), ()])
def test_a_wrong_shape_is_told(shape):
    with pytest.raises(ValueError, match="expected"):
        two_layers().predict(np.zeros(shape, np.float32))


def test_wrong_inputs_are_told():
    model = two_in_two_out()
    x = np.zeros((2, 3), np.float32)
    with pytest.raises(swiftnn.ArgumentError, match="left"):
        model.predict({"left": x})
    with pytest.raises(swiftnn.ArgumentError, match="expected 2 arrays"):
        model.predict(x)
    with pytest.raises(swiftnn.ShapeError, match="numbers of samples"):
        model.predict([x, x[:1]])


def test_threads_predict_beside_each_other(rng):
    model = digit_reader()
    x = rng.normal(size=(64, 8, 8)).astype(np.float32)
    expected = model.predict(x).tobytes()
    wrong = []

    def work():
        for _ in range(50):
            if model.predict(x).tobytes() != expected:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
