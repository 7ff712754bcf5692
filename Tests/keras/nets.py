"""Networks that either library builds: `api` is the module keras or swiftnn."""

import numpy as np


def block(api, x, units, name):
    """Two Dense layers with batch normalization and a shortcut around them."""
    layers, shortcut = api.layers, x
    x = layers.Dense(units, name=f"{name}_first")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_first_norm")(x)
    x = layers.Activation("relu", name=f"{name}_first_relu")(x)
    x = layers.Dense(units, name=f"{name}_second")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_second_norm")(x)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


def digits(api, units=64):
    """The demo's kind of network."""
    layers = api.layers
    inputs = api.Input(shape=(64,), name="pixels")
    x = layers.Dense(units, use_bias=False, name="stem")(inputs)
    x = layers.BatchNormalization(momentum=0.9, name="stem_norm")(x)
    x = layers.ReLU(name="stem_relu")(x)
    x = block(api, block(api, x, units, "one"), units, "two")
    x = layers.Dropout(0.3, name="drop")(x)
    return api.Model(inputs, layers.Dense(10, activation="softmax", name="digit")(x), name="digits")


def sequential(api):
    """A chain with every kind of layer that fits into one."""
    layers = api.layers
    return api.Sequential(
        [
            api.Input(shape=(4, 3), name="image"),
            layers.Flatten(name="flat"),
            layers.Dense(8, activation="gelu", name="hidden"),
            layers.BatchNormalization(epsilon=0.01, name="norm"),
            layers.ReLU(max_value=2.0, negative_slope=0.125, name="capped"),
            layers.Dropout(0.25, name="drop"),
            layers.Dense(6, use_bias=False, name="wide"),
            layers.Reshape((2, -1), name="pairs"),
            layers.Softmax(axis=1, name="shares"),
            layers.LeakyReLU(negative_slope=0.5, name="leaky"),
        ],
        name="chain",
    )


def branches(api):
    """Two inputs in another order than their layers, a shared layer, two outputs."""
    layers = api.layers
    left, right = api.Input(shape=(5,), name="left"), api.Input(shape=(5,), name="right")
    encoder = layers.Dense(6, activation="tanh", name="encoder")
    a, b = encoder(left), encoder(right)
    x = layers.Concatenate(name="both")([a, b])
    x = layers.BatchNormalization(center=False, name="norm")(layers.Dense(6, name="stem")(x))
    x = layers.Add(name="add")([x, a])
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    amount = layers.Dense(1, name="amount")(x)
    return api.Model([right, left], [amount, kind], name="branches")


def regularized(api):
    """Penalties, constraints, and every layer that acts in training alone."""
    layers, regularizers, constraints = api.layers, api.regularizers, api.constraints
    inputs = api.Input(shape=(2, 3, 2, 4), name="cubes")
    x = layers.SpatialDropout3D(0.25, name="cube")(inputs)
    x = layers.Reshape((2, 6, 4), name="squares")(x)
    x = layers.SpatialDropout2D(0.25, seed=3, name="square")(x)
    x = layers.Reshape((12, 4), name="lines")(x)
    x = layers.SpatialDropout1D(0.25, name="line")(x)
    x = layers.Dropout(0.5, noise_shape=(None, 1, 4), name="mask")(x)
    x = layers.Dense(
        5,
        activation="tanh",
        kernel_regularizer=regularizers.L1L2(l1=0.01, l2=0.02),
        bias_regularizer="l1",
        activity_regularizer=regularizers.L2(0.03),
        kernel_constraint=constraints.MaxNorm(3, axis=[0, 1]),
        bias_constraint="non_neg",
        name="first",
    )(x)
    x = layers.GaussianNoise(0.1, name="noise")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.BatchNormalization(
        gamma_regularizer="l2", beta_constraint=constraints.UnitNorm(axis=0), name="norm"
    )(x)
    x = layers.GaussianDropout(0.1, name="factors")(x)
    x = layers.ActivityRegularization(l1=0.5, name="activity")(x)
    # Without a noise_shape, which Keras 3.15 reads from a file and then cannot save again.
    x = layers.AlphaDropout(0.1, name="alpha")(x)
    x = layers.ReLU(activity_regularizer="l1", name="bent")(x)
    outputs = layers.Dense(
        2,
        kernel_regularizer=regularizers.OrthogonalRegularizer(0.5, mode="columns"),
        kernel_constraint=constraints.MinMaxNorm(0.5, 1.5, rate=0.5, axis=1),
        name="last",
    )(x)
    return api.Model(inputs, outputs, name="regularized")


def shapes(api):
    """Layers that merge, move, repeat and rescale, also with channels first."""
    layers, first = api.layers, {"data_format": "channels_first"}
    image, vector = api.Input(shape=(3, 6, 5), name="image"), api.Input(shape=(4,), name="vector")
    x = layers.Rescaling([0.5, 1.0, 2.0, 0.25, 3.0], offset=0.5, name="rescaled")(image)
    x = layers.ZeroPadding2D(((1, 0), (0, 2)), name="padded", **first)(x)
    x = layers.Cropping2D((1, 0), name="cropped", **first)(x)
    x = layers.UpSampling2D((2, 3), interpolation="bilinear", name="larger", **first)(x)
    x = layers.PReLU(alpha_initializer="ones", shared_axes=[2, 3], name="bent")(x)
    x = layers.Permute((2, 3, 1), name="turned")(x)
    x = layers.Cropping2D(((2, 3), (8, 10)), name="middle")(x)
    x = layers.ELU(0.5, name="elu")(x)
    even = layers.Normalization(
        mean=[0.5, 1.0, -1.0, 0.0], variance=[1.0, 4.0, 0.25, 2.0], name="even"
    )
    y = layers.Dense(3, name="scales")(even(vector))
    x = layers.Maximum(name="most")([x, y])
    x = layers.Multiply(name="times")([x, y])
    flat = layers.Flatten(name="flat", **first)(x)
    rows = layers.RepeatVector(4, name="repeated")(layers.Dense(6, name="few")(flat))
    rows = layers.Cropping1D((1, 0), name="fewer")(layers.ZeroPadding1D((0, 1), name="more")(rows))
    rows = layers.UpSampling1D(2, name="longer")(rows)
    least = layers.Minimum(name="least")([rows, layers.Dense(6, name="wide")(y)])
    other = layers.Average(name="mean")([rows, least])
    cosines = layers.Dot((2, 2), normalize=True, name="cosines")([rows, other])
    difference = layers.Subtract(name="less")([rows, other])
    return api.Model([image, vector], [cosines, difference], name="shapes")


def pooled(api):
    """Every layer that pools, or normalizes each sample."""
    layers = api.layers
    inputs = api.Input(shape=(6, 7, 5, 4), name="cubes")
    x = layers.MaxPooling3D((2, 1, 2), padding="same", name="cube")(inputs)
    x = layers.AveragePooling3D(2, strides=1, name="mean_cube")(x)
    x = layers.GroupNormalization(groups=2, name="groups")(x)
    ends = [
        layers.GlobalMaxPooling3D(name="most_of_cube")(x),
        layers.GlobalAveragePooling3D(name="mean_of_cube")(x),
    ]
    x = layers.Reshape((6, 4, 4), name="squares")(x)
    x = layers.LayerNormalization(epsilon=0.01, center=False, name="rows")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="square")(x)
    x = layers.AveragePooling2D((2, 1), strides=(1, 1), padding="same", name="mean_square")(x)
    whole = layers.GlobalMaxPooling2D(keepdims=True, name="most_of_square")(x)
    ends += [layers.Flatten(name="flat")(whole)]
    ends += [layers.GlobalAveragePooling2D(name="mean_of_square")(x)]
    x = layers.Reshape((6, 4), name="lines")(x)
    x = layers.RMSNormalization(name="roots")(x)
    x = layers.MaxPooling1D(2, strides=1, name="line")(x)
    x = layers.AveragePooling1D(3, strides=2, name="mean_line")(x)
    x = layers.GroupNormalization(groups=-1, scale=False, name="instance")(x)
    ends += [layers.GlobalMaxPooling1D(name="most_of_line")(x)]
    ends += [layers.GlobalAveragePooling1D(name="mean_of_line")(x)]
    x = layers.Concatenate(name="ends")(ends)
    x = layers.UnitNormalization(name="length")(x)
    x = layers.LayerNormalization(name="last_rows")(x)
    return api.Model(inputs, layers.Dense(2, name="last")(x), name="pooled")


ALL = [sequential, branches, digits, regularized, shapes, pooled]


def randomize(model, seed=3):
    """Gives every weight a value that no initializer would; variances stay positive."""
    generator = np.random.default_rng(seed)
    values = [generator.uniform(0.2, 0.9, w.shape) for w in model.get_weights()]
    signs = [1.0 if v.ndim == 1 else generator.choice([-1.0, 1.0], v.shape) for v in values]
    model.set_weights([(v * s).astype(np.float32) for v, s in zip(values, signs)])
    return model


def inputs(model, count=17, seed=5):
    """Random rows for each input of the model; one array where there is one input."""
    generator = np.random.default_rng(seed)
    arrays = [
        generator.normal(size=(count, *tensor.shape[1:])).astype(np.float32)
        for tensor in model.inputs
    ]
    return arrays if len(arrays) > 1 else arrays[0]


def outputs(model, x):
    """The predictions as a list, one array an output."""
    y = model.predict(x, verbose=0)
    return list(y) if isinstance(y, (list, tuple)) else [y]


def assert_same_predictions(one, other, x, tolerance=1e-5):
    """Both models predict the same to `tolerance`, and not a constant."""
    ours, theirs = outputs(one, x), outputs(other, x)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape
        assert np.ptp(b, axis=0).max() > 1e-4
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
