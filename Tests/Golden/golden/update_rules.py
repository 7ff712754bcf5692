"""`update_rules.json`: parameters along given gradients, for Keras's optimizers and what they share."""

import keras
import numpy as np

from .text import array, document, number
from .values import Values

STEPS = 20
SHOWN = (1, 2, 3, 10, 20)
PAIR = ([3, 4], [4])

# What goes around an update, in several combinations.
COMMON = [
    {},
    {"clipnorm": 0.5, "weight_decay": 0.1},
    {"global_clipnorm": 0.75, "gradient_accumulation_steps": 3},
    {"clipvalue": 0.25, "use_ema": True, "ema_momentum": 0.75},
    {"weight_decay": 0.25, "exclude_from_weight_decay": ["bias"]},
    {
        "use_ema": True,
        "ema_momentum": 0.5,
        "ema_overwrite_frequency": 4,
        "gradient_accumulation_steps": 2,
    },
]

OWN = {
    "SGD": [{"learning_rate": 0.1, "momentum": 0.9}],
    "Adam": [{"learning_rate": 0.05}],
    "RMSprop": [
        {},
        {"learning_rate": 0.05, "rho": 0.5, "momentum": 0.5},
        {"learning_rate": 0.02, "centered": True, "epsilon": 0.01},
        {"learning_rate": 0.02, "centered": True, "momentum": 0.75, "rho": 0.75, "epsilon": 0.001},
    ],
    "Adagrad": [
        {},
        {"learning_rate": 0.5, "initial_accumulator_value": 0.0, "epsilon": 0.001},
        {"learning_rate": 0.1, "initial_accumulator_value": 1.5},
    ],
    "Adadelta": [{}, {"learning_rate": 1.0, "rho": 0.5, "epsilon": 0.01}],
    "Adamax": [{}, {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.01}],
    "Nadam": [{}, {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.01}],
    "Lion": [{}, {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.75}],
    "Ftrl": [
        {},
        {"learning_rate": 0.5, "l1_regularization_strength": 0.1, "beta": 0.5},
        {
            "learning_rate": 0.25,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "initial_accumulator_value": 0.5,
        },
        {"learning_rate": 0.25, "learning_rate_power": -0.75},
        {"learning_rate": 0.25, "learning_rate_power": 0.0},
    ],
    "Adafactor": [
        {},
        {"learning_rate": 0.5, "relative_step": False, "clip_threshold": 0.5},
        {"learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_1": 0.001, "epsilon_2": 0.1},
    ],
    "Muon": [
        {},
        {"learning_rate": 0.05, "nesterov": False, "momentum": 0.5, "ns_steps": 3},
        {"learning_rate": 0.05, "rms_rate": None, "adam_lr_ratio": 0.5, "weight_decay": None},
        {
            "learning_rate": 0.05,
            "adam_beta_1": 0.5,
            "adam_beta_2": 0.75,
            "adam_weight_decay": 0.1,
            "epsilon": 0.01,
        },
        {"learning_rate": 0.05, "exclude_layers": ["kernel"]},
    ],
}

# Shapes that take another way: tall matrices, stacks of matrices.
SHAPES = [
    ("Muon", {"learning_rate": 0.05}, ([6, 2], [5], [2, 3])),
    ("Adafactor", {"learning_rate": 0.5}, ([6, 2], [5], [2, 3])),
    ("Adafactor", {"learning_rate": 0.5}, ([2, 3, 4],)),
    ("Muon", {"learning_rate": 0.05}, ([2, 3, 4],)),
]


def configurations():
    for class_name, rows in OWN.items():
        for own in rows:
            yield class_name, own, PAIR
        last = rows[1 if len(rows) > 1 else 0]
        for common in COMMON:
            yield class_name, {**last, **common}, PAIR
    yield from SHAPES


def gradients(shapes):
    """The same for all cases of these shapes: large at first and small later."""
    values = Values(f"gradients {shapes}")
    for step in range(STEPS):
        yield [values.uniform(*s).astype(np.float32) / 2 ** (step // 4) for s in shapes]


def case(class_name, config, shapes):
    name = " ".join([class_name, *(f"{k} {v}" for k, v in config.items()), str(list(shapes))])
    v = Values(name)
    start = [v.uniform(*shape).astype(np.float32) for shape in shapes]
    names = ["kernel" if len(shape) > 1 else "bias" for shape in shapes]
    variables = [
        keras.Variable(value, dtype="float32", name=own) for value, own in zip(start, names)
    ]
    arguments = dict(config)
    excluded = arguments.pop("exclude_from_weight_decay", None)
    optimizer = getattr(keras.optimizers, class_name)(**arguments)
    if excluded:
        optimizer.exclude_from_weight_decay(var_names=excluded)
    shown = {}
    for step, gradient in enumerate(gradients(shapes), 1):
        optimizer.apply(gradient, variables)
        if step in SHOWN:
            shown[str(step)] = [array(variable.value) for variable in variables]
    result = {
        "name": name,
        "class_name": class_name,
        "config": config,
        "parameters": [array(value) for value in start],
        "shapes": str(list(shapes)),
        "after": shown,
    }
    if config.get("use_ema"):
        optimizer.finalize_variable_values(variables)
        result["averages"] = [array(variable.value) for variable in variables]
    return result


def defaults():
    """What `get_config` says of an optimizer made without arguments."""
    result = {}
    for class_name in OWN:
        config = getattr(keras.optimizers, class_name)().get_config()
        result[class_name] = {
            key: number(value) if isinstance(value, float) else value
            for key, value in config.items()
        }
    return result


def make():
    rows = list(configurations())
    return document(
        defaults=defaults(),
        gradients={
            str(list(shapes)): [[array(g) for g in gradient] for gradient in gradients(shapes)]
            for _, _, shapes in rows
        },
        cases=[case(*row) for row in rows],
    )
