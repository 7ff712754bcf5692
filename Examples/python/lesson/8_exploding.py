"""Large initial weights: the gradient explodes, and clipping holds it.

The factors of the chain rule are above one now. One step with such a gradient throws the weights
away; limited to a norm, its direction is still of use.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import initializers, layers

page = Page("8. Exploding gradients")

rng = np.random.default_rng(8)
x = rng.normal(0, 1, (256, 8)).astype("float32")
y = np.tanh(x[:, :1] - x[:, 1:2]).astype("float32")
depth, units = 8, 24
steps = 300 if page.is_small else 2000


def train(**options):
    swiftnn.set_random_seed(8)
    large = initializers.RandomNormal(stddev=0.5)
    model = swiftnn.Sequential([swiftnn.Input(shape=(8,))])
    for number in range(depth):
        model.add(
            layers.Dense(units, activation="relu", kernel_initializer=large, name=f"dense_{number}")
        )
    model.add(layers.Dense(1, kernel_initializer=large))
    model.compile(optimizer=swiftnn.optimizers.SGD(learning_rate=2e-3, **options), loss="mse")
    norms = [np.linalg.norm(gradient) for gradient in model.gradients(x, y).values()]
    losses = []
    try:
        for _ in range(steps):
            losses.append(model.train_on_batch(x, y))
    except swiftnn.errors.NumericError as error:
        return losses, float(np.linalg.norm(norms)), str(error)
    return losses, float(np.linalg.norm(norms)), ""


plain, norm, message = train()
clipped, _, _ = train(global_clipnorm=1.0)
page.say(f"the gradient's norm at the start is {norm:.2e}")
page.say(f"without clipping, step {len(plain)}: {message}")
page.claim(
    f"without clipping the loss goes from {plain[0]:.2e} to {plain[-1]:.2e} and past every float "
    f"after {len(plain)} steps",
    bool(message),
)
page.claim(
    f"with the norm clipped to 1 it goes from {clipped[0]:.2e} to {clipped[-1]:.2e}",
    not np.isnan(clipped[-1]) and clipped[-1] < 0.1 * clipped[0],
)

figure, axes = plt.subplots(figsize=(6, 4))
axes.semilogy(plain, "o-", label="plain")
axes.semilogy(clipped, label="global_clipnorm=1")
axes.set(xlabel="step", ylabel="mean squared error")
axes.legend()
page.picture(figure)
page.end()
