"""A deep plain network whose gradients vanish, and what keeps them alive.

Each layer multiplies the gradient by its slopes and weights; twenty factors below one leave nothing
for the first layer. Residual blocks, normalization and a fitting initialization do.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import initializers, layers

page = Page("7. Vanishing gradients")

rng = np.random.default_rng(7)
x = rng.normal(0, 1, (256, 8)).astype("float32")
y = np.sign(x[:, :1] * x[:, 1:2]).astype("float32")
depth, units = 20, 24
epochs = 30 if page.is_small else 100


def build(initializer, is_residual=False, is_normalized=False):
    swiftnn.set_random_seed(7)
    inputs = swiftnn.Input(shape=(8,))
    h = layers.Dense(units, name="start")(inputs)
    for number in range(depth):
        z = layers.BatchNormalization()(h) if is_normalized else h
        z = layers.Activation("tanh")(z)
        z = layers.Dense(units, kernel_initializer=initializer, name=f"dense_{number}")(z)
        h = layers.Add()([h, z]) if is_residual else z
    model = swiftnn.Model(inputs, layers.Dense(1, name="end")(h))
    model.compile(optimizer=swiftnn.optimizers.SGD(learning_rate=0.02, momentum=0.9), loss="mse")
    return model


def measure(**options):
    model = build(**options)
    gradients = model.gradients(x, y)
    norms = [float(np.linalg.norm(gradients[f"dense_{n}/kernel"])) for n in range(depth)]
    history = model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return norms, history.history["loss"]


small = initializers.RandomNormal(stddev=0.05)
results = {
    "plain, small weights": measure(initializer=small),
    "good initialization (Glorot)": measure(initializer="glorot_uniform"),
    "batch normalization": measure(initializer=small, is_normalized=True),
    "residual blocks": measure(initializer=small, is_residual=True),
}
for name, (norms, losses) in results.items():
    page.say(
        f"{name:29} gradient of the first block {norms[0]:.1e}, of the last {norms[-1]:.1e}; "
        f"loss {losses[0]:.3f} to {losses[-1]:.3f}"
    )
plain, plain_losses = results["plain, small weights"]
page.claim(f"in the plain network a gradient of {plain[0]:.0e} is left", plain[0] < 1e-8)
page.claim(f"it does not learn: its loss stays at {plain_losses[-1]:.3f}", plain_losses[-1] > 0.9)
for name, (norms, losses) in list(results.items())[1:]:
    page.claim(f"{name}: {norms[0]:.1e} arrives, loss {losses[-1]:.3f}", norms[0] > 1e-2)
residual = results["residual blocks"][1][-1]
page.claim(f"with residual blocks the same network learns: {residual:.3f}", residual < 0.6)

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
for name, (norms, losses) in results.items():
    left.semilogy(norms, label=name)
    right.plot(losses, label=name)
left.set(xlabel="block", ylabel="norm of the gradient before training")
right.set(xlabel="epoch", ylabel="mean squared error")
left.legend(fontsize=8)
page.picture(figure)
page.end()
