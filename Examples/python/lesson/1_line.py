"""A line, found by a formula and by going downhill.

The mean squared error of a line is a bowl: where both derivatives are zero there is one lowest
point, and it can be written down. Gradient descent walks to the same point.
"""

import matplotlib.pyplot as plt
import numpy as np
import swiftnn
from lesson import Page
from swiftnn import layers
from swiftnn.linalg import LinearRegression

page = Page("1. A line: the formula and the walk downhill")

rng = np.random.default_rng(1)
x = rng.uniform(-1, 1, (60, 1))
y = 2 * x + 0.5 + rng.normal(0, 0.2, (60, 1))

# The derivatives set to zero: the slope is covariance over variance.
slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
offset = y.mean() - slope * x.mean()

exact = LinearRegression().fit(x, y)
exact_slope, exact_offset = float(np.ravel(exact.coef_)[0]), float(np.ravel(exact.intercept_)[0])

model = swiftnn.Sequential([swiftnn.Input(shape=(1,)), layers.Dense(1)])
model.compile(optimizer=swiftnn.optimizers.SGD(learning_rate=0.3), loss="mean_squared_error")
steps = 200
losses = [model.train_on_batch(x.astype("float32"), y.astype("float32")) for _ in range(steps)]
kernel, bias = model.get_weights()
walked_slope, walked_offset = float(kernel[0, 0]), float(bias[0])

page.say(f"by hand            y = {slope:.6f} x + {offset:.6f}")
page.say(f"LinearRegression   y = {exact_slope:.6f} x + {exact_offset:.6f}")
page.say(f"{steps} steps downhill y = {walked_slope:.6f} x + {walked_offset:.6f}")
by_hand = max(abs(slope - exact_slope), abs(offset - exact_offset))
by_walk = max(abs(walked_slope - exact_slope), abs(walked_offset - exact_offset))
page.claim(f"the formula by hand and the library's fit differ by {by_hand:.1e}", by_hand < 1e-12)
page.claim(f"gradient descent ends {by_walk:.1e} from the exact line", by_walk < 1e-5)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
ends = np.array([-1, 1])
left.scatter(x, y, s=12, color="gray")
left.plot(ends, exact_slope * ends + exact_offset, label="exact", linewidth=4, alpha=0.4)
left.plot(ends, walked_slope * ends + walked_offset, label="gradient descent", linestyle="--")
left.legend()
right.semilogy(np.array(losses) - losses[-1] + 1e-9)
right.set(xlabel="step", ylabel="mean squared error above its lowest")
page.picture(figure)
page.end()
