"""A residual network learns to read handwritten digits, then the C program's file is opened.

    digits.py <folder of the data> <folder of the C program's results>

Fails when fewer than 97 of 100 held-out digits are read right, or when one bit of the C program's
predictions differs.
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import swiftnn
from swiftnn import layers


def dense_and_normalize(x):
    x = layers.Dense(256)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def residual_block(x):
    """relu(x + f(x)): what the block learns is the difference to its input."""
    y = layers.ReLU()(dense_and_normalize(x))
    y = dense_and_normalize(y)
    return layers.ReLU()(layers.Add()([x, y]))


def make_model():
    inputs = swiftnn.Input(shape=(8, 8))
    x = layers.Flatten()(inputs)
    x = layers.ReLU()(dense_and_normalize(x))
    x = residual_block(x)
    x = residual_block(x)
    x = layers.Dropout(0.4)(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return swiftnn.Model(inputs, outputs, name="digits")


def read_digits(folder):
    """The grey values are 0 to 16."""
    with h5py.File(folder / "digits.h5") as file:
        x_train, x_test = (file[name][:].astype("float32") / 16 for name in ("x_train", "x_test"))
        return x_train, file["y_train"][:], x_test, file["y_test"][:]


def main():
    data, results = Path(sys.argv[1]), Path(sys.argv[2])
    x_train, y_train, x_test, y_test = read_digits(data)

    print(f"Python, swiftnn {swiftnn.__version__}: the same network, trained here")
    swiftnn.set_random_seed(1)
    model = make_model()
    model.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x_train, y_train, epochs=8, batch_size=32)
    model.optimizer.learning_rate = 1e-4
    model.fit(x_train, y_train, initial_epoch=8, epochs=12, batch_size=32)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"test accuracy {accuracy:.4f} on {len(x_test)} digits held out")

    path = results / "digits_python.h5"
    model.save(path)
    before = model.predict(x_test, verbose=0)
    loaded = swiftnn.load_model(path)
    after = loaded.predict(x_test, verbose=0)
    if before.tobytes() != after.tobytes():
        sys.exit("the loaded model predicts other bits")
    print(f"saved {path.name}, loaded it: the same {len(after)} predictions, bit for bit")
    print("training on from the file:")
    loaded.fit(x_train, y_train, epochs=1, batch_size=32)

    from_c = np.fromfile(results / "predictions_c.bin", "float32").reshape(-1, 10)
    here = swiftnn.load_model(results / "digits.h5").predict(x_test, verbose=0)
    if from_c.tobytes() != here.tobytes():
        sys.exit(f"C's predictions differ in {np.sum(from_c != here)} of {here.size} numbers")
    print(f"C's file digits.h5 gives C's {len(here)} predictions here too, bit for bit")
    return 0 if accuracy >= 0.97 else 1


if __name__ == "__main__":
    sys.exit(main())
