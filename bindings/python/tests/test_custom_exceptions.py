"""What is raised while the library calls Python, wherever it is."""

import gc
import signal
import sys

import numpy as np
import pytest

import swiftnn
from swiftnn import _dropped, _entries, layers


class Product(layers.CustomLayer):
    def __init__(self, units=4, **options):
        super().__init__(**options)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, inputs):
        return inputs @ self.kernel

    def backward(self, gradient, inputs):
        np.matmul(inputs.T, gradient, out=self.kernel.gradient)
        return gradient @ self.kernel.T


def squares(y_true, y_pred):
    return ((y_pred - y_true) ** 2).mean(-1), 2 * (y_pred - y_true) / y_pred.shape[-1]


def made(kind):
    model = swiftnn.Sequential(
        [
            swiftnn.Input((20,)),
            layers.Dense(20),
            Product() if kind == "layer" else layers.Dense(4),
            layers.Dense(2),
        ],
        seed=1,
    )
    model.compile("sgd", loss=squares if kind == "loss" else "mse")
    return model


@pytest.fixture
def data():
    return np.ones((64, 20), "float32"), np.ones((64, 2), "float32")


def drop_at(which):
    """Let the `which`-th call of Python raise before its first line, as a signal's handler does."""
    count = 0

    def tracer(frame, event, argument):
        nonlocal count
        if frame.f_code.co_name == "entered" and event == "call":
            count += 1
            if count == which:
                raise TimeoutError("time is up")

    sys.settrace(tracer)


@pytest.mark.parametrize("kind", ["layer", "loss"])
@pytest.mark.parametrize("what", ["fit", "step", "predict", "evaluate"])
def test_an_exception_before_the_first_line_is_raised(kind, what, data):
    if kind == "loss" and what == "predict":
        pytest.skip("it needs no loss")
    model, (x, y) = made(kind), data
    model.fit(x, y, verbose=0)
    hook = sys.unraisablehook
    before = model.get_weights()
    actions = {
        "fit": lambda: model.fit(x, y, epochs=2, batch_size=64, verbose=0),
        "step": lambda: model.train_on_batch(x, y),
        "predict": lambda: model.predict_on_batch(x),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
    }
    # Of a layer forward, then backward; the second time the arrays are known.
    for which in (1, 2) if kind == "layer" and what in ("fit", "step") else (1, 1):
        drop_at(which)
        try:
            with pytest.raises(TimeoutError, match="time is up"):
                actions[what]()
        finally:
            sys.settrace(None)
        assert all(map(np.array_equal, before, model.get_weights())), which
        assert sys.unraisablehook is hook
        assert not _dropped._pending
    actions[what]()


@pytest.mark.parametrize("kind", ["layer", "loss", "none"])
def test_a_time_limit_ends_a_fit(kind, data):
    def handler(number, frame):
        raise TimeoutError("time is up")

    model, (x, y) = made(kind), data
    model.fit(x, y, verbose=0)
    before = signal.signal(signal.SIGALRM, handler)
    # Python drops what is raised in finalizers of others' that the collector runs.
    gc.collect()
    gc.disable()
    try:
        for round_ in range(10):
            signal.setitimer(signal.ITIMER_REAL, 0.01 + 0.0007 * round_)
            with pytest.raises(TimeoutError):
                model.fit(x, y, epochs=1000, batch_size=8, verbose=0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    model.fit(x, y, verbose=0)


def test_what_is_not_ours_goes_to_the_hook_that_was_there(data, monkeypatch):
    heard = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: heard.append(dropped.exc_value))

    class Unlucky:
        def __del__(self):
            raise OSError("of mine")

    class Dropping(Product):
        def call(self, inputs):
            Unlucky()
            return super().call(inputs)

    model = swiftnn.Sequential([swiftnn.Input((20,)), Dropping()])
    model.predict(data[0], verbose=0)
    assert heard
    assert all(isinstance(error, OSError) for error in heard)


def test_an_exception_comes_out_of_the_call_that_it_was_in(data):
    class Failing(Product):
        fails = False

        def call(self, inputs):
            if self.fails:
                raise OSError("of mine")
            return super().call(inputs)

    x, y = data
    layer = Failing(2)
    model = swiftnn.Sequential([swiftnn.Input((20,)), layer])
    model.compile("sgd", loss="mse")
    model.fit(x, y, verbose=0)
    layer.fails = True
    stop = [swiftnn.callbacks.TerminateOnNaN()]
    for action in (
        lambda: model.find_learning_rate(x, y, steps=5),
        lambda: model.diagnose(x, y),
        lambda: model.fit(x, y, verbose=0, callbacks=stop),
    ):
        with pytest.raises(OSError, match="of mine"):
            action()
    layer.fails = False
    model.fit(x, y, verbose=0)


def test_a_callback_of_a_fit_may_catch_it(data):
    x, y = data

    class Failing(Product):
        def call(self, inputs):
            if inputs.shape[0] == 5:
                raise OSError("of mine")
            return super().call(inputs)

    other = swiftnn.Sequential([swiftnn.Input((20,)), Failing(2)])
    caught = []

    class Asking(swiftnn.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            try:
                other.predict(x[:5], verbose=0)
            except OSError as error:
                caught.append(error)

    model = made("layer")
    model.fit(x, y, verbose=0, callbacks=[Asking()])
    assert len(caught) == 2


def test_a_pass_that_does_not_come_to_its_end_has_failed(data, monkeypatch):
    """Whatever ctypes answers for it."""
    model, (x, y) = made("layer"), data
    model.fit(x, y, verbose=0)
    before = model.get_weights()
    monkeypatch.setattr(_entries.LayerPass, "confirm", lambda self: None)
    for action in (lambda: model.predict(x, verbose=0), lambda: model.train_on_batch(x, y)):
        with pytest.raises(swiftnn.StateError, match="forward callback failed"):
            action()
    assert all(map(np.array_equal, before, model.get_weights()))


def test_the_hook_is_ours_whatever_was_interrupted_before(data):
    """A handler that raises in the midst of `__enter__` leaves a call counted."""
    model, (x, y) = made("layer"), data
    model.fit(x, y, verbose=0)
    _dropped.watch._calls += 1
    try:
        drop_at(1)
        with pytest.raises(TimeoutError):
            model.train_on_batch(x, y)
    finally:
        sys.settrace(None)
        _dropped.watch._calls -= 1
    model.train_on_batch(x, y)
