"""A network that learns the noise, and what heals it.

A few noisy points and many weights: the training error falls on while the error on points that were
not trained on grows. Each cure is measured by that validation loss.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import callbacks, layers, regularizers

page = Page("6. Overfitting, and six cures")

rng = np.random.default_rng(6)


def samples(count):
    x = rng.uniform(-1, 1, (count, 1)).astype("float32")
    return x, (np.sin(3 * x) + rng.normal(0, 0.3, x.shape)).astype("float32")


few, many, held_out = samples(20), samples(400), samples(500)
epochs = 1200 if page.is_small else 2000


def train(data=few, units=128, noise=0.0, rate=0.0, l2=0.0, stops=False):
    swiftnn.set_random_seed(6)
    regularizer = regularizers.L2(l2) if l2 else None
    model = swiftnn.Sequential([swiftnn.Input(shape=(1,))])
    if noise:
        model.add(layers.GaussianNoise(noise))
    for _ in range(2):
        model.add(layers.Dense(units, activation="relu", kernel_regularizer=regularizer))
        if rate:
            model.add(layers.Dropout(rate))
    model.add(layers.Dense(1, kernel_regularizer=regularizer))
    model.compile(optimizer=swiftnn.optimizers.Adam(learning_rate=0.005), loss="mse")
    stop = callbacks.EarlyStopping(monitor="val_loss", patience=60, restore_best_weights=True)
    history = model.fit(
        *data, epochs=epochs, batch_size=20, verbose=0, validation_data=held_out,
        callbacks=[stop] if stops else None,
    )
    predicted = model.predict(held_out[0], verbose=0)
    error = float(np.mean((predicted - held_out[1]) ** 2))
    return error, history.history, model


results = {
    "overfitted": train(),
    "less capacity": train(units=4),
    "more data": train(data=many),
    "noise on the inputs": train(noise=0.15),
    "early stopping": train(stops=True),
    "dropout": train(rate=0.4),
    "L2": train(l2=0.01),
}
bad, history, _ = results["overfitted"]
page.say(f"the noise alone makes an error of {0.3**2:.3f}")
for name, (error, _, _) in results.items():
    page.say(f"{name:20} validation loss {error:.4f}")
page.claim(
    f"the plain network's training loss is {history['loss'][-1]:.4f}, its validation loss "
    f"{bad:.4f}, which had been {min(history['val_loss']):.4f}",
    history["loss"][-1] < 0.5 * bad and min(history["val_loss"]) < 0.9 * bad,
)
for name, (error, _, _) in list(results.items())[1:]:
    page.claim(f"{name}: validation loss {error:.4f} instead of {bad:.4f}", error < 0.9 * bad)

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
left.semilogy(history["loss"], label="training")
left.semilogy(history["val_loss"], label="validation")
left.set(xlabel="epoch", ylabel="mean squared error", title="overfitted")
left.legend()
line = np.linspace(-1, 1, 200, dtype="float32")[:, None]
right.scatter(*few, color="black", s=15, zorder=3)
for name, (error, _, model) in results.items():
    width = 2.5 if name == "overfitted" else 1
    right.plot(line, model.predict(line, verbose=0), linewidth=width, label=f"{name} {error:.3f}")
right.legend(fontsize=7)
page.picture(figure)
page.end()
