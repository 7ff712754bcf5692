"""The step too small, right, and too large.

Along its steepest direction a quadratic loss with curvature c shrinks by |1 - rate c| in each step:
rates above 2 / c make it grow.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers

page = Page("3. The step: too small, right, too large")

rng = np.random.default_rng(3)
x = rng.uniform(-1, 1, (80, 1)).astype("float32")
y = (1.5 * x - 0.3 + rng.normal(0, 0.1, x.shape)).astype("float32")
design = np.hstack([x, np.ones_like(x)]).astype("float64")
curvature = 2 * np.linalg.eigvalsh(design.T @ design / len(x)).max()
limit = 2 / curvature
steps = 30 if page.is_small else 60


def train(rate):
    model = swiftnn.Sequential(
        [swiftnn.Input(shape=(1,)), layers.Dense(1, kernel_initializer="zeros")]
    )
    model.compile(optimizer=swiftnn.optimizers.SGD(learning_rate=rate), loss="mse")
    return [model.train_on_batch(x, y) for _ in range(steps)]


rates = {"too small": 0.01 * limit, "right": 0.5 * limit, "too large": 1.05 * limit}
curves = {name: train(rate) for name, rate in rates.items()}
page.say(f"the loss's curvature is {curvature:.3f}: rates above {limit:.3f} must fail")
for name, curve in curves.items():
    page.say(f"{name:9} rate {rates[name]:.4f}: loss {curve[0]:.4f} to {curve[-1]:.4g}")
small, right, large = (curves[name][-1] for name in rates)
page.claim(
    f"the small step is on its way ({small:.4f}), the right one there ({right:.4f})",
    right < small < curves["too small"][0],
)
page.claim(f"the large step climbs out of the bowl ({large:.3g})", large > curves["too large"][0])

figure, axes = plt.subplots(figsize=(6, 4))
for name, curve in curves.items():
    axes.semilogy(curve, label=f"{name}: {rates[name]:.3f}")
axes.set(xlabel="step", ylabel="mean squared error")
axes.legend()
page.picture(figure)
page.end()
