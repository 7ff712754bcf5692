"""The chain rule, layer by layer.

A weight of the first layer changes the loss through every layer behind it: its gradient is the
product of their slopes. Each is compared with what nudging that weight does.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers

page = Page("5. The chain rule, layer by layer")

rng = np.random.default_rng(5)
x = rng.normal(0, 1, (32, 4)).astype("float32")
y = rng.normal(0, 1, (32, 2)).astype("float32")
model = swiftnn.Sequential(
    [
        swiftnn.Input(shape=(4,)),
        layers.Dense(6, activation="tanh", name="first"),
        layers.Dense(5, activation="sigmoid", name="second"),
        layers.Dense(2, name="third"),
    ]
)
model.compile(optimizer="sgd", loss="mse")
gradients = model.gradients(x, y)

# The same by hand, from the last layer to the first.
w1, b1, w2, b2, w3, b3 = (weight.astype("float64") for weight in model.get_weights())
a1 = np.tanh(x @ w1 + b1)
a2 = 1 / (1 + np.exp(-(a1 @ w2 + b2)))
d3 = 2 * (a2 @ w3 + b3 - y) / y.size
d2 = (d3 @ w3.T) * a2 * (1 - a2)
d1 = (d2 @ w2.T) * (1 - a1**2)
by_hand = {"first": x.T @ d1, "second": a1.T @ d2, "third": a2.T @ d3}


def nudged(index, place, size=1e-2):
    """The slope of the loss with respect to one weight, by changing it."""
    losses = []
    for change in (size, -size):
        weights = [weight.copy() for weight in kept]
        weights[index][place] += change
        model.set_weights(weights)
        losses.append(model.test_on_batch(x, y))
    return (losses[0] - losses[1]) / (2 * size)


kept = model.get_weights()
figure, axes = plt.subplots(figsize=(5, 5))
for number, (name, expected) in enumerate(by_hand.items()):
    gradient = gradients[f"{name}/kernel"]
    error = np.abs(gradient - expected).max() / np.abs(expected).max()
    words = f"layer {name}: the backward pass is {error:.1e} from the rule by hand"
    page.claim(words, error < 1e-5)
    places = [(row, 0) for row in range(expected.shape[0])]
    slopes = [nudged(2 * number, place) for place in places]
    found = [gradient[place] for place in places]
    error = max(abs(a - b) for a, b in zip(slopes, found)) / np.abs(expected).max()
    page.claim(f"layer {name}: nudging its weights says the same within {error:.1e}", error < 1e-2)
    axes.scatter(slopes, found, label=name)
limits = axes.get_xlim()
axes.plot(limits, limits, color="gray", linewidth=1, zorder=0)
axes.set(xlabel="slope by nudging the weight", ylabel="gradient by the chain rule")
axes.legend()
page.picture(figure)
page.end()
