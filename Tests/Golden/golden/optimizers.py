"""`optimizers.json`: parameters after 1, 2 and 20 steps along given gradients."""

import keras
import numpy as np

from .text import array, document
from .values import Values

STEPS = 20
SHOWN = (1, 2, 10, 20)
SHAPES = ([3, 4], [5])

CONFIGURATIONS = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.5}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    # Keras takes no nesterov step without momentum.
    ("SGD", {"learning_rate": 0.1, "momentum": 0.0, "nesterov": True}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.02, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.01}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.5, "amsgrad": True}),
    ("Adam", {"learning_rate": 0.1, "beta_1": 0.0, "beta_2": 0.9}),
    # The gradients' norms are about 3 and 2 at first and shrink, so that limits cease to matter.
    ("SGD", {"learning_rate": 0.1, "clipnorm": 1.0}),
    ("SGD", {"learning_rate": 0.1, "clipnorm": 100.0}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 1.5}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.25}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.5}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.1, "clipnorm": 0.5}),
    (
        "SGD",
        {
            "learning_rate": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 0.1,
            "global_clipnorm": 0.5,
        },
    ),
    # Keras takes a limit of 0 for none.
    ("SGD", {"learning_rate": 0.1, "clipnorm": 0.0}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.0}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.0}),
    ("Adam", {"learning_rate": 0.02, "clipnorm": 0.75}),
    ("Adam", {"learning_rate": 0.02, "global_clipnorm": 0.75, "weight_decay": 0.1}),
    ("Adam", {"learning_rate": 0.02, "clipvalue": 0.125, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.25, "amsgrad": True, "clipnorm": 0.5}),
]

CLASSES = ("SGD", "Adam", "AdamW")


def gradients(name):
    """Large at first and small later, so that amsgrad's maximum stays; one is always zero."""
    v = Values(name)
    for step in range(STEPS):
        both = [v.uniform(*shape).astype(np.float32) / 2 ** (step // 2) for shape in SHAPES]
        both[1][0] = 0
        yield both


def case(class_name, config):
    name = " ".join([class_name, *(f"{k} {v}" for k, v in config.items())])
    v = Values(name)
    start = [v.uniform(*shape).astype(np.float32) for shape in SHAPES]
    variables = [keras.Variable(value, dtype="float32") for value in start]
    optimizer = getattr(keras.optimizers, class_name)(**config)
    sequence = list(gradients(name))
    shown = {}
    for step, gradient in enumerate(sequence, 1):
        optimizer.apply(gradient, variables)
        if step in SHOWN:
            shown[str(step)] = [array(variable.value) for variable in variables]
    return {
        "name": name,
        "class_name": class_name,
        "config": config,
        "parameters": [array(value) for value in start],
        "gradients": [[array(g) for g in gradient] for gradient in sequence],
        "after": shown,
    }


def defaults():
    """What `get_config` says of an optimizer made without arguments."""
    from .text import number

    result = {}
    for class_name in CLASSES:
        config = getattr(keras.optimizers, class_name)().get_config()
        result[class_name] = {
            key: number(value) if isinstance(value, float) else value
            for key, value in config.items()
        }
    return result


def make():
    return document(
        defaults=defaults(), cases=[case(name, config) for name, config in CONFIGURATIONS]
    )
