"""A small change of one weight, to see where the loss goes.

How much the loss changes, over how much the weight was changed, is the slope. The gradient is that
number for every weight at once, from one pass backward.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers

page = Page("2. A small change of one weight")

rng = np.random.default_rng(2)
x = rng.uniform(-1, 1, (100, 1)).astype("float32")
y = np.sin(3 * x)
model = swiftnn.Sequential(
    [swiftnn.Input(shape=(1,)), layers.Dense(8, activation="tanh"), layers.Dense(1)]
)
model.compile(optimizer="sgd", loss="mean_squared_error")
weights = model.get_weights()


def loss_with(change):
    """The loss when the first hidden unit's weight is changed."""
    changed = [weight.copy() for weight in weights]
    changed[0][0, 0] += change
    model.set_weights(changed)
    return model.test_on_batch(x, y)


size = 0.01
here = loss_with(0.0)
nudged = (loss_with(size) - loss_with(-size)) / (2 * size)
model.set_weights(weights)
gradients = model.gradients(x, y)
slope = float(next(iter(gradients.values()))[0, 0])
page.say(f"the loss is {here:.6f}; {size} more of one weight makes it {loss_with(size):.6f}")
page.say(f"the slope by nudging is {nudged:.6f}, the gradient says {slope:.6f}")
page.claim(
    f"the two agree to {abs(nudged - slope) / abs(slope):.1e} of their size",
    abs(nudged - slope) < 0.01 * abs(slope),
)
step = -np.sign(slope) * 0.1
page.claim(
    f"a step of 0.1 against the slope brings the loss from {here:.6f} to {loss_with(step):.6f}",
    loss_with(step) < here,
)

changes = np.linspace(-2, 2, 21 if page.is_small else 101)
figure, axes = plt.subplots(figsize=(6, 4))
axes.plot(changes, [loss_with(change) for change in changes], label="loss")
axes.plot(changes / 2, here + slope * changes / 2, "--", label="its slope here, from the gradient")
axes.plot(0, here, "o")
axes.set(xlabel="change of one weight", ylabel="mean squared error")
axes.legend()
page.picture(figure)
page.end()
