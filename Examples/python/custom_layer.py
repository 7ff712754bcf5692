"""A layer of your own, exp(-sharpness |x - center|^2) for each unit: checked, trained and saved."""

import os
import tempfile

import numpy as np
import swiftnn
from swiftnn import layers


@swiftnn.register_layer
class RadialBasis(layers.CustomLayer):
    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, input_shape):
        shape = (self.units, input_shape[-1])
        self.centers = self.add_weight(shape, "random_normal", name="centers")
        self.sharpness = self.add_weight(self.units, "ones", constraint="non_neg", name="sharpness")

    def call(self, inputs):
        return np.exp(-self._squares(inputs) * self.sharpness)

    def backward(self, gradient, inputs, outputs):
        # d exp(-s q) = -exp(-s q) (q ds + s dq), and q = |x - c|^2.
        slope = -gradient * outputs
        self.sharpness.gradient[:] = (slope * self._squares(inputs)).sum(axis=0)
        pull = (slope * self.sharpness)[:, :, None] * 2 * (inputs[:, None, :] - self.centers)
        self.centers.gradient[:] = -pull.sum(axis=0)
        return pull.sum(axis=1)

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    def _squares(self, inputs):
        return ((inputs[:, None, :] - self.centers) ** 2).sum(axis=-1)


swiftnn.set_random_seed(1)
generator = np.random.default_rng(1)
x = generator.uniform(-2, 2, size=(400, 2)).astype("float32")
y = (np.hypot(x[:, :1], x[:, 1:]) < 1.2).astype("float32")  # inside of a circle or not

checked = swiftnn.gradient_check(RadialBasis(3), x[:16])
print("gradients off by at most", f"{max(row['error'] for row in checked.values()):.1e}")

model = swiftnn.Sequential(
    [swiftnn.Input(shape=(2,)), RadialBasis(8), layers.Dense(1, activation="sigmoid")]
)
model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
model.optimizer.learning_rate = 0.02
model.fit(x, y, epochs=40, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    model.save(os.path.join(folder, "bells.h5"))
    loaded = swiftnn.load_model(os.path.join(folder, "bells.h5"))
print("accuracy", round(loaded.evaluate(x, y, verbose=0)[1], 3))
