"""`layers.json`: outputs, gradients and moving statistics of single layers.

Computed in float64 and rounded once, but for BatchNormalization and tanh, inside which Keras
casts to float32. Gradients are those of sum(outputs * cotangents).
"""

import jax
import jax.numpy as jnp
import keras

from .activations import names as activation_names
from .text import array, document
from .values import Values


def case(name, class_name, config, *shapes, training=False, scale=1.0):
    """Runs one layer on inputs of `shapes`; `config` is what its constructor takes."""
    values = Values(name)
    layer = getattr(keras.layers, class_name)(**config, dtype="float64")
    inputs = [jnp.asarray(values.uniform(*shape) * scale) for shape in shapes]
    argument = inputs if len(inputs) > 1 else inputs[0]
    layer.build([i.shape for i in inputs] if len(inputs) > 1 else inputs[0].shape)
    # Dropout's seed is a variable to Keras, but none of the layer's weights.
    for variable in layer.weights:
        low = 0.25 if variable.name in ("moving_variance", "gamma") else -1.5
        variable.assign(values.uniform(*variable.shape, low=low))
    trainable = [v.value for v in layer.trainable_variables]
    others = [v.value for v in layer.non_trainable_variables]
    takes_training = class_name in ("BatchNormalization", "Dropout")
    keywords = {"training": training} if takes_training else {}

    def run(trainable, argument):
        return layer.stateless_call(trainable, others, argument, **keywords)

    output, pull, after = jax.vjp(run, trainable, argument, has_aux=True)
    cotangent = values.uniform(*output.shape)
    d_weights, d_inputs = pull(jnp.asarray(cotangent, output.dtype))
    weights = [
        {"name": v.name, "trainable": True, "value": array(v.value), "gradient": array(g)}
        for v, g in zip(layer.trainable_variables, d_weights)
    ] + [
        {"name": v.name, "trainable": False, "value": array(v.value), "after": array(new)}
        for v, new in zip(layer.non_trainable_variables, after)
        if any(v is weight for weight in layer.weights)
    ]
    return {
        "name": name,
        "class_name": class_name,
        "config": config,
        "training": training,
        "inputs": [array(i) for i in inputs],
        "weights": weights,
        "outputs": [array(output)],
        "cotangents": [array(cotangent)],
        "input_gradients": [array(g) for g in (d_inputs if len(inputs) > 1 else [d_inputs])],
    }


def dense():
    # `threshold` cannot be named alone: it needs arguments.
    for activation in [n for n in activation_names() if n != "threshold"]:
        config = {"units": 4, "activation": activation}
        yield case(f"Dense {activation}", "Dense", config, [3, 5])
    yield case("Dense without bias", "Dense", {"units": 3, "use_bias": False}, [4, 2])
    yield case("Dense of one unit", "Dense", {"units": 1}, [5, 7])
    yield case("Dense on one row", "Dense", {"units": 19}, [1, 33])
    yield case("Dense rank 3", "Dense", {"units": 4, "activation": "tanh"}, [2, 3, 5])
    yield case("Dense rank 4 softmax", "Dense", {"units": 3, "activation": "softmax"}, [2, 2, 2, 3])


def batch_normalization():
    variants = {
        "": {},
        " fast": {"momentum": 0.5, "epsilon": 0.125},
        " without center": {"center": False},
        " without scale": {"scale": False},
        " bare": {"center": False, "scale": False, "momentum": 0.9},
    }
    for training in (True, False):
        mode = "training" if training else "inference"
        for variant, config in variants.items():
            name = f"BatchNormalization{variant} {mode}"
            yield case(name, "BatchNormalization", config, [6, 4], training=training)
        for shape, axis in (([3, 5, 2], -1), ([2, 3, 3, 4], -1), ([4, 3, 5], 1)):
            name = f"BatchNormalization rank {len(shape)} axis {axis} {mode}"
            yield case(name, "BatchNormalization", {"axis": axis}, shape, training=training)
        frozen = {"trainable": False}
        name = f"BatchNormalization frozen {mode}"
        yield case(name, "BatchNormalization", frozen, [6, 4], training=training)
    yield case("BatchNormalization one row", "BatchNormalization", {}, [1, 4], training=True)


def elementwise():
    for activation in ("relu", "linear", "softmax", "glu", "selu"):
        yield case(f"Activation {activation}", "Activation", {"activation": activation}, [2, 3, 4])
    for config in ({}, {"max_value": 1.0}, {"negative_slope": 0.1}, {"threshold": 0.5},
                   {"max_value": 1.25, "negative_slope": 0.2, "threshold": 0.25}):
        name = "ReLU " + " ".join(f"{k} {v}" for k, v in config.items())
        yield case(name.strip(), "ReLU", config, [4, 7])
    yield case("LeakyReLU", "LeakyReLU", {}, [3, 5])
    yield case("LeakyReLU 0.05", "LeakyReLU", {"negative_slope": 0.05}, [3, 5])
    for axis in (-1, 1, 2, [1, 2]):
        yield case(f"Softmax axis {axis}", "Softmax", {"axis": axis}, [2, 3, 4], scale=3.0)
    yield case("Dropout inference", "Dropout", {"rate": 0.5}, [3, 4])
    yield case("Dropout rate 0 training", "Dropout", {"rate": 0.0}, [3, 4], training=True)


def shapes():
    yield case("Add two", "Add", {}, [3, 4], [3, 4])
    yield case("Add three", "Add", {}, [2, 3, 2], [2, 3, 2], [2, 3, 2])
    yield case("Add broadcast", "Add", {}, [2, 3, 4], [2, 1, 4])
    yield case("Add broadcast ranks", "Add", {}, [2, 3, 4], [2, 4])
    yield case("Concatenate", "Concatenate", {}, [2, 3], [2, 1], [2, 2])
    yield case("Concatenate axis 1", "Concatenate", {"axis": 1}, [2, 3, 2], [2, 1, 2])
    yield case("Concatenate axis -2", "Concatenate", {"axis": -2}, [2, 3, 2], [2, 2, 2])
    yield case("Flatten", "Flatten", {}, [2, 3, 4])
    yield case("Flatten rank 2", "Flatten", {}, [2, 3])
    yield case("Flatten rank 1", "Flatten", {}, [3])
    yield case("Flatten channels first", "Flatten", {"data_format": "channels_first"}, [2, 3, 2, 2])
    yield case("Reshape -1", "Reshape", {"target_shape": [-1]}, [2, 3, 4])
    yield case("Reshape 2 -1 2", "Reshape", {"target_shape": [2, -1, 2]}, [2, 12])
    yield case("Reshape 4 3", "Reshape", {"target_shape": [4, 3]}, [2, 3, 4])


def make():
    return document(
        cases=[*dense(), *batch_normalization(), *elementwise(), *shapes()],
    )
