"""What the tests share: both libraries, the digits, and a file of the demo."""

import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import nets  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

DIGITS = pathlib.Path(__file__).resolve().parents[2] / "Examples" / "data" / "digits.h5"



# Warnings are errors, but for two that are Keras's own affair: what its variables do not tell
# numpy 2, and the word of Keras 2 in our files, which Keras 3 still takes.
KERAS_WARNINGS = (
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    "ignore:Argument `alpha` is deprecated:UserWarning",
)


def pytest_configure(config):
    for line in KERAS_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session")
def keras():
    """Keras, or the test is skipped; a failure where CI says that Keras must be there."""
    if os.environ.get("SWIFTNN_KERAS_REQUIRED") == "1":
        import keras

        return keras
    return pytest.importorskip("keras", reason="Keras is not installed")


@pytest.fixture(scope="session")
def swiftnn(keras):
    """Our package. It is not optional; it is asked for after Keras so that skips come first."""
    import swiftnn

    return swiftnn


@pytest.fixture(scope="session")
def digits(keras):
    """x_train, y_train, x_test, y_test: rows of 64 values from 0 to 1, labels."""
    import h5py

    with h5py.File(DIGITS, "r") as file:
        data = {name: file[name][()] for name in ("x_train", "y_train", "x_test", "y_test")}
    for name in ("x_train", "x_test"):
        data[name] = (data[name].reshape(-1, 64) / 16).astype(np.float32)
    for name in ("y_train", "y_test"):
        data[name] = data[name].astype(np.int32)
    return data


@pytest.fixture(scope="session")
def demo_file(swiftnn, digits, tmp_path_factory):
    """The file of the demo, or a smaller model trained and saved through our package."""
    given = os.environ.get("SWIFTNN_DEMO_FILE")
    if given:
        return pathlib.Path(given)
    swiftnn.set_random_seed(7)
    model = nets.digits(swiftnn)
    model.compile(
        optimizer=swiftnn.optimizers.Adam(learning_rate=0.002),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(digits["x_train"], digits["y_train"], batch_size=32, epochs=3, verbose=0)
    path = tmp_path_factory.mktemp("demo") / "digits_model.h5"
    model.save(path)
    return path


@pytest.fixture
def rows(digits, keras):
    """The test digits in the shape that a model's input asks for."""

    def shaped(model):
        shape = model.inputs[0].shape[1:]
        return digits["x_test"].reshape(-1, *shape)

    return shaped
