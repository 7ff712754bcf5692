"""`train_on_batch` on the same arrays again and again, whose step is kept."""

import gc
import threading
import weakref

import numpy as np
import pytest
from conftest import two_in_two_out, two_layers, weight_bytes

import swiftnn
from swiftnn import layers


def classifier(seed=1):
    model = swiftnn.Sequential(
        [swiftnn.Input(shape=(2,)), layers.Dense(4, activation="tanh"), layers.Dense(3)], seed=seed
    )
    loss = swiftnn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


@pytest.fixture
def labelled(rng):
    return rng.normal(size=(8, 2)).astype(np.float32), np.arange(8, dtype=np.int32) % 3


def test_a_kept_step_has_the_bits_of_a_new_one(rng, labelled):
    x, y = labelled
    kept, new = classifier(), classifier()
    for _ in range(5):
        x += rng.normal(size=x.shape).astype(np.float32)
        y[:] = (y + 1) % 3
        values = kept.train_on_batch(x, y)
        assert values == new.train_on_batch(x.copy(), y.copy())
        assert len(values) == 2
        assert weight_bytes(kept) == weight_bytes(new)
    assert kept.train_on_batch(x, y, return_dict=True).keys() == {"loss", "accuracy"}
    assert len(kept._kept_steps) == 1


def test_values_stay_those_of_their_step(labelled):
    model = classifier()
    first = model.train_on_batch(*labelled)
    second = model.train_on_batch(*labelled)
    copies = list(first), list(second)
    model.train_on_batch(*labelled)
    assert (first, second) == copies
    assert first != second


def test_weights_of_samples_between_kept_steps(labelled):
    x, y = labelled
    kept, new = classifier(), classifier()
    weight = np.linspace(0, 1, 8, dtype=np.float32)
    steps = [{}, {}, {"sample_weight": weight}, {"class_weight": {0: 3.0}}, {}]
    for step in steps:
        assert kept.train_on_batch(x, y, **step) == new.train_on_batch(x.copy(), y.copy(), **step)
    assert weight_bytes(kept) == weight_bytes(new)
    expected = kept.evaluate(x, y, sample_weight=weight, verbose=0)
    assert kept.train_on_batch(x, y, weight) == pytest.approx(expected)
    assert kept.train_on_batch(x, y) != pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("which", [0, 1])
def test_what_must_be_converted_is_converted_each_time(labelled, which):
    kept, new = classifier(), classifier()
    for _ in range(2):
        arrays = list(labelled)
        arrays[which] = arrays[which].tolist()
        assert kept.train_on_batch(*arrays) == new.train_on_batch(*labelled)
    assert not kept._kept_steps


def test_either_array_may_be_another_one(rng, labelled):
    inputs, targets = [labelled[0], labelled[0] + 1], [labelled[1], labelled[1][::-1].copy()]
    kept, new = classifier(), classifier()
    for turn in range(16):
        x, y = inputs[turn // 4 % 2], targets[(turn + 2) // 4 % 2]
        assert kept.train_on_batch(x, y) == new.train_on_batch(x.copy(), y.copy())


@pytest.mark.parametrize("change", ["x shape", "y shape", "y dtype", "x strides"])
def test_arrays_that_changed_in_place_are_checked_anew(labelled, change):
    x, y = labelled
    kept, new = classifier(), classifier()
    kept.train_on_batch(x, y)
    new.train_on_batch(x, y)
    if change == "x shape":
        x.shape = (16, 1)
    elif change == "y shape":
        y.shape = (2, 4)
    elif change == "y dtype":
        y.dtype = np.float32
    else:
        x.strides = (4, 32)
    before = weight_bytes(kept)
    if change == "x strides":
        assert kept.train_on_batch(x, y) == new.train_on_batch(x.copy(), y.copy())
        return
    # The bytes of a class are no whole number as float32.
    with pytest.raises(swiftnn.ArgumentError if change == "y dtype" else swiftnn.ShapeError):
        kept.train_on_batch(x, y)
    assert weight_bytes(kept) == before


@pytest.mark.parametrize("moved", [0, 1])
def test_a_kept_step_sees_that_an_array_got_other_memory(labelled, moved):
    kept, new = classifier(), classifier()
    arrays = [array.copy() for array in labelled]
    for _ in range(2):
        assert kept.train_on_batch(*arrays) == new.train_on_batch(*labelled)
    state = arrays[moved][::-1].copy().__reduce__()[2]
    arrays[moved].__setstate__(np.zeros((1000, 1000), np.float32).__reduce__()[2])
    others = [np.zeros_like(labelled[moved]) for _ in range(100)]  # one where it was
    arrays[moved].__setstate__(state)
    del others
    copies = [array.copy() for array in arrays]
    for _ in range(2):
        assert kept.train_on_batch(*arrays) == new.train_on_batch(*copies)


def test_a_kept_step_takes_the_rate_and_weights_of_then(labelled):
    x, y = labelled
    kept, new = classifier(), classifier()
    for model, copy in ((kept, False), (new, True)):
        for rate in (0.1, 0.01):
            model.optimizer.learning_rate = rate
            for _ in range(2):
                model.train_on_batch(x.copy() if copy else x, y)
            model.set_weights([weight / 2 for weight in model.get_weights()])
    assert weight_bytes(kept) == weight_bytes(new)


def test_compiling_and_adding_begin_anew(labelled):
    x, y = labelled
    model = classifier()
    model.train_on_batch(x, y)
    kept = list(model._kept_steps)
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert not model._kept_steps
    model._kept_steps += kept  # as of a thread whose call ended later
    assert isinstance(model.train_on_batch(x, y), float)
    model.add(layers.Softmax())
    assert not model._kept_steps
    other = swiftnn.Sequential(seed=1)
    other.__setstate__(model.__getstate__())
    assert model.train_on_batch(x, y) == other.train_on_batch(x.copy(), y.copy())


def test_a_step_that_fails_is_raised_and_changes_nothing(labelled):
    x, y = labelled
    model = classifier()
    model.train_on_batch(x, y)
    before = weight_bytes(model)
    x[0] = np.nan
    for _ in range(2):
        with pytest.raises(swiftnn.NumericError):
            model.train_on_batch(x, y)
    assert weight_bytes(model) == before
    x[0] = 0
    assert np.isfinite(model.train_on_batch(x, y)).all()


def test_targets_without_their_axis(points):
    x, y = points
    flat = y.reshape(-1).copy()
    kept, new = two_layers(), two_layers()
    for _ in range(3):
        assert kept.train_on_batch(x, flat) == new.train_on_batch(x.copy(), y.copy())


def test_several_arrays_are_prepared_each_time(rng):
    model = two_in_two_out()
    model.compile("sgd", ["mse", "sparse_categorical_crossentropy"])
    x = [rng.normal(size=(6, 3)).astype(np.float32) for _ in range(2)]
    y = [np.ones((6, 1), np.float32), np.zeros(6, np.int32)]
    first = model.train_on_batch(x, y)
    assert model.train_on_batch(x, y)[0] < first[0]
    assert not model._kept_steps


def test_a_kept_step_keeps_neither_arrays_nor_model(labelled):
    model = classifier()
    x, y = (array.copy() for array in labelled)
    model.train_on_batch(x, y)
    with pytest.raises(ValueError, match="resize"):
        x.resize((100_000, 2), refcheck=False)
    with pytest.raises(ValueError, match="resize"):
        y.resize(100_000, refcheck=False)
    references = [weakref.ref(thing) for thing in (x, y, model)]
    del x, y
    assert [reference() is None for reference in references] == [True, True, False]
    model.train_on_batch(*(array.copy() for array in labelled))
    gc.disable()
    try:
        del model
        assert references[2]() is None
    finally:
        gc.enable()


def test_threads_that_train_one_model_are_told_or_served(labelled):
    model = classifier()
    unexpected = []

    def work():
        x, y = (array.copy() for array in labelled)
        for _ in range(300):
            try:
                values = model.train_on_batch(x, y)
                if not np.isfinite(values).all():
                    unexpected.append(values)
            except swiftnn.BusyError:
                pass
            except Exception as error:
                unexpected.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not unexpected
