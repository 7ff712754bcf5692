"""Opens files of SwiftNN in Keras 3: open_files.py FOLDER NAME...

For each NAME: predicts from NAME.h5 and compares with NAME.json ({"x": [...], "y": [...]}, rows
flat), trains one step, loads NAME.weights.h5 and NAME.legacy.h5 into the model after its weights
were overwritten, and saves what came of it as NAME.keras.h5. Raises where anything differs.
"""

import json
import os
import pathlib
import sys
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras  # noqa: E402
import numpy as np  # noqa: E402

TOLERANCE = 1e-5


def expect_predictions(model, inputs, expected):
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    # A model of one output gives an array, no list.
    assert isinstance(outputs, list) == (len(expected) > 1), type(outputs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for output, wanted in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(output.reshape(-1), wanted, rtol=TOLERANCE, atol=TOLERANCE)
    return outputs


def overwrite(model):
    for variable in model.weights:
        variable.assign(np.full(variable.shape, 0.25))


def check(folder, name):
    content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    model = keras.models.load_model(folder / f"{name}.h5")
    inputs = [
        np.array(x, np.float32).reshape(-1, *i.shape[1:])
        for x, i in zip(content["x"], model.inputs, strict=True)
    ]
    outputs = expect_predictions(model, inputs, content["y"])
    frozen = [v.numpy() for v in model.non_trainable_weights if "moving" not in v.path]

    assert model.compiled
    targets = [np.zeros_like(y) for y in outputs]
    history = model.fit(
        inputs if len(inputs) > 1 else inputs[0],
        targets if len(targets) > 1 else targets[0],
        verbose=0,
    )
    assert np.isfinite(history.history["loss"][0])
    after = [v.numpy() for v in model.non_trainable_weights if "moving" not in v.path]
    for old, new in zip(frozen, after, strict=True):
        np.testing.assert_array_equal(old, new)

    for suffix in (".weights.h5", ".legacy.h5"):
        overwrite(model)
        model.load_weights(folder / f"{name}{suffix}")
        expect_predictions(model, inputs, content["y"])
    model.save(folder / f"{name}.keras.h5")
    model.save_weights(folder / f"{name}.keras.weights.h5")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for each in sys.argv[2:]:
        check(pathlib.Path(sys.argv[1]), each)
    print("keras", keras.__version__, "opened", len(sys.argv) - 2, "models")
