"""A curve that no line fits, and one hidden layer does.

Without an activation two layers are one: a line. With any function around the hidden units the
network bends.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers

page = Page("4. A curve, a line, and one hidden layer")

x = np.linspace(-1, 1, 128, dtype="float32")[:, None]
y = (np.cos(2.5 * x) + 0.3 * np.sin(5 * x)).astype("float32")
epochs = 400 if page.is_small else 1500


def train(activation):
    swiftnn.set_random_seed(4)
    model = swiftnn.Sequential(
        [swiftnn.Input(shape=(1,)), layers.Dense(24, activation=activation), layers.Dense(1)]
    )
    model.compile(optimizer=swiftnn.optimizers.Adam(learning_rate=0.01), loss="mse")
    history = model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return history.history["loss"], model.predict(x, verbose=0)


results = {name: train(name) for name in ("linear", "square", "sin", "relu")}
for name, (losses, _) in results.items():
    page.say(f"{name:7} hidden units: mean squared error {losses[-1]:.5f}")
line = results["linear"][0][-1]
best_line = float(np.mean((y - np.polyval(np.polyfit(x[:, 0], y[:, 0], 1), x)) ** 2))
page.claim(
    f"two layers without an activation are no better than the best line ({best_line:.5f})",
    line > 0.98 * best_line,
)
for name, share in (("square", 0.5), ("sin", 0.05), ("relu", 0.05)):
    loss = results[name][0][-1]
    page.claim(f"{name} reaches {loss / line:.4f} of the line's error", loss < share * line)

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
left.plot(x, y, color="black", linewidth=3, alpha=0.3, label="the curve")
for name, (losses, predicted) in results.items():
    left.plot(x, predicted, label=name)
    right.semilogy(losses, label=name)
left.legend()
right.set(xlabel="epoch", ylabel="mean squared error")
page.picture(figure)
page.end()
