"""SGD, momentum, RMSprop and Adam on one valley.

One weight matters a hundred times as much as the other: a long valley with steep walls. Plain steps
small enough for the walls crawl along its floor.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers, optimizers

page = Page("9. Four ways down one valley")

rng = np.random.default_rng(9)
x = rng.normal(0, 1, (200, 2)).astype("float32") * np.array([1.0, 10.0], "float32")
lowest = np.array([3.0, 0.5])
y = (x @ lowest[:, None]).astype("float32")
steps = 150
start = np.array([-3.0, -0.5], "float32")[:, None]


def walk(optimizer):
    model = swiftnn.Sequential([swiftnn.Input(shape=(2,)), layers.Dense(1, use_bias=False)])
    model.compile(optimizer=optimizer, loss="mse")
    model.set_weights([start])
    path = [start[:, 0]]
    for _ in range(steps):
        model.train_on_batch(x, y)
        path.append(model.get_weights()[0][:, 0])
    return np.array(path)


paths = {
    "SGD": walk(optimizers.SGD(learning_rate=0.005)),
    "momentum": walk(optimizers.SGD(learning_rate=0.005, momentum=0.9)),
    "RMSprop": walk(optimizers.RMSprop(learning_rate=0.05)),
    "Adam": walk(optimizers.Adam(learning_rate=0.1)),
}
distances = {name: np.linalg.norm(path - lowest, axis=1) for name, path in paths.items()}
for name, distance in distances.items():
    page.say(f"{name:9} {distance[-1]:.4f} from the lowest point after {steps} steps")
sgd = distances["SGD"][-1]
for name in ("momentum", "RMSprop", "Adam"):
    page.claim(
        f"{name} ends {distances[name][-1]:.4f} from the lowest point, plain SGD {sgd:.4f}",
        distances[name][-1] < 0.5 * sgd,
    )

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
first, second = np.meshgrid(np.linspace(-4, 5, 80), np.linspace(-1.5, 1.8, 80))
loss = (first - lowest[0]) ** 2 + 100 * (second - lowest[1]) ** 2
left.contour(first, second, np.log(loss + 0.1), 20, cmap="Greys")
for name, path in paths.items():
    left.plot(*path.T, ".-", markersize=3, linewidth=1, label=name)
    right.semilogy(distances[name], label=name)
left.plot(*lowest, "k*")
left.set(xlabel="first weight", ylabel="second weight", ylim=(-1.5, 1.8))
left.legend()
right.set(xlabel="step", ylabel="distance to the lowest point")
page.picture(figure)
page.end()
