"""What Keras compiled can be trained on without compiling it again."""

import numpy as np
import swiftnn


def test_a_compiled_model_of_keras_is_compiled_here(keras, tmp_path):
    x = np.linspace(0, 1, 40, dtype=np.float32).reshape(10, 4)
    y = np.arange(10, dtype=np.int32) % 3
    theirs = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    theirs.compile(
        keras.optimizers.SGD(0.125), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    theirs.save(tmp_path / "k.h5")
    ours = swiftnn.load_model(tmp_path / "k.h5")
    assert ours.optimizer.learning_rate == 0.125
    ours.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    theirs.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    for our, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(our, their, atol=1e-6)
    assert set(ours.history.history) == {"loss", "accuracy"}
