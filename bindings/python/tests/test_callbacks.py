import numpy as np

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
