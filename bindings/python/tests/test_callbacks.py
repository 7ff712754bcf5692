import numpy as np
import pytest
from conftest import two_layers

import swiftnn
from swiftnn import layers


def test_the_other_names_of_the_batch_hooks_are_called():
    told = []

    class Listener(swiftnn.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            told.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            told.append(("end", batch, sorted(logs)))

    model = swiftnn.Sequential([swiftnn.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((4, 2), np.float32)
    model.fit(x, x[:, :1], batch_size=2, verbose=0, callbacks=[Listener()])
    assert told == [
        ("begin", 0), ("end", 0, ["loss"]), ("begin", 1), ("end", 1, ["loss"]),
    ]  # fmt: skip


def test_what_keras_asks_of_its_compiler_is_taken_and_has_no_effect():
    model = swiftnn.Sequential([swiftnn.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True, jit_compile=False, steps_per_execution=4)
    x = np.zeros((4, 2), np.float32)
    assert model.fit(x, x[:, :1], verbose=0).history["loss"] == [0.0]


def at_epoch(number, what):
    """A callback that calls something at the end of an epoch."""
    return swiftnn.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: what() if epoch == number else None
    )


@pytest.mark.parametrize("inner", [1, 9])
def test_a_fit_in_a_fit_changes_neither_s_history(points, inner):
    model, histories = two_layers(), []

    def fit_again():
        histories.append(model.fit(*points, epochs=inner, verbose=0))
        assert model.history is histories[0]

    outer = model.fit(*points, epochs=5, verbose=0, callbacks=[at_epoch(1, fit_again)])
    assert model.history is outer is not histories[0]
    assert outer.epoch == [0, 1, 2, 3, 4]
    assert not outer.paused
    assert histories[0].epoch == list(range(inner))
    losses = outer.history["loss"]
    assert losses[2] < histories[0].history["loss"][-1] < losses[1]


def test_a_fit_in_a_fit_with_callbacks_of_the_library_is_refused(points, tmp_path):
    model = two_layers()
    log = swiftnn.callbacks.CSVLogger(tmp_path / "log.csv")
    again = at_epoch(1, lambda: model.fit(*points, verbose=0))
    with pytest.raises(swiftnn.BusyError, match=r"fit: expected a model at rest.*CSVLogger"):
        model.fit(*points, epochs=4, verbose=0, callbacks=[log, again])
    assert model.history.epoch == [0]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3
    steps = at_epoch(1, lambda: model.train_on_batch(*points))
    model.fit(*points, epochs=4, verbose=0, callbacks=[log, steps])
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 5
    after = swiftnn.callbacks.LambdaCallback(
        on_train_end=lambda logs: model.history.epoch == [0] or model.fit(*points, verbose=0)
    )
    assert model.fit(*points, epochs=2, verbose=0, callbacks=[log, after]).epoch == [0, 1]


@pytest.mark.parametrize(
    "what", [lambda model: model.compile("sgd", "mse"), lambda model: model.add(layers.Dense(1))]
)
def test_a_model_in_a_fit_cannot_get_another_trainer(points, what):
    model = two_layers()
    optimizer = model.optimizer
    with pytest.raises(swiftnn.BusyError, match=r"\(\): expected a model at rest.*in a fit"):
        model.fit(*points, epochs=3, verbose=0, callbacks=[at_epoch(1, lambda: what(model))])
    assert model.optimizer is optimizer
    assert model.history.epoch == [0]
    assert len(model.layers) == 2
    model.fit(*points, verbose=0)
    what(model)
