"""A loss of your own with an option, the pinball loss of quantiles: checked, trained and saved."""

import os
import tempfile

import numpy as np
import swiftnn
from swiftnn import layers, losses


class Pinball(losses.Loss):
    """Koenker and Bassett 1978: smallest where a share of `quantile` lies below the prediction."""

    def __init__(self, quantile, **options):
        super().__init__(**options)
        self.quantile = quantile

    def call(self, y_true, y_pred):
        above = y_true - y_pred
        return np.maximum(self.quantile * above, (self.quantile - 1) * above).mean(axis=-1)

    def gradient(self, y_true, y_pred):
        slopes = np.where(y_true > y_pred, -self.quantile, 1 - self.quantile)
        return slopes / y_pred.shape[-1]


swiftnn.set_random_seed(1)
generator = np.random.default_rng(1)
x = generator.uniform(0, 1, size=(2000, 1)).astype("float32")
y = (x + generator.normal(size=x.shape) * (0.1 + x)).astype("float32")

inputs = swiftnn.Input(shape=(1,))
low, high = (layers.Dense(1, name=name)(inputs) for name in ("low", "high"))
model = swiftnn.Model(inputs, [low, high])
model.compile(swiftnn.optimizers.Adam(0.02), loss=[Pinball(0.1), Pinball(0.9)])
model.fit(x, [y, y], epochs=60, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    model.save(os.path.join(folder, "quantiles.h5"))
    loaded = swiftnn.load_model(
        os.path.join(folder, "quantiles.h5"), custom_objects={"Pinball": Pinball}
    )
low, high = loaded.predict(x, verbose=0)
print(f"below: {(y < low).mean():.2f} and {(y < high).mean():.2f}")
